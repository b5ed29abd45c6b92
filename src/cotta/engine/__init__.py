"""The engine: configuration and state to a plan, and a plan to a new state.

`session.py` is the façade.  `nodes.py` and `dependencies.py` draw the graph,
`scopes.py` says what names mean, `planning.py` and `applying.py` handle one
instance each, `ordering.py` decides who waits for whom, and `walk.py` is the
one place with threads.  Of the providers it knows the interface only.
"""
