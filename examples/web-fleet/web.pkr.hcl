# The golden image: Debian with nginx and the site, baked once and never edited.
packer {
  required_plugins {
    amazon = {
      version = ">= 1.3.0"
      source  = "github.com/hashicorp/amazon"
    }
  }
}

variable "app_version" {
  type        = string
  default     = "1"
  description = "What the image's Version tag says."
}

source "amazon-ebs" "web" {
  ami_name      = "web-fleet-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  ssh_username  = "admin"

  source_ami_filter {
    filters = {
      name                = "debian-12-amd64-*"
      virtualization-type = "hvm"
      root-device-type    = "ebs"
    }
    owners      = ["136693071363"] # Debian's own account
    most_recent = true
  }

  tags = {
    Name    = "web-fleet"
    Version = var.app_version
  }
}

build {
  sources = ["source.amazon-ebs.web"]

  provisioner "shell" {
    environment_vars = ["DEBIAN_FRONTEND=noninteractive"]
    inline = [
      "sudo apt-get -q update",
      "sudo -E apt-get -qy install --no-install-recommends nginx-light",
      "sudo systemctl enable nginx",
      "mkdir /tmp/site",
    ]
  }

  provisioner "file" {
    source      = "site/"
    destination = "/tmp/site"
  }

  provisioner "shell" {
    inline = ["sudo cp -r /tmp/site/. /var/www/html/"]
  }
}
