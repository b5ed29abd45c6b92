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
from typing import TYPE_CHECKING, Any, Final, Protocol

from tests.support.outcomes import (
    heads,
    in_order,
    lines_of,
    read_records,
    timeless,
    without_refresh,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Ended

_FILE: Final = re.compile(r"-- (\S+) --")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLANNED: Final = ("plan", "apply", "destroy", "refresh")
_MODES: Final = {"destroy": ["-destroy"], "refresh": ["-refresh-only"]}
_APPLIED: Final = ("apply", "destroy")


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
    """One program's way through the steps, in a folder of its own.

    Commands that plan are asked for records; `in_text` asks for what people read.
    """

    program: Program
    folder: Path
    in_text: bool = False
    names: dict[str, str] = field(default_factory=dict)

    def perform(self, step: Step) -> dict[str, Any]:
        """Return the outcome of a step: texts, records and the state that it leaves."""
        self.write(step)
        verb, *rest = step.command
        outcome: dict[str, Any] = {"command": shlex.join(step.command)}
        if verb in _PLANNED:
            outcome |= self._planned(verb, rest)
            outcome |= self._as_text(verb, rest) if self.in_text else self._as_records(verb, rest)
        else:
            outcome |= self._told(verb, *rest)
        ends = verb == "destroy" or "-destroy" in rest
        if ends and any(word.startswith("-target") for word in rest):
            # Terraform looks at what the targets need; we look at what will end.
            outcome = without_refresh(outcome)
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

    def _planned(self, verb: str, rest: list[str]) -> dict[str, Any]:
        """Plan, save the plan, and show what was saved."""
        self._learn()
        (self.folder / "saved").unlink(missing_ok=True)
        flags = ["-detailed-exitcode", "-out=saved", *_MODES.get(verb, []), *rest]
        planned = self.program("plan", *flags, folder=self.folder)
        outcome: dict[str, Any] = {
            "plan status": planned.status,
            "plan text": self._text(planned.stdout.rstrip()),
            "plan heads": heads(self._ours(planned.stderr)),
        }
        if (self.folder / "saved").is_file():
            shown = self.program("show", "-json", "saved", folder=self.folder)
            outcome["plan json"] = self._json(shown.stdout)
        return outcome

    def _as_text(self, verb: str, rest: list[str]) -> dict[str, Any]:
        acts = ["-auto-approve"] if verb in _APPLIED else []
        done = self.program(verb, *acts, *rest, folder=self.folder)
        self._learn()
        shown = self.program("show", folder=self.folder)
        outputs = self.program("output", folder=self.folder)
        return {
            "status": done.status,
            "text": self._text(done.stdout),
            "heads": heads(self._ours(done.stderr)),
            "shown": self._text(shown.stdout),
            "outputs": self._text(outputs.stdout),
        }

    def _as_records(self, verb: str, rest: list[str]) -> dict[str, Any]:
        acts = ["-auto-approve"] if verb in _APPLIED else []
        done = self.program(verb, "-json", *acts, *rest, folder=self.folder)
        self._learn()
        shown = self.program("show", "-json", folder=self.folder)
        outputs = self.program("output", "-json", folder=self.folder)
        listed = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        plain = [json.loads(self._ours(json.dumps(timeless(record)))) for record in listed]
        return {
            "status": done.status,
            **read_records(plain),
            "shown": self._json(shown.stdout),
            "outputs": self._json(outputs.stdout),
        }

    def _told(self, *line: str) -> dict[str, Any]:
        ended = self.program(*line, folder=self.folder)
        self._learn()
        return {
            "status": ended.status,
            "text": self._text(ended.stdout),
            "heads": heads(self._ours(ended.stderr)),
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
        return in_order(json.loads(self._named(json.dumps(content))))

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

    def _json(self, text: str) -> Any:
        content = json.loads(self._named(text)) if text.startswith("{") else text
        if isinstance(content, dict):
            content.pop("timestamp", None)
            if "relevant_attributes" in content:
                # Terraform's are in no order.
                content["relevant_attributes"].sort(key=json.dumps)
            if content.get("errored"):
                # Which checks were not reached is told only of plans that may be applied.
                content.pop("checks", None)
        return content

    def _text(self, text: str) -> list[str]:
        return lines_of(self._ours(text))

    def _ours(self, text: str) -> str:
        """Return text in which the program calls itself as we do."""
        text = self._named(text).replace(self.program.name, "Cotta")
        return re.sub(rf"\b{self.program.name.lower()} (?=[a-z])", "cotta ", text)
