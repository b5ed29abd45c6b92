"""Cotta: immutable infrastructure as one Python tool.

Reading order for a newcomer: `diagnostics` (places and mistakes), `values`
(types, values, unknowns, marks), `hcl` (the language), `cli` (the only room
that knows everybody).  `docs/architecture.md` draws the map.
"""
