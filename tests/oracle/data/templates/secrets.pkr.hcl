variable "token" {
  type      = string
  default   = "abc123"
  sensitive = true
}
variable "from_environment" {
  default = env("ORACLE_WORD")
}
locals {
  header = "Authorization: Bearer ${var.token}"
  words  = [var.from_environment, upper(var.from_environment)]
}
source "null" "call" {
  communicator = "none"
}
build {
  sources = ["source.null.call"]
  provisioner "shell-local" {
    inline = ["echo '${local.header}'", "echo ${join(" ", local.words)}"]
  }
}
