locals {
  get_attribute  = local.o.name
  get_index      = local.l[1]
  get_text_index = local.l["1"]
  get_key        = local.m["a"]
  get_number_key = { "1" = "x" }[1]
  get_computed   = local.l[local.n - 4]
  get_legacy     = local.l.2
  get_chain      = local.o.ports[0]
  get_of_call    = split(",", "a,b")[1]
  get_of_parens  = (local.o).name
  get_of_object  = { a = { b = 1 } }.a.b
  get_of_tuple   = [1, 2, 3][0]
  get_map_dot    = local.mp.k
  get_unknown    = terraform_data.x.id
  get_over_lines = local.l[
    0
  ]
}
