"""What a provider says about its blocks: attributes, nested blocks, their types.

`model.py` has the schema itself, `types.py` the type that it implies and what
it keeps back, `decode.py` reads a configuration body against it (once for the
structure, once per instance for the value), `ranges.py` leads from a path in
a value back to the body, `blank.py` makes objects by the schema alone.  Pure;
imports `values`, `diagnostics` and `hcl`.
"""
