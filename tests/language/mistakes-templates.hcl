locals {
  ta = "x${null}"
  tb = "x${[]}"
  tc = "x${{}}"
  td = "%{ if null }x%{ endif }"
  te = "%{ if 5 }x%{ endif }"
  tf = "%{ for v in 5 }x%{ endfor }"
  tg = "%{ for v in null }x%{ endfor }"
}
