"""What may be written in a block of each kind: options, their types, defaults and rules.

`declare.py` has the words of a declaration, `values.py` what a block that was
read answers with, `decode.py` leads from one to the other, `tables.py` lists
the kinds by name.  Pure.
"""
