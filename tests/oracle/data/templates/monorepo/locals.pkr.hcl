locals {
  runtimes = sort(distinct([for service in var.services : service.runtime]))
  ports    = { for name, service in var.services : name => service.port }
  banner   = <<-EOT
    %{for name in keys(local.ports)~}
    ${name}: ${local.ports[name]}
    %{endfor~}
  EOT
}
