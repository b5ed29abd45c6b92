variable "disks" {
  default = {
    "/dev/sdb" = { size = 50, type = "gp2" }
    "/dev/sdc" = { size = 100, type = "st1" }
  }
}
variable "cost" {
  default = ["CostCentre", "Owner"]
}
source "amazon-ebs" "data" {
  ami_name      = "data-{{timestamp}}"
  instance_type = "r5.large"
  region        = "us-east-1"
  source_ami    = "ami-0123456789abcdef0"
  ssh_username  = "ec2-user"

  dynamic "launch_block_device_mappings" {
    for_each = var.disks
    content {
      device_name = launch_block_device_mappings.key
      volume_size = launch_block_device_mappings.value.size
      volume_type = launch_block_device_mappings.value.type
    }
  }
  dynamic "tag" {
    for_each = var.cost
    iterator = each
    content {
      key   = each.value
      value = lower(each.value)
    }
  }
}
build {
  sources = ["amazon-ebs.data"]
  provisioner "shell" {
    inline = [for name, disk in var.disks : "sudo mkfs.ext4 -q ${name} # ${disk.size} GB"]
  }
}
