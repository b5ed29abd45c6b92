locals {
  ma = 1 + true
  mb = !5
  md = -"x"
  me = [] && true
  mf = null + 1
  mg = {} < 1
}
