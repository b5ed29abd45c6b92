"""The plan for machines: `show -json` of a plan, format 1.2."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode, render_module
from cotta.plans.changes import Action, PlanMode, Reason, is_applyable
from cotta.plans.json_checks import render_checks
from cotta.states.json_state import render_modules, render_name, render_state
from cotta.states.model import State, StoredOutput
from cotta.values.codec_json import encode_plain, encode_type
from cotta.values.json_parts import known_part, sensitive_parts, unknown_parts
from cotta.values.paths import AttributePath
from cotta.values.value import (
    Null,
    Unknown,
    is_null,
    is_wholly_known,
    type_of,
    unmark_deep,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.plans.changes import OutputChange, Plan, ResourceChange
    from cotta.states.json_state import ByModule, SchemaOf
    from cotta.values.json_text import Json
    from cotta.values.paths import Path
    from cotta.values.value import Value

FORMAT_VERSION: Final = "1.2"

_ACTIONS: Final[Mapping[Action, list[Json]]] = {
    Action.NO_OP: ["no-op"],
    Action.CREATE: ["create"],
    Action.READ: ["read"],
    Action.UPDATE: ["update"],
    Action.DELETE: ["delete"],
    Action.DELETE_THEN_CREATE: ["delete", "create"],
    Action.CREATE_THEN_DELETE: ["create", "delete"],
    Action.FORGET: ["forget"],
}


def render_plan(
    plan: Plan,
    schema_of: SchemaOf,
    *,
    version: str,
    configuration: Json,
    defaults: Mapping[str, Value] | None = None,
) -> dict[str, Json]:
    """Return the plan as a tree, with the keys in Terraform's order.

    `configuration` is what `ConfigurationRenderer` makes of it, and `defaults`
    the values of root variables that the plan has none for.
    """
    rendered: dict[str, Json] = {"format_version": FORMAT_VERSION, "terraform_version": version}
    variables = {**(defaults or {}), **plan.variables}
    drift = [change for change in plan.drift if _is_shown_as_drift(change, plan.mode)]
    checks = render_checks(plan.checks)
    prior = _prior_state(plan)
    optional: dict[str, Json] = {
        "variables": {
            name: {"value": known_part(value)} for name, value in sorted(variables.items())
        },
        "planned_values": _planned_values(plan, schema_of),
        "resource_drift": [render_change(change) for change in drift],
        "resource_changes": [render_change(change) for change in plan.changes if _is_shown(change)],
        "output_changes": {
            output.name: _output_change(output)
            for output in sorted(plan.outputs, key=lambda each: each.name)
        },
        "prior_state": None if prior.is_empty else render_state(prior, schema_of, version=version),
        "configuration": configuration,
        "relevant_attributes": [
            {"resource": one.resource.text, "attribute": _render_path(one.path)}
            for one in plan.relevant
        ],
        "checks": checks,
    }
    rendered.update((key, value) for key, value in optional.items() if value)
    rendered["timestamp"] = plan.timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rendered["applyable"] = is_applyable(plan)
    rendered["complete"] = plan.is_complete
    rendered["errored"] = plan.is_errored
    return rendered


def _prior_state(plan: Plan) -> State:
    """Return the state after reading: outputs that are known already have their new values."""
    outputs = dict(plan.prior.outputs)
    for output in plan.outputs:
        after = output.after
        if output.action is Action.DELETE or not is_wholly_known(after):
            continue
        if is_null(after):
            outputs.pop(output.name, None)
        else:
            outputs[output.name] = StoredOutput(after, output.will_be_sensitive)
    return State(plan.prior.resources, outputs, plan.prior.checks)


def _is_shown(change: ResourceChange) -> bool:
    return change.action is not Action.NO_OP or change.address.resource.mode is not Mode.DATA


def _is_shown_as_drift(change: ResourceChange, mode: PlanMode) -> bool:
    """Say whether a change is drift: a move alone is one of the planned changes otherwise."""
    return mode is PlanMode.REFRESH_ONLY or change.action is not Action.NO_OP


def render_change(change: ResourceChange) -> Json:
    """Return what happens to one object."""
    name = render_name(change.address)
    rendered: dict[str, Json] = {"address": name.pop("address")}
    if change.previous_address != change.address:
        rendered["previous_address"] = change.previous_address.text
    if change.address.module:
        rendered["module_address"] = render_module(change.address.module)
    rendered |= name
    rendered["provider_name"] = str(change.provider.source)
    if change.deposed:
        rendered["deposed"] = change.deposed
    rendered["change"] = _inner_change(change)
    if change.reason is not Reason.NONE:
        rendered["action_reason"] = change.reason.value
    if change.notes:
        rendered["notes"] = render_notes(change)
    return rendered


def render_notes(change: ResourceChange) -> list[Json]:
    """Return what the provider has to say of a change, beside what Terraform's format has."""
    return [
        {"lines": list(note.lines)}
        if note.path is None
        else {"path": _render_path(note.path), "lines": list(note.lines)}
        for note in change.notes
    ]


