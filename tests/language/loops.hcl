locals {
  for_list       = [for v in local.l : upper(v)]
  for_index      = [for i, v in local.l : "${i}${v}"]
  for_map        = [for k, v in local.m : "${k}${v}"]
  for_set        = [for v in local.set : v]
  for_set_keys   = [for k, v in local.set : k == v]
  for_if         = [for v in local.nums : v * 2 if v > 1]
  for_object     = { for v in local.l : v => upper(v) }
  for_group      = { for v in ["a", "b", "ab"] : length(v) => v... }
  for_shadow     = [for v in [1, 2] : [for v in [3] : v]]
  for_nested     = [for a in [1, 2] : [for b in [3, 4] : a * b]]
  for_empty      = [[for v in [] : v], { for v in [] : v => v }]
  for_object_key = { for k, v in { b = 1, a = 2 } : "${k}!" => v }
  for_over_lines = {
    for k, v in local.m :
    k => v
    if v > 1
  }
  for_unknown    = [for v in local.l : terraform_data.x.id]
}
