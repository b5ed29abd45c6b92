"""Short ways to write plans in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from cotta.addrs.providers import BUILTIN, ProviderConfig
from cotta.addrs.resources import AbsResource, Mode, ModuleStep, Resource
from cotta.plans.changes import Action, Plan, PlanMode, ResourceChange
from cotta.states.model import Snapshot, State
from cotta.values.value import ANY_NULL

TERRAFORM_DATA: Final = ProviderConfig((), BUILTIN)
NOON: Final = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


def an_address(
    name: str = "x", key: int | str | None = None, module: tuple[ModuleStep, ...] = ()
) -> Any:
    return AbsResource(module, Resource(Mode.MANAGED, "terraform_data", name)).instance(key)


def a_change(name: str = "x", **given: Any) -> ResourceChange:
    address = given.pop("address", an_address(name))
    return ResourceChange(
        **{
            "address": address,
            "previous_address": address,
            "provider": TERRAFORM_DATA,
            "action": Action.CREATE,
            "before": ANY_NULL,
            "after": ANY_NULL,
            **given,
        }
    )


def a_plan(*changes: ResourceChange, **given: Any) -> Plan:
    return Plan(
        **{
            "mode": PlanMode.NORMAL,
            "changes": changes,
            "prior": State(),
            "previous": Snapshot(state=State(), lineage="l", serial=3, terraform_version="1.11.4"),
            "timestamp": NOON,
            **given,
        }
    )
