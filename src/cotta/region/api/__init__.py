"""What the region answers: an explicit table of operations for each service.

`calls` says what a handler is given and what kinds there are, `services` is the table of
services, `dispatch` goes from an HTTP request to a response.  A handler reads or writes
rows and nothing else: it never acts.
`docs/howto/add-an-api-operation.md` says how to add one.  Read next: `calls`, `ec2/vpcs.py`.
"""
