variable "host" {
  default = "127.0.0.1"
}
variable "password" {
  default   = "s3cret"
  sensitive = true
}
source "null" "host" {
  ssh_host             = var.host
  ssh_port             = 2222
  ssh_username         = "root"
  ssh_password         = var.password
  ssh_handshake_attempts = 3
}
build {
  sources = ["source.null.host"]
  provisioner "file" {
    source      = "files/app.service"
    destination = "/etc/systemd/system/app.service"
  }
  provisioner "file" {
    content     = jsonencode({ host = var.host, ports = [80, 443] })
    destination = "/etc/app.json"
  }
  provisioner "file" {
    source      = "/var/log/app.log"
    destination = "app.log"
    direction   = "download"
  }
  provisioner "shell" {
    inline = ["systemctl daemon-reload", "id -u"]
  }
}
