"""Rehearsals: folders and steps as plain text, and what a program makes of them, made comparable.

A rehearsal is a file of `-- path --` lines, each followed by a file's content,
and of `$ command` lines.  Files stay until they are given again; an empty one
is removed.  Ids are replaced by the address of the object they belong to, so
that the outcomes of two programs can be compared with `==`.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from difflib import unified_diff
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.cli import Ended

_FILE: Final = re.compile(r"-- (\S+) --")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROGRESS: Final = re.compile(
    r".*: (Refreshing state\.\.\.|Reading\.\.\.|Read complete after|Still )"
)
_MOMENTS: Final = ("@timestamp", "@module", "@level", "elapsed_seconds")
_PLANNED: Final = ("plan", "apply", "destroy", "refresh")


class Program(Protocol):
    """Runs a command in a folder; `name` is what the program calls itself."""

    name: str

    def __call__(self, *arguments: str, folder: Path) -> Ended: ...


@dataclass(frozen=True, slots=True)
class Step:
    """Files to write (those with no content to remove), then a command."""

    files: dict[str, str]
    command: tuple[str, ...]


def parse_rehearsal(text: str) -> list[Step]:
    """Return the steps of a rehearsal's text."""
    steps = []
    files: dict[str, str] = {}
    path = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append(Step(files, tuple(shlex.split(line[2:]))))
            files, path = {}, ""
        elif header := _FILE.match(line):
            path = header[1]
            files[path] = ""
        elif path:
            files[path] += line
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"this line belongs to no file: {line!r}")
    return steps


@dataclass(slots=True)
class Rehearsal:
    """One program's way through the steps, in a folder of its own."""

    program: Program
    folder: Path
    names: dict[str, str] = field(default_factory=dict)

    def perform(self, step: Step) -> dict[str, Any]:
        """Return the outcome of a step: texts, records and the state that it leaves."""
        self.write(step)
        verb, *rest = step.command
        outcome: dict[str, Any] = {"command": shlex.join(step.command)}
        if verb in _PLANNED:
            outcome |= self._operation(verb, rest)
        else:
            ended = self.program(verb, *rest, folder=self.folder)
            outcome |= {"status": ended.status, "text": self._text(ended.stdout)}
        outcome["state"] = self.state()
        return outcome

    def write(self, step: Step) -> None:
        """Write the files of a step."""
        for name, content in step.files.items():
            path = self.folder / name
            if content.strip():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            else:
                path.unlink(missing_ok=True)

    def _operation(self, verb: str, rest: list[str]) -> dict[str, Any]:
        """Plan as text; then do it as a stream, or plan once more as a stream."""
        self._learn()
        how = {"destroy": ["-destroy"], "refresh": ["-refresh-only"]}.get(verb, [])
        planned = self.program("plan", "-detailed-exitcode", *how, *rest, folder=self.folder)
        acts = ["-auto-approve"] if verb in {"apply", "destroy"} else []
        done = self.program(verb, "-json", *acts, *rest, folder=self.folder)
        self._learn()
        records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return {
            "planned": planned.status,
            "status": done.status,
            "text": self._text(planned.stdout.rstrip()),
            **self._records(records),
        }

    # --- what is compared --------------------------------------------------------------

    def state(self) -> Any:
        """Return the state file's content without what must differ."""
        path = self.folder / "terraform.tfstate"
        if not path.is_file():
            return None
        self._learn()
        content = json.loads(path.read_text())
        for name in ("serial", "lineage", "version", "terraform_version"):
            content.pop(name, None)
        return json.loads(self._named(json.dumps(content)))

    def _learn(self) -> None:
        """Remember which object has which id, and which deposed key."""
        path = self.folder / "terraform.tfstate"
        if not path.is_file():
            return
        for resource in json.loads(path.read_text())["resources"]:
            name = f"{resource.get('module', '')}.{resource['type']}.{resource['name']}"
            for instance in resource["instances"]:
                key = instance.get("index_key", "")
                id_ = (instance.get("attributes") or {}).get("id")
                if isinstance(id_, str) and _UUID.fullmatch(id_):
                    self.names.setdefault(id_, f"<id of {name}[{key}]>".replace('"', "'"))
                if deposed := instance.get("deposed"):
                    self.names.setdefault(deposed, "<deposed>")

    def _named(self, text: str) -> str:
        for id_, name in self.names.items():
            text = text.replace(id_, name)
        text = re.sub("deposed object [0-9a-f]{8}", "deposed object <deposed>", text)
        return _UUID.sub("<id>", text)

    def _text(self, text: str) -> list[str]:
        """Return lines without warnings: progress first and sorted, paragraphs on a line each."""
        text = self._named(text).replace(self.program.name, "Cotta")
        text = re.sub(rf"\b{self.program.name.lower()} (?=[a-z])", "cotta ", text)
        lines = [line.rstrip() for line in re.sub("─+", "─", text).splitlines()]
        progress = sorted(line for line in lines if _PROGRESS.match(line))
        rest = [line for line in _without_warnings(lines) if not _PROGRESS.match(line)]
        return progress + list(_unwrapped(rest))

    def _records(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the records in the order that is determined, and the diagnostics."""
        plain = [json.loads(self._named(json.dumps(_timeless(record)))) for record in records]
        hooks = [record for record in plain if "hook" in record]
        told = [_told(record["diagnostic"]) for record in plain if record["type"] == "diagnostic"]
        rest = [
            record
            for record in plain
            if "hook" not in record and record["type"] not in {"diagnostic", "version"}
        ]
        return {
            "records": list(_sorted_changes(rest)),
            "hooks": sorted(hooks, key=lambda record: json.dumps(record, sort_keys=True)),
            "order": [_moment(record) for record in hooks if record["type"].startswith("apply_")],
            "diagnostics": sorted(told, key=lambda one: json.dumps(one, sort_keys=True)),
        }


def _without_warnings(lines: list[str]) -> Iterator[str]:
    """Yield the lines but for warnings, which are compared as records: they end at the rule."""
    is_warning = False
    for line in lines:
        is_warning = line != "─" and (is_warning or line.startswith("Warning: "))
        if not is_warning:
            yield line


def _sorted_changes(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the records; runs of changes, whose order is the walk's, by address."""
    for kind, group in groupby(records, lambda record: str(record["type"])):
        if kind in {"planned_change", "resource_drift"}:
            yield from sorted(group, key=lambda record: json.dumps(record, sort_keys=True))
        else:
            yield from group


def _unwrapped(lines: list[str]) -> Iterator[str]:
    for is_prose, group in groupby(lines, lambda line: bool(line) and line[0].isalpha()):
        if is_prose:
            yield " ".join(group)
        else:
            yield from group


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in _MOMENTS}
    if isinstance(value, str):
        return re.sub(r"after \d+s", "after 0s", value)
    return [_timeless(v) for v in value] if isinstance(value, list) else value


