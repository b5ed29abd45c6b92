"""Apply while a call fails, and again: nothing is made twice, and nothing forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import access_to_region, cotta_folder
from tests.support.fault_proxy import Fault, fault_proxy, is_read
from tests.support.regions import RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.support.fault_proxy import FaultProxy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an interrupted apply and the next one came to.

    `statuses` are of the apply that met the fault, of the one after it, and of a plan at the end
    (0 for nothing to do); `things` is what there is then, `left` what there is after a destroy.
    """

    statuses: tuple[int, int, int]
    things: object
    left: object
    met: int


def apply_through(
    fault: Fault | None,
    configuration: str,
    things: Callable[[RunningRegion], object],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Outcome, FaultProxy]:
    """Apply a configuration to a region of its own through a proxy with one fault, then again.

    Calls are tried twice, so that a fault that comes twice is seen by the provider.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        simulated_region(folder, SimulatedMachines()) as region,
        fault_proxy(region.endpoint, *(() if fault is None else (fault,))) as proxy,
    ):
        access = replace(access_to_region(region), endpoint=proxy.endpoint, attempts=2)
        here = cotta_folder(folder / "work", access, monkeypatch)
        here.write(configuration)
        first = here.attempt("apply", "-auto-approve")
        calls = len(proxy.calls)
        second = here.attempt("apply", "-auto-approve")
        plan = here.attempt("plan", "-detailed-exitcode")
        made = things(region)
        here.run("destroy", "-auto-approve")
        del proxy.calls[calls:]
        outcome = Outcome(
            (first.status, second.status, plan.status), made, things(region), len(proxy.met())
        )
        return outcome, proxy


def writes_of(proxy: FaultProxy) -> list[str]:
    """Return the operations that changed something, without repetitions in a row."""
    names = [call.operation for call in proxy.calls if not is_read(call.operation)]
    return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
