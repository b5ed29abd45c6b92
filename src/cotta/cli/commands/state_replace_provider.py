"""`cotta state replace-provider`: have another provider look after resources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import split_source
from cotta.cli.states import (
    declare_files,
    declare_lock,
    fail,
    open_state,
    require_state,
    state_paths,
)
from cotta.diagnostics.render import Pen
from cotta.states.compare import copy_state
from cotta.states.editing import resource_order

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.addrs.providers import ProviderSource
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import StoredResource

HELP: Final = """\
Usage: cotta [global options] state replace-provider [options] from to

  Has the provider "to" look after every resource that "from" does now, as
  when a provider has moved: registry.example.com/acme/aws, or acme/aws.
"""


def declare(flags: Flags) -> None:
    """Take two providers."""
    flags.switch("auto-approve", "Don't ask.")
    declare_lock(flags)
    declare_files(flags)
    flags.words("providers", least=2, most=2, advice="Name the provider before and the one after.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Change the provider of every resource that has the first one."""
    before, after = (_source(text) for text in given.providers)
    paths = state_paths(given, terminal, has_stamp=True)
    with open_state(given, terminal, "state-replace-provider", paths=paths) as session:
        require_state(session)
        state = copy_state(session.snapshot.state)
        found = [one for one in state.resources.values() if one.provider.source == before]
        if not found:
            terminal.write("No matching resources found.\n")
            return 0
        found.sort(key=resource_order)
        terminal.write(_describe(before, after, found, Pen(colour=terminal.stdout_has_colour)))
        if not given.auto_approve and not _is_approved(terminal):
            terminal.write("Cancelled replacing providers.\n")
            return 0
        for resource in found:
            resource.provider = replace(resource.provider, source=after)
        session.save(state)
        terminal.write(f"\nSuccessfully replaced provider for {len(found)} resources.\n")
    return 0


def _source(text: str) -> ProviderSource:
    found = split_source(text)
    if found is None:
        raise fail(
            "Invalid provider source string",
            f'"{text}" names no provider. One is named by its namespace and its type, with the '
            "host of its registry before where that is not the usual one: hashicorp/aws.",
        )
    return found


def _describe(
    before: ProviderSource, after: ProviderSource, found: list[StoredResource], pen: Pen
) -> str:
    lines = [
        "Terraform will perform the following actions:",
        "",
        f"  {pen.paint('~', '33')} Updating provider:",
        f"    {pen.paint('-', '31')} {before}",
        f"    {pen.paint('+', '32')} {after}",
        "",
        f"{pen.paint('Changing', '1')} {len(found)} resources:",
        "",
        *(f"  {resource.address}" for resource in found),
    ]
    return "\n".join(lines).replace("Terraform", "Cotta", 1) + "\n"


def _is_approved(terminal: Terminal) -> bool:
    terminal.write(
        "\nDo you want to make these changes?\n"
        "Only 'yes' will be accepted to continue.\n\nEnter a value: "
    )
    terminal.stdout.flush()
    answer = terminal.stdin.readline()
    if not answer:
        raise fail("Error asking for approval", "There was no answer. -auto-approve does not ask.")
    return answer.strip() == b"yes"
