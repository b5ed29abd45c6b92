"""The provider that is part of the program: `terraform_data`, `terraform_remote_state`.

`provider.py` is the protocol over one file per type.  Imports `states` for
reading other configurations' states; files come in as an argument.
"""
