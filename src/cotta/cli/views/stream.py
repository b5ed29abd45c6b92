"""Plan and apply as a stream of JSON records, one a line: `-json`, format 1.2 of Terraform's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import render_module
from cotta.cli.version import LANGUAGE_VERSION, NAME
from cotta.cli.views.diagnostics import encode_diagnostics
from cotta.cli.views.plan_text import count_changes, summary
from cotta.cli.views.progress_text import render_event
from cotta.cli.views.reasons import encode_cause
from cotta.diagnostics.diagnostics import Severity
from cotta.diagnostics.render import Pen
from cotta.engine.events import (
    ApplyContinues,
    ApplyFailed,
    ApplyFinished,
    ApplySaid,
    ApplyStarted,
    ProvisionFinished,
    ProvisionOutput,
    ProvisionStarted,
    Readopted,
    RefreshFinished,
    RefreshStarted,
)
from cotta.plans.changes import Action, PlanMode, Reason
from cotta.plans.json_plan import render_notes
from cotta.values.codec_json import encode_plain, encode_type
from cotta.values.json_text import write_json
from cotta.values.value import is_wholly_known, type_of, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.engine.apply_context import Tally
    from cotta.engine.events import Event, Subject
    from cotta.images.pins import Pin
    from cotta.plans.changes import Plan, ResourceChange
    from cotta.practices.model import Finding
    from cotta.states.model import StoredOutput
    from cotta.values.json_text import Json

_WORDS: Final = {
    Action.NO_OP: "noop",
    Action.CREATE: "create",
    Action.READ: "read",
    Action.UPDATE: "update",
    Action.DELETE: "delete",
    Action.DELETE_THEN_CREATE: "replace",
    Action.CREATE_THEN_DELETE: "replace",
    Action.FORGET: "remove",
}
_REASONS: Final = {
    Reason.REPLACE_TAINTED: "tainted",
    Reason.REPLACE_BY_REQUEST: "requested",
    Reason.REPLACE_BY_TRIGGERS: "replace_triggered_by",
    Reason.REPLACE_CANNOT_UPDATE: "cannot_update",
    Reason.DELETE_NO_CONFIG: "delete_because_no_resource_config",
    Reason.DELETE_WRONG_REPETITION: "delete_because_wrong_repetition",
    Reason.DELETE_COUNT_INDEX: "delete_because_count_index",
    Reason.DELETE_EACH_KEY: "delete_because_each_key",
    Reason.DELETE_NO_MODULE: "delete_because_no_module",
    Reason.DELETE_NO_MOVE_TARGET: "delete_because_no_move_target",
}
_PLAIN: Final = Pen(colour=False)


class Stream:
    """Writes records; `now` stamps them."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self._write, self._now = write, now

    def _record(self, message: str, type_: str, level: str = "info", **rest: object) -> None:
        stamp = self._now().astimezone()
        record = {
            "@level": level,
            "@message": message,
            "@module": "terraform.ui",
            "@timestamp": stamp.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            **rest,
            "type": type_,
        }
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        for character, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(character, escape)
        self._write(text + "\n")

    def version(self) -> None:
        """Say which program and which format this is; the first record."""
        self._record(f"{NAME} {LANGUAGE_VERSION}", "version", terraform=LANGUAGE_VERSION, ui="1.2")

    def initializing(self, message: str, code: str) -> None:
        """Write what `init` has to say."""
        self._record(message, "init_output", message_code=code)

    def log(self, message: str) -> None:
        """Write a line that is only for reading."""
        self._record(message, "log")

    def event(self, event: Event) -> None:
        """Write an event's record; that an object was put aside is not in it."""
        if event.subject.deposed:
            event = replace(event, subject=replace(event.subject, deposed=""))
        message = render_event(event, _PLAIN) or ""
        match event:
            case RefreshStarted(subject):
                self._hook(message, "refresh_start", subject, **_id(subject))
            case RefreshFinished(subject):
                self._hook(
                    f"{subject.address}: Refresh complete{_bracketed(subject)}",
                    "refresh_complete",
                    subject,
                    **_id(subject),
                )
            case ApplyStarted(subject, action):
                known = _id(subject) if action is not Action.CREATE else {}
                self._hook(message, "apply_start", subject, action=_WORDS[action], **known)
            case ApplyContinues(subject, action, seconds):
                self._hook(
                    message,
                    "apply_progress",
                    subject,
                    action=_WORDS[action],
                    **(_id(subject) if action is not Action.CREATE else {}),
                    elapsed_seconds=seconds,
                )
            case ApplySaid(subject, action, line, figures):
                # Terraform has no such record; its readers pass over what they don't know.
                rest: dict[str, object] = {"line": line, "figures": dict(figures)}
                self._hook(message, "apply_said", subject, action=_WORDS[action], **rest)
            case ApplyFinished(subject, action, seconds):
                known = _id(subject) if action is not Action.DELETE else {}
                self._hook(
                    message,
                    "apply_complete",
                    subject,
                    action=_WORDS[action],
                    **known,
                    elapsed_seconds=int(seconds),
                )
            case ApplyFailed(subject, action, seconds):
                word = {"create": "Creation", "update": "Modifications", "delete": "Destruction"}
                self._hook(
                    f"{subject.address}: {word[_WORDS[action]]} errored after {int(seconds)}s",
                    "apply_errored",
                    subject,
                    action=_WORDS[action],
                    elapsed_seconds=int(seconds),
                )
            case ProvisionStarted(subject, provisioner):
                self._hook(message, "provision_start", subject, provisioner=provisioner)
            case ProvisionOutput(subject, provisioner, line):
                self._hook(
                    f"{subject.address}: ({provisioner}): {line}",
                    "provision_progress",
                    subject,
                    provisioner=provisioner,
                    output=line,
                )
            case ProvisionFinished(subject, provisioner, is_failed):
                how = "errored" if is_failed else "complete"
                self._hook(
                    f"{subject.address}: ({provisioner}) Provisioning {how}",
                    f"provision_{how}",
                    subject,
                    provisioner=provisioner,
                )
            case Readopted(subject):
                self._hook(message, "readopted", subject, **_id(subject))

    def _hook(self, message: str, type_: str, subject: Subject, **rest: object) -> None:
        hook = {"resource": _resource(subject.address), **rest}
        self._record(message, type_, hook=hook)

    def drift(self, plan: Plan) -> None:
        """Write a record for each object that changed by itself.

        A move alone is one only where the plan has no changes to list it among.
        """
        for change in plan.drift:
            if change.action is Action.NO_OP and plan.mode is not PlanMode.REFRESH_ONLY:
                continue
            word = "move" if change.action is Action.NO_OP else _WORDS[change.action]
            described: dict[str, object] = {"resource": _resource(change.address), "action": word}
            if change.previous_address != change.address:
                described["previous_resource"] = _resource(change.previous_address)
            self._record(
                f"{change.address}: Drift detected ({word})", "resource_drift", change=described
            )

    def planned(self, plan: Plan) -> None:
        """Write a record for each object that something happens to."""
        for change in plan.changes:
            moved = change.previous_address != change.address
            if change.action is not Action.NO_OP or moved or change.importing is not None:
                self._planned(change)

    def _planned(self, change: ResourceChange) -> None:
        word = _WORDS[change.action]
        if change.action is Action.NO_OP:
            word = "import" if change.importing is not None else "move"
        described: dict[str, object] = {"resource": _resource(change.address), "action": word}
        if change.previous_address != change.address:
            described["previous_resource"] = _resource(change.previous_address)
        if change.reason in _REASONS:
            described["reason"] = _REASONS[change.reason]
        if change.importing is not None:
            described["importing"] = {"id": change.importing.id}
        message = f"{change.address}: Plan to {'no-op' if word == 'noop' else word}"
        # Beside Terraform's fields, whose readers pass over what they don't know.
        rest: dict[str, list[object]] = {}
        if change.causes:
            rest["why"] = [encode_cause(one) for one in change.causes]
        if change.notes:
            rest["notes"] = [_plain(note) for note in render_notes(change)]
        self._record(message, "planned_change", "info", change=described, **rest)

    def cloud(self, cloud: str) -> None:
        """Write which cloud a plan is about; the record is ours, terraform has none."""
        self._record(f"Cloud: {cloud}", "cloud", cloud=cloud)

    def pinned(self, address: str, pin: Pin) -> None:
        """Write that a data source is held to an image; the record is ours, terraform has none."""
        self._record(
            f"{pin.describe(address)}.",
            "pinned_image",
            pin={
                "addr": address,
                "image": pin.image,
                "name": pin.name,
                "since": pin.since.isoformat(),
                "why": pin.why,
            },
        )

    def practice(self, finding: Finding) -> None:
        """Write that a practice is not kept; the record is ours, terraform has none."""
        rule, place = finding.rule, finding.subject
        self._record(
            f"{rule.id} {rule.title}: {finding.address}",
            "practice",
            "warn" if rule.severity is Severity.WARNING else "error",
            practice={
                "rule": rule.id,
                "severity": rule.severity.value,
                "addr": finding.address,
                "detail": finding.detail,
                "filename": None if place is None else place.file.name,
                "line": None if place is None else place.first.line,
            },
        )

    def plan_summary(self, plan: Plan) -> None:
        """Write what a plan will do, in numbers."""
        counts = count_changes(plan)
        message = summary(plan, _PLAIN)
        self._summary(
            message, counts["add"], counts["change"], counts["import"], counts["remove"], "plan"
        )

    def apply_summary(self, tally: Tally, operation: str) -> None:
        """Write what was done, in numbers."""
        if operation == "destroy":
            message = f"Destroy complete! Resources: {tally.destroyed} destroyed."
        else:
            imported = f"{tally.imported} imported, " if tally.imported else ""
            message = (
                f"Apply complete! Resources: {imported}{tally.added} added, "
                f"{tally.changed} changed, {tally.destroyed} destroyed."
            )
        self._summary(
            message, tally.added, tally.changed, tally.imported, tally.destroyed, operation
        )

    def _summary(
        self, message: str, added: int, changed: int, imported: int, removed: int, operation: str
    ) -> None:
        self._record(
            message,
            "change_summary",
            changes={
                "add": added,
                "change": changed,
                "import": imported,
                "remove": removed,
                "operation": operation,
            },
        )

    def planned_outputs(self, plan: Plan) -> None:
        """Write what happens to the outputs."""
        if not plan.outputs:
            return
        outputs = {
            output.name: {"sensitive": output.is_sensitive, "action": _WORDS[output.action]}
            for output in plan.outputs
        }
        self._record(f"Outputs: {len(outputs)}", "outputs", outputs=outputs)

    def outputs(self, outputs: Mapping[str, StoredOutput]) -> None:
        """Write the outputs as they are."""
        described: dict[str, object] = {}
        for name, output in sorted(outputs.items()):
            bare = unmark_deep(output.value)[0]
            record: dict[str, object] = {
                "sensitive": output.is_sensitive,
                "type": encode_type(type_of(bare)),
            }
            if not output.is_sensitive and is_wholly_known(bare):
                record["value"] = _plain(encode_plain(bare))
            described[name] = record
        self._record(f"Outputs: {len(described)}", "outputs", outputs=described)

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Write each diagnostic."""
        listed = list(found)
        for one, record in zip(listed, encode_diagnostics(listed), strict=True):
            is_error = one.severity is Severity.ERROR
            word = "Error" if is_error else "Warning"
            level = "error" if is_error else "warn"
            self._record(f"{word}: {one.summary}", "diagnostic", level, diagnostic=record)


def _plain(tree: Json) -> object:
    return json.loads(write_json(tree))


def _resource(address: AbsResourceInstance) -> dict[str, object]:
    resource = address.resource
    return {
        "addr": str(address),
        "module": render_module(address.module),
        "resource": str(address).removeprefix(render_module(address.module) + "."),
        "implied_provider": resource.type.split("_", 1)[0],
        "resource_type": resource.type,
        "resource_name": resource.name,
        "resource_key": address.key,
    }


def _id(subject: Subject) -> dict[str, object]:
    return {"id_key": subject.id_key, "id_value": subject.id} if subject.id else {}


def _bracketed(subject: Subject) -> str:
    return f" [{subject.id_key}={subject.id}]" if subject.id else ""
