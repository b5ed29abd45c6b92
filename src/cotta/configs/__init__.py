"""Configurations: a directory of files as a typed model.

`model.py` is the model, `decode.py` makes it from files (a `decode_*.py` for each kind of
block, `overrides.py` for override files), `modules.py` builds the tree of module calls,
`provider_rules.py` finds which provider configuration a resource uses, `static.py` judges
references, `variables.py` gathers the values of variables.  The edges are `loader.py`, which
reads directories, and `install.py`, which puts modules in place.
"""
