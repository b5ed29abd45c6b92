"""What is done inside the machine that is built.

`table.py` has a function for each kind; `running.py` runs those of a build in order, with
pauses, timeouts and retries; `provisioning.py` is what each is given.
"""
