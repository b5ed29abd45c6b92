"""The AWS provider: the types of immutable infrastructure, as hashicorp/aws 5.100 has them.

`declare.py` is how a type is declared, `resources/key_pair.py` one whole
example; `table.py` lists what there is.  `provider.py` is the Protocol over
the table: `planning.py` and `checking.py` say what a configuration means
without asking anybody, `connection.py` is what a type's own functions speak to.
"""
