"""Plans that terraform has made, as its JSON has them, as plans of ours.

So what terraform shows of a plan can be compared with what we show of the same one.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.addrs.parse import parse_instance
from cotta.addrs.providers import ProviderConfig
from cotta.cli.version import NAME
from cotta.cli.views.plan_text import render_plan
from cotta.diagnostics import Diagnostics
from cotta.diagnostics.render import Pen
from cotta.plans.changes import (
    Action,
    Importing,
    OutputChange,
    Plan,
    PlanMode,
    Reason,
    RelevantAttribute,
    ResourceChange,
)
from cotta.providers.aws.provider import AwsProvider
from cotta.providers.options import NO_OPTIONS
from cotta.providers.registry import AWS
from cotta.states.model import Snapshot, State
from cotta.system.clock import SystemClock
from cotta.values.codec_json import decode_json, implied_value
from cotta.values.json_text import parse_json
from cotta.values.marking import put_marks
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.sets import make_set
from cotta.values.types import ListType, MapType, ObjectType, SetType
from cotta.values.value import (
    ANY_NULL,
    ListValue,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.providers.interface import ProviderSchema
    from cotta.schemas.model import Schema
    from cotta.values.paths import Path
    from cotta.values.types import Type
    from cotta.values.value import Value

_ACTIONS: Final = {
    ("no-op",): Action.NO_OP,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.DELETE_THEN_CREATE,
    ("create", "delete"): Action.CREATE_THEN_DELETE,
    ("forget",): Action.FORGET,
}
_KEPT: Final = ("resource_drift", "resource_changes", "output_changes", "relevant_attributes")
_WIDTH: Final = 78


def kept(record: dict[str, Any], *, is_refresh_only: bool = False) -> dict[str, Any]:
    """Return what of a plan's JSON matters to what is shown of it."""
    found: dict[str, Any] = {name: record[name] for name in _KEPT if name in record}
    found["resource_changes"] = [
        one
        for one in found.get("resource_changes", [])
        if one["change"]["actions"] != ["no-op"]
        or "previous_address" in one
        or "importing" in one["change"]
    ]
    for change in (*found["resource_changes"], *found.get("resource_drift", ())):
        for side in ("before", "after"):
            change["change"][side] = _without_nulls(change["change"].get(side))
            name = f"{side}_sensitive"
            change["change"][name] = (
                any(_true(change["change"][name], ())) and change["change"][name]
            )
        for name in ("name", "provider_name", "index"):
            change.pop(name, None)
    shown_ = {one["resource"] for one in found.get("relevant_attributes", ())}
    if not is_refresh_only:
        # What no change was decided on is not looked at; one of it is enough.
        ignored = [one for one in found.get("resource_drift", ()) if one["address"] not in shown_]
        found["resource_drift"] = [
            one for one in found.get("resource_drift", ()) if one not in ignored[1:]
        ]
    return found


def _without_nulls(tree: Any) -> Any:
    """Return JSON without what is null in objects: not there is as good, and shorter."""
    if isinstance(tree, dict):
        return {name: _without_nulls(one) for name, one in tree.items() if one is not None}
    return [_without_nulls(one) for one in tree] if isinstance(tree, list) else tree


def mode_of(flags: list[str]) -> PlanMode:
    """Return which kind of plan the flags of a command ask for."""
    if "-destroy" in flags:
        return PlanMode.DESTROY
    return PlanMode.REFRESH_ONLY if "-refresh-only" in flags else PlanMode.NORMAL


def shown_by_terraform(output: str) -> str:
    """Return what terraform has shown of a plan, without progress and without what to do next."""
    text = output[output.index("\n\n") + 1 :] if "\n\n" in output else output
    text = text.split(
        "\n─────────────────────────────────────────────────────────────────────────────\n\nSaved"
    )[0]
    return _alike(text, "Terraform")


def _alike(text: str, name: str) -> str:
    """Return a text with the program's name taken out, and prose on one line: it breaks there."""
    text = text.replace(f"{name.lower()} apply", "PROGRAM apply").replace(name, "Program")
    return re.sub(r"(?<=[\w,.])\n(?=[\w\"])", " ", text)


