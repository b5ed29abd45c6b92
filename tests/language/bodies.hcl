# A comment to the end of the line.
// And another one.
/* One over
   two lines. */
top = 1
empty {}
one_line { a = 1 }
block "label" bare "esc\"aped \u00e9" {
  a = 1 # after
  b = 2 // after
  c = /* inside */ 3

  nested {
    d = 4
    deeper "x" {}
  }
  nested {}
}
ключ = "значение"
with-dash = true
locals {
}
