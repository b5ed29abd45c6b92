"""Machines: what runs an instance.

`driver` has the Protocol that the controller works against, and its records;
`simulated` is the twin that only plays machines, and `nspawn` runs them for real: `layers` is
their root, `cgroups` their limits, `starting` the process that looks after one.
`tests/contracts/test_machines.py` holds every driver to the same behaviour.  Read next:
`driver`, then `nspawn`.
"""
