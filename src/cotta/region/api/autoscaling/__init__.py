"""EC2 Auto Scaling's operations, a file for each group of them; `operations` is the table.

Handlers write what is wanted of groups; `region/duties/groups.py` sees to it.
"""
