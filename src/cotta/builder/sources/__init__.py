"""What makes the artifact of a build: a machine that becomes an image, a file, or nothing.

`table.py` has a function for each kind; `baking.py` is what each is given.
"""
