"""Types and values of the language, after cty: known, null, unknown, marked.

`value.py` has the values and their marks, `types.py` the types, `operations`
arithmetic, comparison and access, `convert` conversion and unification,
`functions` what a function declares and how it is called, `codec_json` and
`codec_msgpack` the two wire forms.  Imports the standard library only (and
`msgpack` in its codec).  Read `value.py` first.
"""
