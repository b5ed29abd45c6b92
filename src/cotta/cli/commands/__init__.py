"""The commands, one file each; `cotta.cli.table` lists them and imports them when asked for.

Each has `HELP`, `declare` and `run`, as `cotta.cli.table.Command` says.  Files of commands
in two words carry both: `metadata_functions.py`.
"""
