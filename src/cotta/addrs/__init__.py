"""Addresses: what modules, resources, instances and providers are called.

`resources.py` has modules, resources and their instances, `providers.py` where
a provider comes from and which of its configurations is meant.  Both print
themselves as Terraform does.  Imports `values`, `diagnostics` and `hcl`.
"""
