"""Systems Manager: the parameter store, with the public parameters that name images.

`reading` and `writing` have the operations, `operations` is the table.
"""
