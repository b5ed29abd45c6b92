"""Fleets as a cloud reports them: groups, their members, the refresh under way.

`model.py` says what a group is, `observe.py` asks a cloud, `follow.py` follows a
refresh to its end, as events.  Works against AWS and the local region alike: it knows
the wire alone.  Imports `clouds`, `rollouts` and `system`.  Read next: `model.py`.
"""
