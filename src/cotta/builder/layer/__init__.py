"""The second language of templates: what stands between `{{` and `}}`.

It is that of Go's text/template as far as templates use it.  `syntax.py` reads
it, `execute.py` writes the text, `functions.py` has Packer's functions, and
`building.py` joins the three for one build.  Pure.
"""
