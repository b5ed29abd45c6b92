variable "level" {
  type    = number
  default = 2
  validation {
    condition     = var.level >= 1 && var.level <= 3
    error_message = "The level must be 1, 2 or 3."
  }
}
locals {
  rules = {
    for name, value in {
      "net.ipv4.ip_forward"            = 0
      "net.ipv4.conf.all.rp_filter"    = 1
      "kernel.kptr_restrict"           = var.level
      "net.ipv4.tcp_syncookies"        = 1
    } : name => value if var.level > 1 || value != 0
  }
  sysctl = join("\n", [for name in sort(keys(local.rules)) : "${name} = ${local.rules[name]}"])
}
source "null" "plan" {
  communicator = "none"
}
build {
  name    = "hardening"
  sources = ["source.null.plan"]
  provisioner "shell-local" {
    inline = split("\n", <<EOT
cat <<'END'
${local.sysctl}
END
echo "level ${format("%02d", var.level)}"
EOT
    )
  }
}
