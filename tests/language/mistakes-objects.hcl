locals {
  oa = { (null) = 1 }
  ob = { ([]) = 1 }
  oc = { local.s = 1 }
  od = { "${[]}" = 1 }
}
