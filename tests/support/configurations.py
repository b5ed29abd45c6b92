"""Random configurations of terraform_data, and random edits of them between steps.

Everything comes from one `random.Random`, so a seed names a case.  A resource
refers only to those before it, so that there are no cycles.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.support.rehearsals import Step

if TYPE_CHECKING:
    from random import Random

_SCALARS: Final = (
    "1", "2", "true", "null", '"a"', '"b"', '"long text with spaces"', '"one\\ntwo\\n"',
    '"one\\ntwo\\nthree"', 'jsonencode({ k = [1, 2] })', 'jsonencode({ k = [1, 3], l = null })',
    'tolist(["x", "y"])', 'tolist(["y", "z", "x"])', 'toset(["x", "y"])', 'toset(["y", "z"])',
    "[]", "{}", "[1, [2, 3]]", "{ a = 1, b = [true] }", "{ a = 2, c = { d = null } }",
    'tomap({ p = "1", q = "2" })', 'tomap({ q = "3" })', 'sensitive("secret")', "12.50",
)  # fmt: skip
_KEYS: Final = ("a", "b", "c d", "e.f")
_ROOT: Final = "main.tf"
_INSIDE: Final = "inside/main.tf"


@dataclass(slots=True)
class Part:
    """One resource block; `needs` are indices of earlier ones."""

    name: str
    value: str = "null"
    needs: list[int] = field(default_factory=list)
    explicit: bool = False
    trigger: str = ""
    repetition: int | tuple[str, ...] | None = None
    create_first: bool = False
    triggered_by: int | None = None
    ignores: bool = False


@dataclass(slots=True)
class Design:
    """A configuration: resources in order, those of a module, moves, and what is let go."""

    parts: list[Part] = field(default_factory=list)
    inside: list[Part] = field(default_factory=list)
    calls: int | tuple[str, ...] | None = None
    has_module: bool = False
    moves: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    next_name: int = 0


def a_case(random: Random, *, steps: int = 4) -> list[Step]:
    """Return steps: a configuration applied, then edits, each planned or applied."""
    design = _a_design(random)
    listed = [Step(_files(design), ("apply",))]
    for _ in range(steps - 1):
        before = deepcopy(design)
        design.moves, design.forgotten = [], []
        for _ in range(random.randint(1, 3)):
            _edit(random, design)
        listed.append(Step(_files(design), _command(random, before, design)))
    if random.random() < 0.3:
        # Terraform would destroy what is to be forgotten.
        design.forgotten = []
        listed.append(Step(_files(design), ("destroy",)))
    return listed


def _command(random: Random, before: Design, after: Design) -> tuple[str, ...]:
    kept = [part.name for part in after.parts if part.name in {one.name for one in before.parts}]
    chance = random.random()
    if chance < 0.1 and kept:
        return ("apply", f"-target=terraform_data.{random.choice(kept)}")
    if chance < 0.2 and kept:
        return ("apply", f"-replace=terraform_data.{random.choice(kept)}")
    if chance < 0.25:
        return ("apply", "-refresh=false")
    return ("plan",) if chance < 0.4 else ("apply",)


def _a_design(random: Random) -> Design:
    design = Design(has_module=random.random() < 0.4)
    for _ in range(random.randint(1, 6)):
        _add(random, design)
    for _ in range(random.randint(1, 3) if design.has_module else 0):
        design.inside.append(_a_part(random, design, design.inside))
    design.calls = _a_repetition(random)
    design.outputs = [i for i in range(len(design.parts)) if random.random() < 0.4]
    return design


def _add(random: Random, design: Design) -> None:
    design.parts.append(_a_part(random, design, design.parts))


def _a_part(random: Random, design: Design, earlier: list[Part]) -> Part:
    design.next_name += 1
    part = Part(f"r{design.next_name}", value=random.choice(_SCALARS))
    part.needs = sorted(i for i in range(len(earlier)) if random.random() < 0.4)
    part.explicit = random.random() < 0.2
    part.trigger = random.choice(_SCALARS) if random.random() < 0.3 else ""
    part.repetition = _a_repetition(random)
    part.create_first = random.random() < 0.25
    if earlier and random.random() < 0.15:
        part.triggered_by = random.randrange(len(earlier))
    part.ignores = random.random() < 0.1
    return part


def _a_repetition(random: Random) -> int | tuple[str, ...] | None:
    chance = random.random()
    if chance < 0.5:
        return None
    if chance < 0.75:
        return random.randint(0, 3)
    return tuple(sorted(random.sample(_KEYS, random.randint(0, 3))))


# --- edits --------------------------------------------------------------------------


def _edit(random: Random, design: Design) -> None:
    parts = design.parts + design.inside
    if not parts:
        _add(random, design)
        return
    part = random.choice(parts)
    match random.randrange(11):
        case 0 | 1:
            part.value = random.choice(_SCALARS)
        case 2:
            part.trigger = random.choice(_SCALARS)
        case 3:
            part.create_first = not part.create_first
        case 4:
            part.repetition = _a_repetition(random)
        case 5:
            _add(random, design)
        case 6:
            _drop(random, design)
        case 7:
            _rename(random, design)
        case 8:
            part.explicit = not part.explicit
        case 9:
            part.ignores = not part.ignores
        case _:
            design.calls = _a_repetition(random)


def _drop(random: Random, design: Design) -> None:
    at = random.randrange(len(design.parts)) if design.parts else None
    if at is None:
        return
    gone = design.parts.pop(at)
    for part in design.parts:
        part.needs = [i - (i > at) for i in part.needs if i != at]
        if part.triggered_by is not None:
            by = part.triggered_by
            part.triggered_by = None if by == at else by - (by > at)
    design.outputs = [i - (i > at) for i in design.outputs if i != at]
    if random.random() < 0.3:
        design.forgotten.append(gone.name)


def _rename(random: Random, design: Design) -> None:
    if not design.parts:
        return
    part = random.choice(design.parts)
    design.next_name += 1
    old, part.name = part.name, f"r{design.next_name}"
    if random.random() < 0.7:
        design.moves = [(a, part.name if b == old else b) for a, b in design.moves]
        if not any(b == part.name for _, b in design.moves):
            design.moves.append((old, part.name))


# --- text ---------------------------------------------------------------------------


def _files(design: Design) -> dict[str, str]:
    blocks = [_block(part, design.parts) for part in design.parts]
    blocks += [_output(design.parts[i]) for i in design.outputs]
    for old, new in design.moves:
        blocks.append(f"moved {{\n  from = terraform_data.{old}\n  to = terraform_data.{new}\n}}")
    for name in design.forgotten:
        blocks.append(
            f"removed {{\n  from = terraform_data.{name}\n  lifecycle {{ destroy = false }}\n}}"
        )
    inside = ""
    if design.has_module:
        first = f"terraform_data.{design.parts[0].name}" if design.parts else '"none"'
        blocks.append(
            f'module "inside" {{\n  source = "./inside"\n{_repeat(design.calls)}'
            f"  given = {first}\n}}"
        )
        inner = ['variable "given" {}']
        inner += [_block(part, design.inside, "var.given") for part in design.inside]
        inside = "\n".join(inner)
    return {_ROOT: "\n".join(blocks) or "# nothing", _INSIDE: inside}


def _block(part: Part, all_parts: list[Part], more: str = "") -> str:
    needed = [f"terraform_data.{all_parts[i].name}" for i in part.needs]
    values = [part.value, *([] if part.explicit else needed), *([more] if more else [])]
    lines = [f'resource "terraform_data" "{part.name}" {{']
    lines.append(_repeat(part.repetition).rstrip("\n"))
    lines.append(f"  input = {values[0] if len(values) == 1 else '[' + ', '.join(values) + ']'}")
    if part.trigger:
        lines.append(f"  triggers_replace = {part.trigger}")
    if part.explicit and needed:
        lines.append(f"  depends_on = [{', '.join(needed)}]")
    lifecycle = []
    if part.create_first:
        lifecycle.append("    create_before_destroy = true")
    if part.triggered_by is not None:
        lifecycle.append(
            f"    replace_triggered_by = [terraform_data.{all_parts[part.triggered_by].name}]"
        )
    if part.ignores:
        lifecycle.append("    ignore_changes = [input]")
    if lifecycle:
        lines += ["  lifecycle {", *lifecycle, "  }"]
    return "\n".join([*filter(None, lines), "}"])


def _repeat(repetition: int | tuple[str, ...] | None) -> str:
    if repetition is None:
        return ""
    if isinstance(repetition, int):
        return f"  count = {repetition}\n"
    keys = ", ".join(f'"{key}"' for key in repetition)
    return f"  for_each = toset([{keys}])\n"


def _output(part: Part) -> str:
    return (
        f'output "{part.name}" {{\n  value = terraform_data.{part.name}\n  sensitive = true\n}}\n'
        f'output "count_{part.name}" {{\n  value = can(terraform_data.{part.name}.id)\n}}'
    )
