"""The command line: the composition root, the one room that knows everybody.

`main.py` has the entry point and every way in which a process can end,
`table.py` the list of commands, `commands/` a file for each, `flags.py` how a
command declares what it takes, `terminal.py` what it prints to, `views/` how
things are shown.  May import every room; no room imports it.  Read `table.py`,
then a short command such as `commands/version.py`.
"""
