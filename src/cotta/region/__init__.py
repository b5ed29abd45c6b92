"""One machine as an AWS region: its API on the wire, its instances real systemd machines.

`model` is what the region knows, `store` keeps it, `wire` and `api` answer requests by reading and
writing it, `reconcile` decides what to do about it, `controller` does that
through the Protocols of `machines` and `balancer`.  `daemon` puts all of it together.
May import `system` and `rollouts` and nothing else of the house: the engine
and the region meet only over the AWS wire.

Read next: `model`, `lifecycle`, `api/calls.py`, `reconcile/instances.py`, `controller`.
"""
