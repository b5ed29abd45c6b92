"""Templates: from files to builds.

`declared.py` is what a folder of files declares, `read.py` reads it,
`variables.py` says which value of a variable wins, `naming.py` evaluates locals
and data sources, `references.py` finds names that lead nowhere, `selection.py`
is `-only` and `-except`, and `resolving.py` joins them: builds come out.
Pure: files come as bytes, and whoever asks a data source is an argument.
"""
