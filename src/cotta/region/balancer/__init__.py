"""Load balancing by HAProxy: what it is to do, how it is told, and the process itself.

`layout` says what is wanted, from the rows; `config` writes HAProxy's configuration of it;
`servers` has targets as HAProxy's servers, and the commands that change them while it runs;
`driver` is the Protocol of whoever balances, `haproxy` the real one and `simulated` its twin.  What
becomes of each target is decided in `region/reconcile/targets.py`.
"""
