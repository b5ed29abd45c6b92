"""IAM policies as texts: written from statements, merged, and compared.

`document.py` writes them to the byte as the official provider does;
`equivalence.py` says whether two texts mean the same.  Pure.
"""
