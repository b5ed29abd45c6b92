"""The generated parts of docs/compatibility.md, from the code's own tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import (
    opentofu_functions,
    packer_functions,
    provider_terraform_functions,
    terraform_functions,
)
from cotta.providers.aws.table import DATA_SOURCES, RESOURCES
from cotta.region.api.services import SERVICES
from cotta.system.reading import DiskReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.functions import Function, Parameter

PAGE: Final = Path(__file__).parents[2] / "docs" / "compatibility.md"

_BEGIN: Final = "<!-- begin {0}: written by `make docs` -->"
_END: Final = "<!-- end {0} -->"


def with_generated_parts(page: str) -> str:
    """Return the page with each generated part written afresh; the rest stays as it is."""
    page = _replaced(page, "functions", render_functions())
    page = _replaced(page, "types", render_types())
    return _replaced(page, "operations", render_operations())


def _replaced(page: str, part: str, text: str) -> str:
    begin, end = _BEGIN.format(part), _END.format(part)
    written, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n{text}{end}",
        page,
        flags=re.DOTALL,
    )
    assert count == 1, f"the page needs the lines {begin!r} and {end!r}, once"
    return written


def render_operations() -> str:
    """Return the table of the region's API: a line for each service."""
    lines = ["| Service | Operations |", "|---|---|"]
    for name, provided in sorted(SERVICES.items()):
        listed = ", ".join(f"`{operation}`" for operation in sorted(provided.operations))
        lines.append(f"| {name} | {listed} |")
    return "\n".join(lines) + "\n"


def render_types() -> str:
    """Return the table of the AWS provider's types: a line for each name."""
    lines = [
        f"{len(RESOURCES)} resource types and {len(DATA_SOURCES)} data sources.",
        "",
        "| Type | Resource | Data source | Schema version |",
        "|---|---|---|---|",
    ]
    for name in sorted({*RESOURCES, *DATA_SOURCES}):
        resource = RESOURCES.get(name)
        has = ["yes" if name in table else "" for table in (RESOURCES, DATA_SOURCES)]
        version = "" if resource is None else str(resource.version)
        lines.append(f"| `{name}` | {has[0]} | {has[1]} | {version} |")
    return "\n".join(lines) + "\n"


def render_functions() -> str:
    """Return the table of functions: a line each, a column for each dialect."""
    surroundings = some_surroundings()
    terraform = _plain(terraform_functions(surroundings))
    opentofu = _plain(opentofu_functions(surroundings))
    packer = _plain(packer_functions(surroundings))
    others = provider_terraform_functions()
    names = sorted({*terraform, *opentofu, *packer})
    counts = f"Terraform {len(terraform)}, OpenTofu {len(opentofu)}, Packer {len(packer)}."
    lines = [
        f"{counts} Those of Terraform and OpenTofu are also called `core::name`.",
        "*own*: Packer has the name with another signature or meaning.",
        "",
        "| Function | Terraform 1.11 | OpenTofu | Packer | What it does |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        first = next(table[name] for table in (terraform, opentofu, packer) if name in table)
        has = [
            "yes" if name in terraform else "",
            "yes" if name in opentofu else "",
            _in_packer(packer.get(name), terraform.get(name)),
        ]
        lines.append(f"| `{_signature(first)}` | {' | '.join(has)} | {first.description} |")
    lines += [
        f"| `{_signature(function, name)}` | yes | yes | | {function.description} |"
        for name, function in sorted(others.items())
    ]
    return "\n".join(lines) + "\n"


def some_surroundings() -> Surroundings:
    """Return surroundings with the working folder's files and nothing unpredictable."""
    return Surroundings(
        files=DiskReader(),
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        random=bytes,
        environment={},
    )


def _plain(table: Mapping[str, Function]) -> dict[str, Function]:
    return {name: function for name, function in table.items() if "::" not in name}


def _in_packer(packers: Function | None, terraforms: Function | None) -> str:
    if packers is None:
        return ""
    if terraforms is None or _looks(packers) == _looks(terraforms):
        return "yes"
    return "*own*"


def _looks(function: Function) -> tuple[str, tuple[Parameter, ...], Parameter | None]:
    return function.description, function.parameters, function.variadic


def _signature(function: Function, name: str | None = None) -> str:
    names = [parameter.name for parameter in function.parameters]
    if function.variadic is not None:
        names.append(f"{function.variadic.name}...")
    return f"{name or function.name}({', '.join(names)})"
