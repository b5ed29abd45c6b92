variable "region" {
  type    = string
  default = "eu-central-1"
}
variable "release" {
  type        = string
  default     = "22.04"
  description = "The release of Ubuntu to begin with"
}
variable "extra_packages" {
  type    = list(string)
  default = ["htop", "jq", "unzip"]
}
variable "tags" {
  type = map(string)
  default = {
    Team  = "platform"
    Stage = "build"
  }
}

locals {
  build_time = formatdate("YYYYMMDD-hhmm", "2026-01-02T03:04:05Z")
  image_name = "ubuntu-${replace(var.release, ".", "-")}-base-${local.build_time}"
  all_tags   = merge(var.tags, { Name = local.image_name, Release = var.release })
}

source "amazon-ebs" "ubuntu" {
  ami_name                    = local.image_name
  ami_description             = "Ubuntu ${var.release} with the usual packages"
  instance_type               = "t3.small"
  region                      = var.region
  associate_public_ip_address = true
  ssh_username                = "ubuntu"
  ssh_timeout                 = "15m"

  source_ami_filter {
    filters = {
      name                = "ubuntu/images/hvm-ssd/ubuntu-*-${var.release}-amd64-server-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
    owners      = ["099720109477"]
    most_recent = true
  }

  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_size           = 20
    volume_type           = "gp2"
    delete_on_termination = true
  }

  run_tags = { Name = "packer: ${local.image_name}" }
  tags     = local.all_tags
}

build {
  sources = ["source.amazon-ebs.ubuntu"]

  provisioner "shell" {
    environment_vars = ["DEBIAN_FRONTEND=noninteractive", "PACKAGES=${join(" ", var.extra_packages)}"]
    execute_command  = "chmod +x {{ .Path }}; sudo -S env {{ .Vars }} {{ .Path }}"
    scripts          = ["scripts/base.sh", "scripts/clean.sh"]
  }

  post-processor "manifest" {
    output     = "ubuntu-manifest.json"
    strip_path = true
  }
}
