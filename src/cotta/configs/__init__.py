"""Configurations: a directory of files as a typed model.

`model.py` is the model, `decode.py` makes it from bodies, `modules.py` builds
the tree of module calls, `variables.py` gathers the values of variables, and
`loader.py` is the edge that reads directories.
"""