def _moment(record: dict[str, Any]) -> list[str]:
    hook = record["hook"]
    return [record["type"], hook["resource"]["addr"], hook.get("action", "")]


def _told(diagnostic: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal of a diagnostic: all but the details."""
    place = diagnostic.get("range") or {}
    return {
        "severity": diagnostic["severity"],
        "summary": diagnostic["summary"],
        "file": place.get("filename"),
        "start": place.get("start"),
        "address": diagnostic.get("address"),
    }


def determined(order: list[list[str]], needs: dict[str, set[str]]) -> dict[str, list[list[str]]]:
    """Return the moments of every pair of objects of which one needs the other."""
    return {
        f"{one} {other}": [moment for moment in order if moment[1] in {one, other}]
        for one in sorted(needs)
        for other in sorted(needs[one])
    }


def needs_of(*states: Any) -> dict[str, set[str]]:
    """Return which addresses the states say need which; all instances of each."""
    instances: dict[str, set[str]] = {}
    needs: dict[str, set[str]] = {}
    listed = [(resource, one) for state in states if state for resource, one in _instances(state)]
    for resource, instance in listed:
        instances.setdefault(_whole(resource), set()).add(_address(resource, instance))
    for resource, instance in listed:
        found = needs.setdefault(_address(resource, instance), set())
        for need in instance.get("dependencies", ()):
            found |= instances.get(need, set())
    return needs


def _instances(state: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for resource in state["resources"]:
        for instance in resource["instances"]:
            yield resource, instance


def _whole(resource: dict[str, Any]) -> str:
    module = re.sub(r"\[[^]]*\]", "", resource.get("module", ""))
    name = f"{resource['type']}.{resource['name']}"
    return f"{module}.{name}" if module else name


def _address(resource: dict[str, Any], instance: dict[str, Any]) -> str:
    module = resource.get("module")
    key = instance.get("index_key")
    shown = "" if key is None else f"[{json.dumps(key)}]"
    name = f"{resource['type']}.{resource['name']}{shown}"
    return f"{module}.{name}" if module else name


def difference(expected: Any, found: Any) -> str:
    """Return the lines in which two outcomes differ, for people."""
    before, after = (
        json.dumps(side, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
        for side in (expected, found)
    )
    return "\n".join(unified_diff(before, after, "expected", "found", lineterm="", n=4))
