locals {
  ca = nosuch(1)
  cb = uper("x")
  cc = upper()
  cd = upper("a", "b")
  ce = upper([])
  cf = upper(null)
  cg = max([1, 2])
  ch = max(5...)
  ci = max(null...)
  cj = parseint("z", 10)
  ck = element([], 0)
  cl = provider::nope::f(1)
}
