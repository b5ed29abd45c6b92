locals {
  ia = null ? 1 : 2
  ib = 5 ? 1 : 2
  ic = [] ? 1 : 2
  id = true ? [] : {}
  ie = true ? { a = 1 } : [1]
}
