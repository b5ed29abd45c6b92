locals {
  dir_if         = "%{ if local.b }yes%{ endif }"
  dir_else       = "%{ if !local.b }yes%{ else }no%{ endif }"
  dir_nested     = "%{ if local.b }%{ if !local.b }a%{ else }b%{ endif }%{ else }c%{ endif }"
  dir_for        = "%{ for v in local.l }<${v}>%{ endfor }"
  dir_for_key    = "%{ for k, v in local.m }${k}=${v};%{ endfor }"
  dir_for_empty  = "%{ for v in local.e }x%{ endfor }"
  dir_for_if     = "%{ for v in local.nums }%{ if v > 1 }${v}%{ endif }%{ endfor }"
  dir_for_for    = "%{ for a in [1, 2] }%{ for b in [3, 4] }${a * b} %{ endfor }%{ endfor }"
  dir_alone      = "%{ if true }%{ endif }"
}
