"""The practices of immutable infrastructure as rules, over configurations, plans and templates.

`model.py` says what a rule and a finding are, `rules.py` is the table of all
rules, `checking.py` asks them.  `reading.py` is how rules look at blocks,
`subjects.py` what they look at besides.  The other modules are the rules, by what they are about.

Pure, and imports lower rooms alone: templates come as facts (`subjects.py`), since the
builder is a stranger of the same level.
"""
