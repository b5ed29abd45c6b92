locals {
  str_empty     = ""
  str_plain     = "abc"
  str_escapes   = "a\nb\tc\rd\"e\\f"
  str_unicode   = "\u00e9 \U0001F600"
  str_combining = "e\u0301"
  str_dollars   = "$ $$ $a $${x} $$${local.n}"
  str_percents  = "% %% %a %%{x}"
  str_braces    = "{ } }}"
  str_inner     = "${"inner ${"innermost"}"}"
  str_number    = "${1}"
  str_mixed     = "n=${local.n} f=${local.f} b=${local.b} s=${local.s}"
  str_wrap_list = "${local.l}"
  str_spaces    = "  ${  local.n  }  "
  str_line      = "${
    local.n
  }"
}
