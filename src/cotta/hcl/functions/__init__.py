"""Every function of the language, a file for each kind.

`tables.py` joins them: Terraform's (each also as `core::name`), OpenTofu's
additional ones, and Packer's own.  A function that reads files, the clock or
chance takes them from a `Surroundings`.
"""
