locals {
  here_plain = <<EOT
line one
  line two
EOT
  here_indented = <<-EOT
    line one
      line two

    line four
  EOT
  here_tabs = <<-EOT
		one
	two
	EOT
  here_template = <<-EOT
    ${local.n} and
      ${local.s}
    %{ if local.b ~}
    yes
    %{ else ~}
    no
    %{ endif ~}
  EOT
  here_escapes = <<EOT
\n stays, $${x} and %%{y} do not "quoted"
EOT
  here_empty = <<EOT
EOT
  here_in_call = join(",", [<<A
a
A
    , <<B
b
B
  ])
  here_first_inserted = <<-EOT
    ${local.n}
      x
  EOT
  here_blank_first = <<-EOT

      a
    b
  EOT
  here_crlf_name = <<-ÉOT
    x
  ÉOT
  here_trailing = <<-EOT
    a
    b
      EOT
}
