source "amazon-ebs" "spot" {
  ami_name            = "spot-{{timestamp}}"
  region              = "us-east-1"
  source_ami          = "ami-0123456789abcdef0"
  spot_price          = "auto"
  spot_instance_types = ["t3.medium", "t3a.medium", "m5.large"]
  spot_tags           = { Name = "packer" }
  ssh_username        = "ec2-user"
  ssh_pty             = true
}
build {
  sources = ["source.amazon-ebs.spot"]
  provisioner "shell" {
    inline            = ["sudo reboot"]
    expect_disconnect = true
  }
  provisioner "shell" {
    inline              = ["uptime"]
    pause_before        = "30s"
    start_retry_timeout = "10m"
    valid_exit_codes    = [0, 1]
  }
}
