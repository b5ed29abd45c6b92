"""The only door to the machine: processes, files, the clock, and ids.

`run` and `start` are for commands, `write_atomically` and `lock_file` for
files; `Clock` and `IdSource` are what everybody else takes as arguments, with
a real and a fixed implementation each.  Imports only the standard library.
Nothing is re-exported: each module is a door of its own and loads alone.
"""
