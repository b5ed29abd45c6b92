"""The builder: Packer's templates as typed data, and what bakes images from them.

`model.py` is what a resolved build is; `options/` says which options every
kind of source, provisioner, post-processor and data source has.  Everything is
pure but what reads folders and what bakes (docs/decisions/0014).  Imports
levels 0 to 3 and `clouds`.  Read `model.py`, then `options/declare.py`.
"""
