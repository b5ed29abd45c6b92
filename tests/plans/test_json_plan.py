"""Plans for machines have terraform's shape.

The files in `data` are what terraform 1.11.4 says of real plans.  A plan is
made of each, and its rendering must be the same file again.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cotta.addrs.parse import parse_instance
from cotta.addrs.providers import BUILTIN, ProviderConfig
from cotta.diagnostics import Diagnostics
from cotta.plans.changes import (
    Action,
    Importing,
    OutputChange,
    Plan,
    PlanMode,
    Reason,
    RelevantAttribute,
    is_applyable,
)
from cotta.plans.json_plan import render_plan
from cotta.providers.builtin import terraform_data
from cotta.states.model import CheckObject, CheckResult, CheckStatus, Snapshot, State
from cotta.values.codec_json import implied_value
from cotta.values.json_text import write_json
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import DYNAMIC, EMPTY_OBJECT, EMPTY_TUPLE
from cotta.values.value import Mark, Null, ObjectValue, TupleValue, Unknown, mark
from tests.support.plans import a_change, a_plan, an_address
from tests.support.values import UNKNOWN_STRING, an_object

if TYPE_CHECKING:
    from cotta.values.types import Type
    from cotta.values.value import Value

DATA = Path(__file__).parent / "data"
MISSING = object()


def rebuilt(shown: Any, unknown: Any, sensitive: Any) -> Value:
    """Return a value that is shown so, with these parts unknown and those sensitive."""
    if sensitive is True:
        return mark(rebuilt(shown, unknown, False), Mark.SENSITIVE)
    if unknown is True:
        kinds: dict[type, Type] = {dict: EMPTY_OBJECT, list: EMPTY_TUPLE}
        return Unknown(kinds.get(type(sensitive), DYNAMIC))
    if isinstance(shown, dict):
        unknown = unknown or {}
        sensitive = sensitive or {}
        names = shown.keys() | unknown.keys()
        return ObjectValue(
            {
                name: rebuilt(shown.get(name), unknown.get(name), sensitive.get(name))
                for name in names
            }
        )
    if isinstance(shown, list):
        unknowns = unknown or [False] * len(shown)
        secrets = sensitive or [False] * len(shown)
        return TupleValue(tuple(map(rebuilt, shown, unknowns, secrets)))
    return implied_value(shown)


def action_of(actions: list[str]) -> Action:
    names = {
        ("no-op",): Action.NO_OP,
        ("delete", "create"): Action.DELETE_THEN_CREATE,
        ("create", "delete"): Action.CREATE_THEN_DELETE,
    }
    return names.get(tuple(actions)) or Action[actions[0].upper()]


def change_of(shown: dict[str, Any]) -> Any:
    diags = Diagnostics()
    address = parse_instance(shown["address"], diags)
    previous = parse_instance(shown.get("previous_address", shown["address"]), diags)
    assert list(diags) == []
    inner = shown["change"]
    importing = inner.get("importing")
    return a_change(
        address=address,
        previous_address=previous,
        action=action_of(inner["actions"]),
        reason=Reason(shown.get("action_reason", "")),
        before=rebuilt(inner["before"], {}, inner["before_sensitive"]),
        after=rebuilt(inner.get("after", {}), inner["after_unknown"], inner["after_sensitive"]),
        replace=tuple(
            tuple(AttributePath(s) if isinstance(s, str) else IndexPath(s) for s in path)
            for path in inner.get("replace_paths", ())
        ),
        importing=Importing(id=importing["id"]) if importing else None,
        provider=ProviderConfig((), BUILTIN),
    )


def output_of(name: str, shown: dict[str, Any]) -> OutputChange:
    return OutputChange(
        name=name,
        action=action_of(shown["actions"]),
        before=implied_value(shown["before"]),
        after=rebuilt(shown.get("after", {}), shown["after_unknown"], False),
        is_sensitive=shown["after_sensitive"],
    )


def check_of(shown: dict[str, Any]) -> CheckResult:
    objects = tuple(
        CheckObject(one["address"]["to_display"], CheckStatus(one["status"]))
        for one in shown["instances"]
    )
    address = shown["address"]
    return CheckResult(
        address["kind"], address["to_display"], CheckStatus(shown["status"]), objects
    )


def plan_of(shown: dict[str, Any]) -> Plan:
    return Plan(
        mode=PlanMode.NORMAL,
        changes=tuple(map(change_of, shown["resource_changes"])),
        outputs=tuple(output_of(*pair) for pair in shown["output_changes"].items()),
        variables={n: implied_value(v["value"]) for n, v in shown["variables"].items()},
        prior=State(),
        previous=Snapshot(state=State()),
        checks=tuple(map(check_of, shown.get("checks", ()))),
        relevant=tuple(map(relevant_of, shown["relevant_attributes"])),
        timestamp=datetime.fromisoformat(shown["timestamp"]),
        is_errored=shown["errored"],
        is_complete=shown["complete"],
    )


def relevant_of(shown: dict[str, Any]) -> RelevantAttribute:
    address = parse_instance(shown["resource"], Diagnostics())
    assert address is not None
    path = tuple(
        AttributePath(step) if isinstance(step, str) else IndexPath(step)
        for step in shown["attribute"]
    )
    return RelevantAttribute(address, path)


@pytest.mark.parametrize("name", ["creation", "changes", "many"])
def test_a_plan_is_rendered_as_terraform_does(name: str) -> None:
    recorded = json.loads((DATA / f"{name}.json").read_text())
    # The prior state is for tests/states.
    recorded.pop("prior_state", None)

    rendered = render_plan(
        plan_of(recorded),
        lambda _source, _resource: terraform_data.SCHEMA,
        version="1.11.4",
        configuration=recorded["configuration"],
    )

    rendered.pop("prior_state", None)
    ours = json.loads(write_json(rendered))
    assert list(ours) == list(recorded)
    for key in recorded:
        assert ours[key] == recorded[key], key
    assert list(ours["resource_changes"][0]) == list(recorded["resource_changes"][0])


def test_an_empty_plan_has_little_to_say() -> None:
    rendered = render_plan(
        a_plan(), lambda *_: None, version="1.11.4", configuration={"root_module": {}}
    )

    assert write_json(rendered) == (
        '{"format_version":"1.2","terraform_version":"1.11.4",'
        '"planned_values":{"root_module":{}},"configuration":{"root_module":{}},'
        '"timestamp":"2026-11-25T12:00:00Z","applyable":false,"complete":true,"errored":false}'
    )


MOVED = a_change(action=Action.NO_OP, previous_address=an_address("old"))


def test_a_move_alone_is_drift_only_when_nothing_else_is_planned() -> None:
    def drift(mode: PlanMode) -> bool:
        plan = a_plan(drift=(MOVED,), mode=mode)
        return "resource_drift" in render_plan(
            plan, lambda *_: None, version="", configuration=None
        )

    assert drift(PlanMode.REFRESH_ONLY)
    assert not drift(PlanMode.NORMAL)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (a_plan(), False),
        (a_plan(a_change(action=Action.NO_OP)), False),
        (a_plan(a_change(action=Action.UPDATE)), True),
        (a_plan(a_change(action=Action.UPDATE), is_errored=True), False),
        (a_plan(MOVED), True),
        (a_plan(a_change(action=Action.NO_OP, importing=Importing(id="i"))), True),
        (a_plan(drift=(MOVED,), mode=PlanMode.REFRESH_ONLY), False),
        (a_plan(drift=(a_change(action=Action.UPDATE),), mode=PlanMode.REFRESH_ONLY), True),
    ],
)
def test_a_plan_is_applyable_if_it_would_do_something(plan: Plan, expected: bool) -> None:
    assert is_applyable(plan) == expected


def test_a_deposed_object_is_named_and_not_planned_to_stay() -> None:
    gone = a_change(
        deposed="0a1b2c3d", action=Action.DELETE, before=an_object(id="x"), after=Null(DYNAMIC)
    )

    rendered = render_plan(a_plan(gone), lambda *_: None, version="", configuration=None)

    changes = rendered["resource_changes"]
    assert isinstance(changes, list)
    assert isinstance(changes[0], dict)
    assert changes[0]["deposed"] == "0a1b2c3d"
    assert rendered["planned_values"] == {"root_module": {}}


def test_an_output_that_is_unknown_has_no_value_after() -> None:
    output = OutputChange(
        name="o", action=Action.CREATE, before=Null(DYNAMIC), after=UNKNOWN_STRING
    )

    rendered = render_plan(a_plan(outputs=(output,)), lambda *_: None, version="", configuration={})

    assert rendered["output_changes"] == {
        "o": {
            "actions": ["create"],
            "before": None,
            "after_unknown": True,
            "before_sensitive": False,
            "after_sensitive": False,
        }
    }
