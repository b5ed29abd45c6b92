variable "accounts" {
  type    = list(string)
  default = ["111122223333", "444455556666"]
}
variable "regions" {
  type    = set(string)
  default = ["us-east-1", "us-west-2", "eu-west-1"]
}
locals {
  home   = "us-east-1"
  others = [for region in var.regions : region if region != local.home]
  keys   = { for region in var.regions : region => "alias/images-${region}" }
}
source "amazon-ebs" "shared" {
  ami_name           = "shared-{{isotime \"2006-01-02\"}}-{{timestamp}}"
  ami_users          = var.accounts
  ami_regions        = local.others
  encrypt_boot       = true
  kms_key_id         = local.keys[local.home]
  region_kms_key_ids = { for region in local.others : region => local.keys[region] }
  instance_type      = "m5.large"
  region             = local.home
  source_ami         = "ami-0123456789abcdef0"
  ssh_username       = "ec2-user"
  snapshot_users     = var.accounts
  snapshot_tags      = { From = "{{ .SourceAMI }}", Home = "{{ .BuildRegion }}" }
  tags               = { Base = "{{ .SourceAMIName }}" }
}
build {
  name        = "shared"
  description = <<-TEXT
    An image for all accounts,
    in all regions.
  TEXT
  sources     = ["source.amazon-ebs.shared"]
  provisioner "shell" {
    inline = ["echo building in ${local.home}", "sudo yum -y update"]
  }
}
