"""Modules, and the providers they need, as trees for people and records for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.initializing import sources_of_module
from cotta.configs.versions import parse_constraints, render_constraints

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.addrs.providers import ProviderSource
    from cotta.configs.model import Configuration, Module
    from cotta.values.json_text import Json

# A line of a tree, and what is below it.
Branch = tuple[str, "list[Branch]"]


def render_providers(configuration: Configuration, of_state: Iterable[ProviderSource]) -> str:
    """Return the tree of what each module needs, and what the state needs besides."""
    text = f"\nProviders required by configuration:\n{_render_tree(_required(configuration))}\n"
    lines = "".join(f"    provider[{source}]\n" for source in sorted(of_state, key=str))
    return f"{text}Providers required by state:\n\n{lines}\n" if lines else text


def _required(here: Configuration) -> list[Branch]:
    branches: list[Branch] = [
        (f"provider[{source}]{_constraint(here.module, source)}", [])
        for source in sorted(sources_of_module(here.module), key=str)
    ]
    below = sorted(here.children.items())
    return branches + [(f"module.{name}", _required(child)) for name, child in below]


def _constraint(module: Module, source: ProviderSource) -> str:
    """Return the versions of a provider that a module asks for, with a space before them."""
    for requirement in module.requirements.values():
        if requirement.source == source and requirement.constraint:
            constraints = parse_constraints(requirement.constraint)
            return f" {render_constraints(constraints)}" if constraints else ""
    return ""


def render_modules(configuration: Configuration) -> str:
    """Return the tree of calls, with the sources that they name."""
    branches = _calls(configuration)
    if not branches:
        return "No modules found in configuration.\n"
    return f"\nModules declared by configuration:\n{_render_tree(branches)}\n"


def _calls(here: Configuration) -> list[Branch]:
    found: list[Branch] = []
    for name, child in sorted(here.children.items()):
        call = here.module.calls[name]
        version = f" {call.version}" if call.version else ""
        found.append((f'"{name}"[{call.source}]{version}', _calls(child)))
    return found


def encode_modules(configuration: Configuration) -> dict[str, Json]:
    """Return the record of all calls, each module's own after it; null where there are none."""
    modules: list[Json] = []

    def add(here: Configuration) -> None:
        for name, child in sorted(here.children.items()):
            call = here.module.calls[name]
            modules.append({"key": name, "source": call.source, "version": call.version})
            add(child)

    add(configuration)
    return {"format_version": "1.0", "modules": modules or None}


def _render_tree(branches: Sequence[Branch]) -> str:
    return ".\n" + "".join(f"{line}\n" for line in _lines(branches))


def _lines(branches: Sequence[Branch]) -> list[str]:
    lines = []
    for number, (label, below) in enumerate(branches, 1):
        is_last = number == len(branches)
        lines.append(f"{'└' if is_last else '├'}── {label}")
        lines += [f"{'    ' if is_last else '│   '}{line}" for line in _lines(below)]
    return lines
