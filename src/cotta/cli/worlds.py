"""What the engine's commands share: the configuration, its variables, the providers."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.addrs.providers import BUILTIN
from cotta.cli.backends import data_folder, require_initialized
from cotta.configs.loader import (
    load_configuration,
    read_named_variable_file,
    read_variable_files,
)
from cotta.configs.static import check_module_arguments, check_references
from cotta.configs.variables import Option, ask_for_missing, assign, gather
from cotta.engine.events import ignore_event
from cotta.engine.provider_pool import ProviderPool
from cotta.engine.scopes import Paths
from cotta.engine.validating import validate
from cotta.engine.walk import Cancellation
from cotta.engine.world import World, ask_nobody
from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import opentofu_functions, provider_terraform_functions
from cotta.providers.local_exec import LocalExec
from cotta.providers.options import NO_OPTIONS, ProviderOptions
from cotta.providers.registry import native_providers
from cotta.states.workspaces import Workspaces
from cotta.system.clock import SystemClock
from cotta.system.ids import RandomIds
from cotta.system.reading import DiskReader

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from datetime import datetime

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.configs.model import Configuration, InputVariable
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.engine.events import Listener
    from cotta.engine.world import Ask, Pin
    from cotta.values.functions import Function
    from cotta.values.value import Value


_USUAL_PARALLELISM: Final = 10


def declare_variables(flags: Flags) -> None:
    """Take the flags that set variables."""
    flags.repeated("var", "'NAME=VALUE'", "Set a variable of the root module.", into="variables")
    flags.repeated("var-file", "FILE", "Set variables from a file.", into="variables")


def declare_parallelism(flags: Flags) -> None:
    """Take the flag that limits how much is waited for at a time."""
    flags.option(
        "parallelism",
        "N",
        "How many operations may wait at a time: 10, unless said otherwise.",
        parse=_parse_parallelism,
        default=_USUAL_PARALLELISM,
    )


def _parse_parallelism(text: str) -> int:
    try:
        # As terraform, which takes 0 for "as usual".
        return int(text) or _USUAL_PARALLELISM
    except ValueError:
        raise argparse.ArgumentTypeError(f'needs a whole number, not "{text}"') from None


def read_configuration(terminal: Terminal, diags: Diagnostics) -> Configuration | None:
    """Return the configuration of the working folder; None, with errors, if it has none."""
    return load_configuration(Path(), diags, data_folder=data_folder(terminal))


def functions(
    configuration: Configuration,
    terminal: Terminal,
    *,
    applying: bool,
    plan_time: datetime | None,
) -> Mapping[str, Function]:
    """Return the functions of the language; while planning, impure ones are unknown.

    Those of the built-in provider have the local names that modules give it.
    """
    clock = SystemClock()
    table = opentofu_functions(
        Surroundings(
            files=DiskReader(),
            now=clock.now,
            random=os.urandom,
            answers_impure=applying,
            plan_time=plan_time,
            environment=terminal.environment,
        )
    )
    names = {
        name
        for here in configuration.walk()
        for name, requirement in here.module.requirements.items()
        if requirement.source == BUILTIN
    }
    return dict(table) | {
        k: f for name in names for k, f in provider_terraform_functions(name).items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What makes the worlds of one command: they differ in what is known."""

    terminal: Terminal
    configuration: Configuration
    parallelism: int = 10
    listener: Listener = ignore_event
    ask: Ask = ask_nobody
    cancellation: Cancellation
    # Given by commands that configure providers.
    options: ProviderOptions = NO_OPTIONS
    pins: Mapping[str, Pin] = field(default_factory=dict)

    def world(
        self,
        variables: Mapping[str, Value],
        *,
        applying: bool = False,
        plan_time: datetime | None = None,
    ) -> World:
        """Return a world of the configuration, with providers of its own."""
        ids = RandomIds()
        registry = native_providers(ids, others=self.terminal.providers, options=self.options)
        workspace = Workspaces(self.terminal.environment).selected
        return World(
            configuration=self.configuration,
            pool=ProviderPool(registry),
            explain_missing=registry.explain_missing,
            provisioners={"local-exec": LocalExec()},
            functions=functions(
                self.configuration, self.terminal, applying=applying, plan_time=plan_time
            ),
            variables=variables,
            paths=_paths(self.terminal, self.configuration),
            workspace=workspace,
            clock=SystemClock(),
            ids=ids,
            listener=self.listener,
            ask=self.ask,
            cancellation=self.cancellation,
            parallelism=self.parallelism,
            pins=self.pins,
        )


