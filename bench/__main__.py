"""Print the table of numbers."""

from __future__ import annotations

from bench import evaluating, parsing
from bench.measure import print_table

print_table([*parsing.figures(), *evaluating.figures()])
