locals {
  int        = 42
  zero       = 0
  fraction   = 1.5
  exponent   = 1e3
  small      = 1.5e-3
  big        = 123456789012345678901234567890
  point      = 1.e2
  leading    = 007
  yes        = true
  no         = false
  nothing    = null
  nothings   = [null, null]
  negative   = -5
  third      = 1 / 3
}
