"""The table of rules, and what is asked for at the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cotta.practices.commands import check_replace
from cotta.practices.rules import RULES

PAGE: Final = Path(__file__).parents[2] / "docs" / "rules.md"

_HEAD: Final = """\
# Rules

What `cotta check` holds configurations and templates to; made by `make docs` from the rules
themselves. An error stops `cotta ship`; a warning is told. A comment on the line, or above it or
its block, allows what a rule finds, and says why:

```hcl
# cotta:allow CT009: this group is a single build agent
```
"""


def page() -> str:
    sections = [
        f"## {rule.id}\n\n**{rule.title}** ({rule.severity.value}). {rule.why}\n\n"
        f"*What to do:* {rule.remedy}\n"
        for rule in RULES
    ]
    return "\n".join([_HEAD, *sections])


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("COTTA_GOLDEN") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_ids_are_in_order_and_unique() -> None:
    ids = [rule.id for rule in RULES]

    assert ids == [f"CT{number:03}" for number in range(len(RULES))]


def test_replacing_members_of_a_fleet_by_hand_is_an_error() -> None:
    (found,) = check_replace(
        [("aws_instance", "aws_instance.a"), ("terraform_data", "terraform_data.b")]
    )

    assert found.is_error
    assert (found.rule.id, found.address) == ("CT012", "aws_instance.a")
