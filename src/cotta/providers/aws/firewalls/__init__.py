"""Security groups and their rules.

`rules.py` takes rules apart into single ones and puts them together again, which is what the
types of `resources/security_group*.py` share.
"""
