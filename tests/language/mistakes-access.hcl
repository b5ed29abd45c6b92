locals {
  aa = { a = 1 }.b
  ab = [1][1]
  ac = [1]["x"]
  ad = {}["k"]
  ae = "x".y
  af = 1[0]
  ag = null.a
  ah = null[0]
  ai = [1][1.5]
  aj = [1][null]
  ak = { a = { b = 1 } }.a.c
  al = { a = 1 }.a.b
}
