"""What is done with an artifact once it is there: chains of links, each fed by the one before.

`table.py` has a function for each kind; `chains.py` runs the chains of a build and decides which
artifacts stay.
"""
