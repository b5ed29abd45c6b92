"""Providers: what manages remote objects, behind one protocol.

`interface.py` is all that the engine knows of them.  `builtin/` is the
provider of `terraform_data` and `terraform_remote_state`; `registry.py` finds
the provider of a source address.
"""
