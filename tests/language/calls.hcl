locals {
  call_some     = max(1, 2, 3)
  call_trailing = max(1, 2,)
  call_expand   = max([4, 5]...)
  call_nested   = upper(lower("Ab"))
  call_core     = core::upper("x")
  call_lines    = join(
    "-",
    ["a", "b"],
  )
  call_convert  = upper(1)
  call_unknown  = upper(terraform_data.x.id)
  call_marked   = nonsensitive(sensitive("x"))
  call_secret   = upper(sensitive("x"))
  call_try      = try(local.o.nope, "default")
  call_can      = [can(local.o.nope), can(local.o.name)]
}
