locals {
  splat_full      = local.nested[*].a
  splat_deep      = local.nested[*].b[*]
  splat_legacy    = local.nested.*.a
  splat_legacy_0  = local.nested.*.a[1]
  splat_full_0    = [[1, 2], [3, 4]][*][1]
  splat_scalar    = local.s[*]
  splat_null      = local.nul[*]
  splat_object    = local.o[*].name
  splat_set       = local.set[*]
  splat_map       = local.m[*]
  splat_chain     = [{ a = [{ b = 1 }, { b = 2 }] }][*].a[*].b
  splat_empty     = local.e[*].anything
}