def _inner_change(change: ResourceChange) -> Json:
    after = change.after
    rendered: dict[str, Json] = {
        "actions": _ACTIONS[change.action],
        "before": known_part(change.before),
    }
    if is_wholly_known(after):
        rendered["after"] = known_part(after)
        rendered["after_unknown"] = {}
    else:
        if type(unmark_deep(after)[0]) is not Unknown:
            rendered["after"] = known_part(after)
        rendered["after_unknown"] = unknown_parts(after)
    rendered["before_sensitive"] = sensitive_parts(change.before)
    rendered["after_sensitive"] = sensitive_parts(after)
    if change.replace:
        rendered["replace_paths"] = [_render_path(path) for path in change.replace]
    if change.importing is not None:
        rendered["importing"] = {"id": change.importing.id}
        if change.importing.generated_config:
            rendered["generated_config"] = change.importing.generated_config
    return rendered


def _render_path(path: Path) -> Json:
    return [
        step.name if isinstance(step, AttributePath) else encode_plain(step.key) for step in path
    ]


def _output_change(output: OutputChange) -> Json:
    after = output.after
    rendered: dict[str, Json] = {
        "actions": _ACTIONS[output.action],
        "before": known_part(output.before),
    }
    if is_wholly_known(after):
        rendered["after"] = known_part(after)
        rendered["after_unknown"] = False
    else:
        if type(unmark_deep(after)[0]) is not Unknown:
            rendered["after"] = known_part(after)
        rendered["after_unknown"] = unknown_parts(after)
    # An output is sensitive as a whole, before and after alike.
    rendered["before_sensitive"] = output.is_sensitive
    rendered["after_sensitive"] = output.is_sensitive
    return rendered


# --- what will be -------------------------------------------------------------


def _planned_values(plan: Plan, schema_of: SchemaOf) -> dict[str, Json]:
    rendered: dict[str, Json] = {}
    outputs: dict[str, Json] = {
        output.name: _planned_output(output)
        for output in sorted(plan.outputs, key=lambda each: each.name)
        if output.action is not Action.DELETE
    }
    if outputs:
        rendered["outputs"] = outputs
    resources: ByModule = {}
    for change in sorted(_remaining(plan.changes), key=lambda each: each.address.text):
        of_module = resources.setdefault(change.address.module, [])
        of_module.append(_planned_resource(change, schema_of))
    rendered["root_module"] = render_modules(resources)
    return rendered


def _remaining(changes: Iterable[ResourceChange]) -> Iterable[ResourceChange]:
    for change in changes:
        if change.action is not Action.DELETE and not change.deposed and _is_shown(change):
            yield change


def _planned_output(output: OutputChange) -> Json:
    rendered: dict[str, Json] = {"sensitive": output.is_sensitive}
    after = unmark_deep(output.after)[0]
    if is_wholly_known(after):
        rendered["type"] = encode_type(type_of(after)) if type(after) is not Null else "dynamic"
        rendered["value"] = encode_plain(after)
    return rendered


def _planned_resource(change: ResourceChange, schema_of: SchemaOf) -> Json:
    rendered = render_name(change.address)
    rendered["provider_name"] = str(change.provider.source)
    schema = schema_of(change.provider.source, change.address.resource)
    rendered["schema_version"] = schema.version if schema is not None else 0
    if not is_null(change.after):
        rendered["values"] = known_part(change.after)
    rendered["sensitive_values"] = sensitive_parts(change.after)
    return rendered
