"""What `taint` and `untaint` share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.addrs.parse import parse_instance
from cotta.cli.states import declare_files, declare_lock, fail
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.compare import copy_state

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import ObjectStatus, State, StoredObject
    from cotta.states.session import StateSession


def declare_instance(flags: Flags) -> None:
    """Take the address of an instance, and how its state is found."""
    flags.switch("allow-missing", "Succeed even if there is no such instance.")
    declare_lock(flags)
    declare_files(flags)
    flags.words("addresses", least=1, most=1, advice="Name one resource instance.")


def named_instance(given: Namespace) -> AbsResourceInstance:
    """Return the instance that was named."""
    diags = Diagnostics()
    address = parse_instance(given.addresses[0], diags)
    diags.raise_if_errors()
    assert address is not None
    return address


def find_object(
    session: StateSession, address: AbsResourceInstance, given: Namespace, terminal: Terminal
) -> StoredObject | None:
    """Return the current object; None, with a warning, where its absence is allowed."""
    resource = session.snapshot.state.resources.get(address.of)
    instance = resource.instances.get(address.key) if resource is not None else None
    if instance is not None and instance.current is not None:
        return instance.current
    if not given.allow_missing:
        raise fail(
            "No such resource instance",
            f"The state has no resource instance {address}. What was just added to the "
            'configuration is in it after "cotta apply".',
        )
    # Imported here because it is seldom needed.
    from cotta.cli.views.diagnostics import show_diagnostics
    from cotta.diagnostics.diagnostics import Diagnostic, Severity

    detail = f"{address} was not found, which -allow-missing says is no mistake."
    show_diagnostics(
        [Diagnostic(severity=Severity.WARNING, summary="No such resource instance", detail=detail)],
        terminal,
    )
    return None


def set_status(
    session: StateSession,
    address: AbsResourceInstance,
    stored: StoredObject,
    status: ObjectStatus,
) -> State:
    """Return the session's state with the status of one object changed."""
    state = copy_state(session.snapshot.state)
    state.resources[address.of].instances[address.key].current = replace(stored, status=status)
    return state
