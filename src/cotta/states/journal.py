"""The journal: finished steps of a run, each on a line, until the state is written.

    1f2e3d4c {"cotta_journal": 1, "lineage": "…", "serial": 7}
    5a6b7c8d {"set": "aws_instance.web", "provider": "…", "object": {…}}

A line begins with the CRC-32 of the rest.  The first line says which snapshot
the steps go on from.  A last line that was cut short is as good as not there.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.addrs.parse import parse_instance, parse_provider_config
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.model import StoredInstance, StoredResource
from cotta.states.objects import (
    ObjectDecoder,
    ObjectError,
    decode_checks,
    decode_output,
    encode_checks,
    encode_object,
    encode_output,
)
from cotta.values.json_text import JsonError, parse_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.states.model import CheckResult, State, StoredObject, StoredOutput
    from cotta.values.json_text import Json

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class ObjectSet:
    """An object is there now, under its address: the current one, or deposed under a key."""

    address: AbsResourceInstance
    provider: ProviderConfig
    object: StoredObject
    deposed: str = ""


@dataclass(frozen=True, slots=True)
class ObjectRemoved:
    """An object is not there any more, or not under this key."""

    address: AbsResourceInstance
    deposed: str = ""


@dataclass(frozen=True, slots=True)
class OutputSet:
    """An output of the root module has a value now; None if it is not there any more."""

    name: str
    output: StoredOutput | None


@dataclass(frozen=True, slots=True)
class ChecksSet:
    """The results of all checks are these now."""

    checks: tuple[CheckResult, ...]


Step: TypeAlias = ObjectSet | ObjectRemoved | OutputSet | ChecksSet


@dataclass(frozen=True, slots=True)
class Journal:
    """Steps, and the lineage and serial of the snapshot that they go on from."""

    lineage: str
    serial: int
    steps: tuple[Step, ...]


class JournalDamagedError(Exception):
    """A line of a journal is wrong, and right ones follow it; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def apply_step(state: State, step: Step) -> None:
    """Change the state as the step says.  Doing it again changes nothing more."""
    match step:
        case ObjectSet(address, provider, stored, deposed):
            resource = state.resources.get(address.of)
            if resource is None:
                resource = state.resources[address.of] = StoredResource(address.of, provider)
            resource.provider = provider
            instance = resource.instances.setdefault(address.key, StoredInstance())
            if deposed:
                instance.deposed[deposed] = stored
            else:
                instance.current = stored
        case ObjectRemoved(address, deposed):
            _remove(state, address, deposed)
        case OutputSet(name, None):
            state.outputs.pop(name, None)
        case OutputSet(name, output):
            assert output is not None
            state.outputs[name] = output
        case ChecksSet(checks):
            state.checks = checks


def _remove(state: State, address: AbsResourceInstance, deposed: str) -> None:
    """Take an object out, and with it an instance or a resource that has no others."""
    resource = state.resources.get(address.of)
    instance = resource.instances.get(address.key) if resource is not None else None
    if resource is None or instance is None:
        return
    if deposed:
        instance.deposed.pop(deposed, None)
    else:
        instance.current = None
    if instance.current is None and not instance.deposed:
        del resource.instances[address.key]
    if not resource.instances:
        del state.resources[address.of]


# --- lines ------------------------------------------------------------------------


def encode_header(lineage: str, serial: int) -> bytes:
    """Return the first line."""
    return _line({"cotta_journal": _FORMAT, "lineage": lineage, "serial": serial})


def encode_steps(steps: Iterable[Step]) -> bytes:
    """Return a line for each step."""
    return b"".join([_line(_encode(step)) for step in steps])


def _line(tree: Json) -> bytes:
    text = write_json(tree).encode("utf-8", "replace")
    return b"%08x %b\n" % (crc32(text), text)


def _encode(step: Step) -> dict[str, Json]:
    match step:
        case ObjectSet(address, provider, stored, deposed):
            return {
                "set": str(address),
                "provider": str(provider),
                "object": encode_object(address.key, deposed, stored),
            }
        case ObjectRemoved(address, deposed):
            return {"remove": str(address), "deposed": deposed}
        case OutputSet(name, output):
            return {"output": name, "is": None if output is None else encode_output(output)}
        case ChecksSet(checks):
            return {"checks": encode_checks(checks)}


def parse_journal(content: bytes) -> Journal | None:
    """Return the journal; None if not even its first line is whole.

    Raises `JournalDamagedError` for a wrong line that is not the last one.
    """
    lines = content.split(b"\n")
    # What follows the last line end was cut short, unless it is nothing.
    lines.pop()
    trees: list[dict[str, Json]] = []
    for number, line in enumerate(lines, 1):
        tree = _parse_line(line)
        if tree is None:
            if number < len(lines):
                raise JournalDamagedError(number)
            break
        trees.append(tree)
    if not trees:
        return None
    head = trees[0]
    lineage, serial = head.get("lineage"), head.get("serial")
    if head.get("cotta_journal") != _FORMAT or not isinstance(serial, int):
        raise JournalDamagedError(1)
    decoder = _StepDecoder()
    steps = []
    for number, tree in enumerate(trees[1:], 2):
        try:
            steps.append(decoder.decode(tree))
        except (ObjectError, KeyError, AssertionError):
            raise JournalDamagedError(number) from None
    return Journal(str(lineage), serial, tuple(steps))


def _parse_line(line: bytes) -> dict[str, Json] | None:
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % crc32(text):
        return None
    try:
        tree = parse_json(text.decode())
    except (JsonError, UnicodeDecodeError):
        return None
    return tree if isinstance(tree, dict) else None


class _StepDecoder:
    """Decodes the steps of one journal; raises one of several errors for a wrong one."""

    def __init__(self) -> None:
        self._objects = ObjectDecoder()
        self._providers: dict[str, ProviderConfig | None] = {}

    def decode(self, tree: dict[str, Json]) -> Step:
        if "set" in tree:
            part = tree["object"]
            assert isinstance(part, dict)
            return ObjectSet(
                _address(tree["set"]),
                self._provider(str(tree["provider"])),
                self._objects.object(part),
                self._objects.deposed(part),
            )
        if "remove" in tree:
            return ObjectRemoved(_address(tree["remove"]), str(tree["deposed"]))
        if "output" in tree:
            part = tree["is"]
            return OutputSet(str(tree["output"]), None if part is None else decode_output(part))
        return ChecksSet(decode_checks(tree["checks"]))

    def _provider(self, text: str) -> ProviderConfig:
        if text not in self._providers:
            self._providers[text] = parse_provider_config(text, Diagnostics())
        found = self._providers[text]
        assert found is not None
        return found


def _address(text: Json) -> AbsResourceInstance:
    found = parse_instance(str(text), Diagnostics())
    assert found is not None
    return found
