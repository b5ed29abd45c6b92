source "amazon-ebs" "web" {
  ami_name      = "web-${source.name}-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  source_ami    = "ami-0123456789abcdef0"
  ssh_username  = "admin"
}
source "amazon-ebs" "worker" {
  ami_name      = "worker-{{timestamp}}"
  instance_type = "c5.large"
  region        = "us-east-1"
  source_ami    = "ami-0123456789abcdef0"
  ssh_username  = "admin"
}
source "null" "check" {
  communicator = "none"
}
build {
  name    = "fleet"
  sources = ["source.amazon-ebs.web", "source.amazon-ebs.worker"]
  provisioner "shell" {
    name     = "packages"
    inline   = ["sudo apt-get install -y nginx"]
    override = { worker = { inline = ["sudo apt-get install -y redis-server"] } }
  }
  provisioner "shell" {
    only   = ["amazon-ebs.web"]
    inline = ["sudo systemctl enable nginx"]
  }
  provisioner "shell" {
    except       = ["amazon-ebs.web"]
    inline       = ["sudo systemctl enable redis-server"]
    pause_before = "10s"
    max_retries  = 3
  }
  post-processor "manifest" {}
}
build {
  sources = ["source.null.check"]
  provisioner "shell-local" {
    command = "true"
  }
}
