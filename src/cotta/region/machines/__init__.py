"""Machines: what runs an instance.

`driver` has the Protocol that the controller works against, and its records;
`simulated` is the twin that only plays machines.  `tests/contracts/test_machines.py` holds
every driver to the same behaviour.  Read next: `driver`.
"""
