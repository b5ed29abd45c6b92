locals {
  la = [for v in null : v]
  lb = [for v in 5 : v]
  lc = { for v in [1, 1] : v => v }
  ld = { for v in [1] : null => v }
  le = { for v in [1] : [] => v }
  lf = [for v in [1] : v if null]
  lg = [for v in [1] : v if 5]
}
