locals {
  coll_tuple       = [1, "a", true, [2], { b = 3 },]
  coll_object      = { a = 1, b : 2, "c d" = 3, (local.s) = 4, "${local.s}x" = 5, true = 6, null = 7, 1 = 8 }
  coll_lines       = {
    a = 1
    b = 2,

    c = 3
  }
  coll_repeated    = { a = 1, a = 2 }
  coll_empty       = [[], {}]
  coll_comments    = [ # one
    1, # two
    /* three */ 2
  ]
  coll_for_key     = { "for" = 1, if = 2, in = 3 }
  coll_nested      = [[[[1]]]]
}