def shown(record: dict[str, Any], mode: PlanMode) -> str:
    """Return what we show of a plan that terraform has made, with the official AWS provider."""
    provider = AwsProvider(NO_OPTIONS, SystemClock()).schema()

    def schema_of(change: ResourceChange) -> Schema:
        resource = change.address.resource
        types = provider.resources if resource.mode.value == "managed" else provider.data_sources
        return types[resource.type]

    plan = _plan(record, mode, provider)
    return _alike(render_plan(plan, schema_of, width=_WIDTH, pen=Pen(colour=False)), NAME)


def _plan(record: dict[str, Any], mode: PlanMode, provider: ProviderSchema) -> Plan:
    return Plan(
        mode=mode,
        changes=tuple(_change(one, provider) for one in record["resource_changes"]),
        drift=tuple(_change(one, provider) for one in record.get("resource_drift", ())),
        outputs=tuple(
            _output(name, one) for name, one in sorted(record.get("output_changes", {}).items())
        ),
        prior=State(),
        previous=Snapshot(state=State()),
        relevant=tuple(
            RelevantAttribute(_address(one["resource"]), _path(one["attribute"]))
            for one in record.get("relevant_attributes", ())
        ),
        timestamp=datetime(2026, 11, 29, tzinfo=UTC),
    )


def _address(text: str) -> AbsResourceInstance:
    found = parse_instance(text, Diagnostics())
    assert found is not None
    return found


def _change(record: dict[str, Any], provider: ProviderSchema) -> ResourceChange:
    is_data = record["mode"] == "data"
    schema = (provider.data_sources if is_data else provider.resources)[record["type"]]
    change = record["change"]
    type_ = schema.block.implied_type
    address = _address(record["address"])
    importing = change.get("importing")
    return ResourceChange(
        address=address,
        previous_address=_address(record.get("previous_address", record["address"])),
        deposed=record.get("deposed", ""),
        provider=ProviderConfig((), AWS, None),
        action=_ACTIONS[tuple(change["actions"])],
        reason=Reason(record.get("action_reason", "")),
        before=_marked(_value(change["before"], False, type_), change["before_sensitive"]),
        after=_marked(
            _value(change.get("after"), change["after_unknown"], type_), change["after_sensitive"]
        ),
        replace=tuple(map(_path, change.get("replace_paths", ()))),
        importing=None if importing is None else Importing(id=importing["id"]),
    )


def _output(name: str, change: dict[str, Any]) -> OutputChange:
    after = change.get("after")
    return OutputChange(
        name=name,
        action=_ACTIONS[tuple(change["actions"])],
        before=implied_value(parse_json(json.dumps(change["before"]))),
        after=Unknown(ANY_NULL.type)
        if change["after_unknown"] is True
        else implied_value(parse_json(json.dumps(after))),
        is_sensitive=bool(change["before_sensitive"] or change["after_sensitive"]),
        will_be_sensitive=bool(change["after_sensitive"]),
    )


def _path(steps: list[str | int]) -> Path:
    return tuple(
        AttributePath(step) if isinstance(step, str) else IndexPath(step) for step in steps
    )


def _value(known: Any, unknown: Any, type_: Type) -> Value:
    """Return a value of which JSON has what is known, and where something is not."""
    if unknown is True:
        return Unknown(type_)
    if known is None:
        return Null(type_)
    match type_:
        case ObjectType():
            holes = unknown or {}
            return ObjectValue(
                {
                    name: _value(known.get(name), holes.get(name, False), inner)
                    for name, inner in type_.attributes.items()
                }
            )
        case MapType(inner):
            holes = unknown or {}
            names = sorted({*known, *holes})
            return MapValue(
                inner,
                {name: _value(known.get(name), holes.get(name, False), inner) for name in names},
            )
        case ListType(inner) | SetType(inner):
            holes = unknown or [False] * len(known)
            parts = tuple(_value(one, hole, inner) for one, hole in zip(known, holes, strict=True))
            return (
                ListValue(inner, parts) if isinstance(type_, ListType) else make_set(parts, inner)
            )
        case _:
            return decode_json(parse_json(json.dumps(known)), type_)


def _marked(value: Value, sensitive: Any) -> Value:
    return put_marks(value, [(path, frozenset({Mark.SENSITIVE})) for path in _true(sensitive, ())])


def _true(tree: Any, path: Path) -> Iterator[Path]:
    if tree is True:
        yield path
    elif isinstance(tree, dict):
        for name, inner in tree.items():
            yield from _true(inner, (*path, AttributePath(name)))
    elif isinstance(tree, list):
        for at, inner in enumerate(tree):
            yield from _true(inner, (*path, IndexPath(at)))
