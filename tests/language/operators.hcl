locals {
  op_precedence  = 1 + 2 * 3
  op_left        = 10 - 4 - 3
  op_division    = 7 / 2
  op_remainder   = [7 % 3, -7 % 3, 7 % -3]
  op_parentheses = (1 + 2) * 3
  op_negative    = -2 * -3
  op_double_not  = !!true
  op_minus_minus = - -1
  op_logic       = true || false && false
  op_compare     = 1 + 1 == 2 && 3 > 2
  op_equal       = ["1" == 1, 1 == 1.0, [1] == [1], { a = 1 } == { a = 1 }, null == null]
  op_not_equal   = ["a" != "b", null != 1]
  op_conversion  = "5" + 1
  op_bool_text   = "true" && true
  op_order       = [1 < 2, 2 <= 2, 3 > 4, 4 >= 4]
  op_over_lines  = (
    1 +
    2
  )
  op_big         = 9007199254740993 * 3
}
