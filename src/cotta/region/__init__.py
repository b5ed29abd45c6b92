"""One machine as an AWS region: so far its API on the wire, and the rows behind it.

`model` is what the region knows, `store` keeps it, `wire` and `api` answer requests by reading and
writing it, `founding` says what there is from the start, `lifecycle` how instances change, and
`server` speaks HTTP.  `controller` has the `duties` look at it all; what they do is decided in
`reconcile`.  So far no real machine boots, and no command starts a region.
May import `system` and `rollouts` and nothing else of the house: the engine
and the region meet only over the AWS wire.

Read next: `model`, `lifecycle`, `api/calls.py`.
"""
