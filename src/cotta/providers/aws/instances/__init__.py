"""Single instances: what one is declared as, launched with, found as, and changed into.

`resources/instance.py` puts them together.
"""
