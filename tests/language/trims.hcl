locals {
  trim_both   = "a ${~ local.n ~} b"
  trim_left   = "a ${~ local.n } b"
  trim_right  = "a ${ local.n ~} b"
  trim_if     = "a %{~ if local.b ~} yes %{~ else ~} no %{~ endif ~} b"
  trim_for    = "[ %{~ for v in local.l ~} ${v} %{~ endfor ~} ]"
  trim_lines  = <<EOT
a
  %{~ if local.b ~}
  b
  %{~ endif ~}
c
EOT
  trim_only    = "${~ local.n ~}"
  trim_spaces  = " ${~ "x" ~} ${~ "y" ~} "
  trim_indent  = <<-EOT
    %{ for v in local.nums ~}
      - ${v}
    %{ endfor ~}
    end
  EOT
}
