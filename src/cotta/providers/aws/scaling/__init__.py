"""Auto Scaling groups: what they hold, and how one is made, changed, rolled and ended.

`fields.py` declares, `requests.py` says it to AWS, `capacity.py` waits for instances,
`balancing.py` attaches, `ending.py` drains.  `resources/autoscaling_group.py` puts them together.
"""