def _paths(terminal: Terminal, configuration: Configuration) -> Paths:
    modules = {here.path: here.module.directory for here in configuration.walk()}
    return Paths(cwd=terminal.started_in, root=".", modules=modules)


def read_checked(terminal: Terminal, diags: Diagnostics) -> Configuration:
    """Return the configuration, its references checked; raise `DiagnosticsError` for mistakes.

    Warnings are added to `diags`.
    """
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    require_initialized(configuration.module, data_folder(terminal), diags)
    diags.raise_if_errors()
    find_dead_references(configuration, terminal, diags)
    diags.raise_if_errors()
    return configuration


def find_dead_references(
    configuration: Configuration, terminal: Terminal, diags: Diagnostics
) -> None:
    """Report references that lead nowhere; if there are any, all other mistakes besides.

    What is said of a place already is not said again: a reference that leads nowhere
    is no value either.
    """
    check_module_arguments(configuration, diags)
    check_references(configuration, diags)
    if not diags.has_errors:
        return
    known = [one.subject for one in diags if one.subject is not None]
    settings = Settings(terminal=terminal, configuration=configuration, cancellation=Cancellation())
    world = settings.world({})
    for found in validate(world):
        place = found.subject
        if place is None or not any(_overlap(place, other) for other in known):
            diags.add(found)
    world.pool.close()


def _overlap(one: SourceRange, other: SourceRange) -> bool:
    return one.file == other.file and one.start < other.end and other.start < one.end


def read_variables(
    configuration: Configuration, given: Namespace, terminal: Terminal, diags: Diagnostics
) -> dict[str, Value]:
    """Return the value of every root variable; raise `DiagnosticsError` for mistakes.

    Warnings are added to `diags`.

    Where a person is there to answer, what is missing is asked for.
    """
    return _read_variables(configuration, given, terminal, diags, needs_all=True)


def read_known_variables(
    configuration: Configuration, given: Namespace, terminal: Terminal, diags: Diagnostics
) -> dict[str, Value]:
    """Return the value of every root variable, unknown where it has none yet."""
    return _read_variables(configuration, given, terminal, diags, needs_all=False)


def _read_variables(
    configuration: Configuration,
    given: Namespace,
    terminal: Terminal,
    diags: Diagnostics,
    *,
    needs_all: bool,
) -> dict[str, Value]:
    options = [_read_option(name, text, diags) for name, text in given.variables]
    automatic = read_variable_files(Path(), diags)
    found = gather(terminal.environment, automatic, options, diags)
    diags.raise_if_errors()
    if needs_all and getattr(given, "input", False) and terminal.is_interactive:
        found = ask_for_missing(
            configuration.module, found, lambda variable: _ask(variable, terminal)
        )
    values = assign(configuration.module, found, diags, needs_all=needs_all)
    diags.raise_if_errors()
    return values


def _read_option(name: str, text: str, diags: Diagnostics) -> Option:
    if name == "var":
        return Option(text)
    return Option(text, read_named_variable_file(Path(text), diags) or b"")


def _ask(variable: InputVariable, terminal: Terminal) -> str:
    about = f"\n  {variable.description}" if variable.description else ""
    terminal.write(f"var.{variable.name}{about}\n\n  Enter a value: ")
    terminal.stdout.flush()
    answer = terminal.stdin.readline().decode("utf-8", "replace").rstrip("\n")
    terminal.write("\n")
    return answer
