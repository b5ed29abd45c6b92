locals {
  if_number     = local.b ? 1 : 2
  if_unified    = local.b ? 1 : "two"
  if_null       = local.b ? null : "x"
  if_chain      = false ? 1 : false ? 2 : 3
  if_objects    = local.b ? { a = 1 } : { a = 2 }
  if_lazy       = local.b ? 1 : local.l[99]
  if_text       = "true" ? 1 : 2
  if_tuples     = false ? [1, 2] : ["x"]
  if_parens     = (local.n > 3 ? "big" : "small")
  if_unknown    = terraform_data.x.id == "a" ? 1 : 2
  if_deep       = true ? true ? 1 : 2 : 3
}
