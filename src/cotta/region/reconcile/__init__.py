"""What the region decides: pure functions of what is wanted, what is seen, and the time.

Each answers with what rows become and what is to be done, and answers the same when asked
again: `instances` about machines, `exposures` about what may reach them, `targets` about those
of load balancers, `autoscaling` about groups (in the words of `groups`), `refresh` about their
rollouts, `termination` about whom to end.  The duties in `region/duties` observe, ask them, and
act.
"""
