"""What a provider says about its blocks: attributes, nested blocks, their types.

`model.py` has the schema itself and the type that it implies, `decode.py`
reads a configuration body against it.  Pure; imports `values`, `diagnostics`
and `hcl`.
"""
