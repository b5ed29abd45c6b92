"""A plan as a plain tree, and back: everything but the states, which have a form of their own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cotta.addrs.providers import ProviderConfig, ProviderSource
from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    InstanceKey,
    Mode,
    ModuleStep,
    Resource,
)
from cotta.diagnostics.source import SourceRange
from cotta.plans.changes import (
    Action,
    Cause,
    Importing,
    Note,
    OutputChange,
    Plan,
    PlanMode,
    Reason,
    RelevantAttribute,
    ResourceChange,
)
from cotta.plans.value_record import RecordError, ValueReader, ValueWriter, as_text
from cotta.states.model import CheckObject, CheckResult, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.diagnostics.source import SourceFile
    from cotta.plans.value_record import Tree
    from cotta.states.model import Snapshot, State


def write_plan(plan: Plan) -> dict[str, Tree]:
    """Return the plan without its two states."""
    values = ValueWriter()
    record: dict[str, Tree] = {
        "mode": plan.mode.value,
        "changes": [_write_change(change, values) for change in plan.changes],
        "drift": [_write_change(change, values) for change in plan.drift],
        "outputs": [_write_output(output, values) for output in plan.outputs],
        "variables": {name: values.write(value) for name, value in plan.variables.items()},
        "targets": list(plan.targets),
        "replaces": list(plan.replaces),
        "checks": [_write_check(check) for check in plan.checks],
        "relevant": [
            [_write_address(one.resource), values.path(one.path)] for one in plan.relevant
        ],
        "has_new_terms": plan.has_new_terms,
        "timestamp": plan.timestamp.isoformat(),
        "is_errored": plan.is_errored,
        "is_complete": plan.is_complete,
    }
    record["types"] = values.types()
    return record


def read_plan(
    record: Mapping[str, Tree],
    *,
    prior: State,
    previous: Snapshot,
    files: Mapping[str, SourceFile],
) -> Plan:
    """Return the plan of a record; raise `RecordError` if it is none.

    Places are found in `files` by name; those in others are dropped.
    """
    values = ValueReader(_items(record["types"]))
    reader = _Reader(values, files)
    variables = record["variables"]
    if not isinstance(variables, dict):
        raise RecordError("its variables are none")
    return Plan(
        mode=PlanMode(record["mode"]),
        changes=tuple(map(reader.change, _items(record["changes"]))),
        drift=tuple(map(reader.change, _items(record["drift"]))),
        outputs=tuple(map(reader.output, _items(record["outputs"]))),
        variables={name: values.read(value) for name, value in variables.items()},
        targets=tuple(map(as_text, _items(record["targets"]))),
        replaces=tuple(map(as_text, _items(record["replaces"]))),
        prior=prior,
        previous=previous,
        checks=tuple(map(_read_check, _items(record["checks"]))),
        relevant=tuple(map(reader.relevant, _items(record.get("relevant", [])))),
        has_new_terms=record.get("has_new_terms") is True,
        timestamp=datetime.fromisoformat(as_text(record["timestamp"])),
        is_errored=record["is_errored"] is True,
        is_complete=record["is_complete"] is True,
    )


# --- writing ------------------------------------------------------------------


def _write_change(change: ResourceChange, values: ValueWriter) -> Tree:
    record: dict[str, Tree] = {
        "address": _write_address(change.address),
        "provider": _write_provider(change.provider),
        "action": change.action.name,
        "before": values.write(change.before),
        "after": values.write(change.after),
    }
    if change.previous_address != change.address:
        record["previous_address"] = _write_address(change.previous_address)
    if change.deposed:
        record["deposed"] = change.deposed
    if change.reason is not Reason.NONE:
        record["reason"] = change.reason.value
    if change.private:
        record["private"] = change.private
    if change.replace:
        record["replace"] = [values.path(path) for path in change.replace]
    if change.importing is not None:
        record["importing"] = [change.importing.id, change.importing.generated_config]
    if change.causes:
        record["causes"] = [
            [cause.text, cause.change, *_write_place(cause.place)] for cause in change.causes
        ]
    if change.notes:
        record["notes"] = [
            [list(note.lines), None if note.path is None else values.path(note.path)]
            for note in change.notes
        ]
    return record


def _write_place(place: SourceRange | None) -> Iterator[Tree]:
    if place is not None:
        yield from (place.file.name, place.start, place.end)


def _write_address(address: AbsResourceInstance) -> Tree:
    resource = address.resource
    steps: list[Tree] = [[step.name, step.key] for step in address.module]
    return [steps, resource.mode.value, resource.type, resource.name, address.key]


def _write_provider(provider: ProviderConfig) -> Tree:
    source = provider.source
    return [list(provider.module), source.host, source.namespace, source.type, provider.alias]


def _write_output(output: OutputChange, values: ValueWriter) -> Tree:
    return [
        output.name,
        output.action.name,
        values.write(output.before),
        values.write(output.after),
        output.is_sensitive,
        output.will_be_sensitive,
    ]


def _write_check(check: CheckResult) -> Tree:
    objects: list[Tree] = [
        [one.address, one.status.value, list(one.failures)] for one in check.objects
    ]
    return [check.kind, check.address, check.status.value, objects]


# --- reading ------------------------------------------------------------------


def _items(tree: Tree) -> list[Tree]:
    if not isinstance(tree, list):
        raise RecordError("a list in it is none")
    return tree


class _Reader:
    """Reads changes; equal addresses and providers become one object."""

    def __init__(self, values: ValueReader, files: Mapping[str, SourceFile]) -> None:
        self.values = values
        self.files = files
        self._resources: dict[tuple[object, ...], AbsResource] = {}
        self._providers: dict[tuple[object, ...], ProviderConfig] = {}

    def change(self, tree: Tree) -> ResourceChange:
        if not isinstance(tree, dict):
            raise RecordError("a change in it is none")
        address = self.address(tree["address"])
        moved = tree.get("previous_address")
        importing = tree.get("importing")
        private = tree.get("private", b"")
        if not isinstance(private, bytes):
            raise RecordError("a provider's own data in it is none")
        return ResourceChange(
            address=address,
            previous_address=address if moved is None else self.address(moved),
            deposed=as_text(tree.get("deposed", "")),
            provider=self.provider(tree["provider"]),
            action=Action[as_text(tree["action"])],
            reason=Reason(tree.get("reason", "")),
            before=self.values.read(tree["before"]),
            after=self.values.read(tree["after"]),
            private=private,
            replace=tuple(map(self.values.path, _items(tree.get("replace", [])))),
            importing=None if importing is None else _read_importing(importing),
            causes=tuple(map(self.cause, _items(tree.get("causes", [])))),
            notes=tuple(map(self.note, _items(tree.get("notes", [])))),
        )

    def relevant(self, tree: Tree) -> RelevantAttribute:
        match tree:
            case [address, path]:
                return RelevantAttribute(self.address(address), self.values.path(path))
            case _:
                raise RecordError("a relevant attribute in it is none")

    def address(self, tree: Tree) -> AbsResourceInstance:
        match tree:
            case [[*steps], str() as mode, str() as type_, str() as name, key]:
                module = tuple(map(_read_step, steps))
                found = (module, mode, type_, name)
                resource = self._resources.get(found)
                if resource is None:
                    resource = AbsResource(module, Resource(Mode(mode), type_, name))
                    self._resources[found] = resource
                return resource.instance(_read_key(key))
            case _:
                raise RecordError("an address in it is none")

    def provider(self, tree: Tree) -> ProviderConfig:
        match tree:
            case [[*module], str() as host, str() as namespace, str() as type_, alias]:
                path = tuple(map(as_text, module))
                found = (path, host, namespace, type_, alias)
                config = self._providers.get(found)
                if config is None:
                    source = ProviderSource(host, namespace, type_)
                    name = None if alias is None else as_text(alias)
                    config = self._providers[found] = ProviderConfig(path, source, name)
                return config
            case _:
                raise RecordError("a provider in it is none")

    def output(self, tree: Tree) -> OutputChange:
        match tree:
            case [str() as name, str() as action, before, after, bool() as is_, bool() as will_be]:
                return OutputChange(
                    name=name,
                    action=Action[action],
                    before=self.values.read(before),
                    after=self.values.read(after),
                    is_sensitive=is_,
                    will_be_sensitive=will_be,
                )
            case _:
                raise RecordError("an output in it is none")

    def cause(self, tree: Tree) -> Cause:
        match tree:
            case [str() as text, str() as change]:
                return Cause(text, change=change)
            case [str() as text, str() as change, str() as name, int() as start, int() as end]:
                file = self.files.get(name)
                return Cause(text, None if file is None else SourceRange(file, start, end), change)
            case _:
                raise RecordError("a cause in it is none")

    def note(self, tree: Tree) -> Note:
        match tree:
            case [[*lines], None]:
                return Note(tuple(map(as_text, lines)))
            case [[*lines], path]:
                return Note(tuple(map(as_text, lines)), self.values.path(path))
            case _:
                raise RecordError("a note in it is none")


def _read_importing(tree: Tree) -> Importing:
    match tree:
        case [str() as id_, str() as generated]:
            return Importing(id=id_, generated_config=generated)
        case _:
            raise RecordError("an import in it is none")


def _read_step(tree: Tree) -> ModuleStep:
    match tree:
        case [str() as name, key]:
            return ModuleStep(name, _read_key(key))
        case _:
            raise RecordError("an address in it is none")


def _read_key(tree: Tree) -> InstanceKey:
    if tree is None or isinstance(tree, int | str):
        return tree
    raise RecordError("an instance key in it is none")


def _read_check(tree: Tree) -> CheckResult:
    match tree:
        case [str() as kind, str() as address, str() as status, [*objects]]:
            return CheckResult(
                kind, address, CheckStatus(status), tuple(map(_read_check_object, objects))
            )
        case _:
            raise RecordError("a check in it is none")


def _read_check_object(tree: Tree) -> CheckObject:
    match tree:
        case [str() as address, str() as status, [*failures]]:
            return CheckObject(address, CheckStatus(status), tuple(map(as_text, failures)))
        case _:
            raise RecordError("a check in it is none")
