"""The controller's duties: each observes one concern, has it decided, writes, and acts.

`instances` runs machines for instances and makes images of them, `exposures` keeps what may reach
them, `targets` has the balancer send requests to them, `groups` keeps Auto Scaling groups at their
size and goes on with their rollouts.  The decisions are pure functions in `region/reconcile`;
`region/controller.py` has the loop.
"""
