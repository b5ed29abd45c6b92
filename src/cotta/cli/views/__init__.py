"""How what commands find is shown: text for people, JSON records for machines.

`diagnostics.py` shows mistakes.  A view writes to a `Terminal` and decides
nothing.
"""
