locals {
  sa = [1, 2
  sb = 3
}
resource "x" {
  sc = 1 sd = 2
  se
  "sf" = 1
  sg = "\q"
  sh = (1
}
sj = 5 5
