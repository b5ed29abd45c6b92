"""The language: HCL's two syntaxes, their tree, and what expressions mean.

`parser.parse_file` gives an `ast.File`, `evaluate.evaluate` the value of an
expression in a `scope.Scope`, `bodies` reads bodies against a schema,
`format` writes the canonical form, and `functions` holds every function of
Terraform, OpenTofu and Packer.  Imports `values` and `diagnostics` only, and
is pure: files, clocks and identifiers come in as arguments.  Read `ast.py`,
then `evaluate.py`.
"""
