"""States: what is known to exist, and the files that remember it.

`model.py` is the state in memory, `statefile.py` and `encode.py` format
version 4.  `session.py` is how a state is opened, recorded to and saved:
finished steps go to the journal (`journal.py`) first, and what an interrupted
run has left there is brought in by `folding.py`.  `storage.py` is where the
bytes are kept, locked.  Imports `addrs`, `values`, `diagnostics` and `system`.
Read `session.py` next.
"""
