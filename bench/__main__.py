"""Print the table of numbers: `python -m bench [parsing] [evaluating] [machines] …`.

`--full` measures larger configurations, and a hundred machines; `--page` prints the page
docs/performance.md.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from bench import (
    baking,
    balancing,
    describing,
    engine,
    evaluating,
    fleets,
    machines,
    parsing,
    rolling,
    rolls,
)
from bench.measure import print_table, render_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.measure import Figure

parts: dict[str, Callable[[], list[Figure]]] = {
    "parsing": parsing.figures,
    "evaluating": evaluating.figures,
    "rolling": rolling.figures,
    "rolls": rolls.figures,
    "machines": partial(machines.figures, full="--full" in sys.argv),
    "baking": baking.figures,
    "balancing": balancing.figures,
    "describing": describing.figures,
    "fleets": partial(fleets.figures, full="--full" in sys.argv),
    "engine": partial(engine.figures, full="--full" in sys.argv),
}
names = [name for name in sys.argv[1:] if name in parts] or list(parts)
found = [figure for name in names for figure in parts[name]()]
if "--page" in sys.argv:
    print(render_page(found), end="")
else:
    print_table(found)
