"""Plans: what will change, as data.

`changes.py` is the plan, `proposed.py` what a configuration asks of an object
that exists (`pairing.py` for elements of sets), `ignore.py` is
ignore_changes, `replacement.py` decides between update and replacement,
`checks.py` what a provider may answer, `planfile.py` a saved plan's bytes.
Pure.
"""
