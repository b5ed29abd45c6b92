"""States: what is known to exist, and the files that remember it.

`model.py` is the state in memory, `statefile.py` format version 4, and
`storage.py` where it is kept, locked and journaled.
"""
