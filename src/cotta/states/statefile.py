"""State files of format version 4, read and written as Terraform 1.11 does.

Reading goes resource by resource, so that besides the state itself only one
resource's tree is in memory.  Mistakes are collected with their places: a
state file is never half-read in silence.  Older formats are in `upgrade.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from cotta.addrs.parse import parse_module, parse_provider_config
from cotta.addrs.resources import AbsResource, Mode, Resource
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile, SourceRange
from cotta.states.model import (
    Snapshot,
    State,
    StoredInstance,
    StoredResource,
)
from cotta.states.objects import (
    FORMAT,
    ObjectDecoder,
    ObjectError,
    decode_checks,
    decode_output,
)
from cotta.values.json_scan import JsonPlaceError, JsonScanner, find_part
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import ModuleInstance
    from cotta.values.json_text import Json

T = TypeVar("T")

VERSION: Final = 4
_UPGRADED: Final = 3

_UNSUPPORTED: Final = "Unsupported state file format"
_DUPLICATE: Final = "Duplicate resource instance in state"
_KINDS: Final[dict[type, str]] = {
    dict: "a JSON object",
    list: "a JSON array",
    str: "a text",
    int: "a whole number",
}
_RESTORE: Final = (
    "If it was edited or cut short, put back the copy beside it whose name ends in .backup, "
    "or an older one of your own."
)
_VERSION_TEXT: Final = re.compile(r"v?\d+(\.\d+)*(-[0-9A-Za-z.~-]+)?(\+[0-9A-Za-z.~-]+)?")


def parse_state(content: bytes, name: str, diags: Diagnostics) -> Snapshot | None:
    """Return the snapshot that a state file holds; None if it is empty or after a mistake.

    `name` is what messages call the file.  Keys that are not known are passed
    over, as Terraform does with those of its successors.
    """
    if not content.strip():
        return None
    source = SourceFile(name, content.decode("utf-8", "replace"))
    found = Diagnostics()
    snapshot = _Reader(source, found).snapshot()
    diags.extend(found)
    return None if found.has_errors else snapshot


class _WrongShapeError(Exception):
    """A part of the file is no JSON of the kind that stands there; it has been reported."""


class _Reader:
    """Reads one file."""

    def __init__(self, source: SourceFile, diags: Diagnostics) -> None:
        self.source = source
        self.diags = diags
        self.scanner = JsonScanner(source.text)
        self.state = State()
        self.decoder = ObjectDecoder()
        self._modules: dict[str, ModuleInstance | None] = {"": ()}
        self._providers: dict[str, ProviderConfig | None] = {}

    def snapshot(self) -> Snapshot | None:
        try:
            return self._snapshot()
        except _WrongShapeError:
            return None
        except JsonPlaceError as error:
            self.refuse(
                _UNSUPPORTED,
                f"The state file can't be read as JSON: {error}. {_RESTORE}",
                (error.at, error.at + 1),
            )
            return None

    def refuse(self, summary: str, detail: str, place: tuple[int, int]) -> None:
        """Add an error; the place is cut at the end of its first line."""
        start, end = place
        line_end = self.source.text.find("\n", start, end)
        self.diags.error(
            summary, detail, SourceRange(self.source, start, end if line_end < 0 else line_end)
        )

    def expect(self, kind: type, part: Json, what: str, at: int, *steps: str | int) -> None:
        """Report `part` of the value at `at`, and give up, unless it is of `kind`."""
        if not isinstance(part, kind) or (kind is int and isinstance(part, bool)):
            place = find_part(self.source.text, at, steps)
            self.refuse(FORMAT, f"{what} must be {_KINDS[kind]}. {_RESTORE}", place)
            raise _WrongShapeError

    def _snapshot(self) -> Snapshot | None:
        if self._check_version() == _UPGRADED:
            return self._upgrade()
        scanner = self.scanner
        heads: dict[str, Json] = {"terraform_version": "", "serial": 0, "lineage": ""}
        for key in scanner.members():
            if scanner.peek() == "n":
                # null is as good as nothing, everywhere in Go.
                scanner.value()
            elif key == "resources":
                self._resources()
            elif key == "outputs":
                self._outputs()
            elif key == "check_results":
                self._checks()
            else:
                at = scanner.at
                part = scanner.value()
                if key in heads:
                    self.expect(type(heads[key]), part, f'"{key}"', at)
                    heads[key] = part
        scanner.end()
        serial, version = heads["serial"], str(heads["terraform_version"])
        if (isinstance(serial, int) and serial < 0) or not _is_version(version):
            self._refuse_head(version)
            return None
        assert isinstance(serial, int)
        return Snapshot(
            state=self.state,
            lineage=str(heads["lineage"]),
            serial=serial,
            terraform_version=version,
        )

    def _refuse_head(self, version: str) -> None:
        if not _is_version(version):
            self.refuse(
                "Invalid Terraform version string",
                f'The state file says that Terraform "{version}" has written it, which is no '
                f"version. {_RESTORE}",
                find_part(self.source.text, 0, ("terraform_version",)),
            )
        else:
            place = find_part(self.source.text, 0, ("serial",))
            self.refuse(FORMAT, f'"serial" must be a whole number from 0. {_RESTORE}', place)

    def _upgrade(self) -> Snapshot | None:
        # Imported here because such files are rare by now.
        from cotta.states.upgrade import UpgradeError, upgrade_from_3

        old = self.scanner.value()
        self.scanner.end()
        assert isinstance(old, dict)
        try:
            new = write_json(upgrade_from_3(old), indent=2)
        except UpgradeError as error:
            self.refuse(FORMAT, f"{error} {_RESTORE}", find_part(self.source.text, 0, ("modules",)))
            return None
        # Places in what follows are those of the new text.
        source = SourceFile(f"{self.source.name} (as format version 4)", new)
        return _Reader(source, self.diags).snapshot()

    def _check_version(self) -> int:
        """Return the format version, one of the two that are read; give up if it is another."""
        scanner = self.scanner
        version: Json = None
        place = (0, 1)
        if scanner.peek() != "{":
            scanner.value()
            self.refuse(_UNSUPPORTED, f"A state file is a JSON object. {_RESTORE}", place)
            raise _WrongShapeError
        for key in scanner.members():
            start = scanner.at
            if key == "version":
                version = scanner.value()
                place = (start, scanner.at)
                break
            scanner.value()
        scanner.at = 0
        if version not in (VERSION, _UPGRADED) or not isinstance(version, int):
            self.refuse(_UNSUPPORTED, _describe_version(version), place)
            raise _WrongShapeError
        return version

    # --- outputs and checks ---------------------------------------------------

    def _outputs(self) -> None:
        scanner = self.scanner
        if scanner.peek() != "{":
            self.expect(dict, scanner.value(), '"outputs"', scanner.at - 1)
        for name in scanner.members():
            at = scanner.at
            part = scanner.value()
            try:
                self.state.outputs[name] = decode_output(part)
            except ObjectError as error:
                place = find_part(self.source.text, at, error.steps)
                self.refuse(error.summary, f'The output "{name}": {error.detail}', place)

    def _checks(self) -> None:
        scanner = self.scanner
        if scanner.peek() != "[":
            self.expect(list, scanner.value(), '"check_results"', scanner.at - 1)
        at = scanner.at
        try:
            self.state.checks = decode_checks(scanner.value())
        except ObjectError as error:
            place = find_part(self.source.text, at, error.steps)
            self.refuse(error.summary, f"{error.detail} {_RESTORE}", place)

    # --- resources --------------------------------------------------------------

    def _resources(self) -> None:
        scanner = self.scanner
        if scanner.peek() != "[":
            self.expect(list, scanner.value(), '"resources"', scanner.at - 1)
        for at in scanner.elements():
            part = scanner.value()
            self.expect(dict, part, "A resource", at)
            assert isinstance(part, dict)
            self._resource(part, at)

    def _resource(self, part: dict[str, Json], at: int) -> None:
        for key in ("mode", "type", "name", "provider"):
            self.expect(str, part.get(key, ""), f'"{key}" of a resource', at, key)
        mode = part.get("mode")
        if mode not in ("managed", "data"):
            self.refuse(
                "Invalid resource mode in state",
                f'A resource in a state is "managed" or "data", never "{mode}".',
                find_part(self.source.text, at, ("mode",)),
            )
            return
        module = self._module(part.get("module") or "", at)
        provider = self._provider(str(part.get("provider", "")), at)
        if module is None or provider is None:
            return
        resource = Resource(Mode(mode), str(part.get("type", "")), str(part.get("name", "")))
        address = AbsResource(module, resource)
        stored = self.state.resources.get(address)
        if stored is None:
            stored = self.state.resources[address] = StoredResource(address, provider)
        instances = part.get("instances") or []
        self.expect(list, instances, '"instances" of a resource', at, "instances")
        assert isinstance(instances, list)
        for index, one in enumerate(instances):
            self.expect(dict, one, "An instance", at, "instances", index)
            assert isinstance(one, dict)
            try:
                self._instance(one, stored)
            except ObjectError as error:
                place = find_part(self.source.text, at, ("instances", index, *error.steps))
                self.refuse(error.summary, f"{address}: {error.detail}", place)

    def _instance(self, part: dict[str, Json], stored: StoredResource) -> None:
        key = self.decoder.key(part)
        deposed = self.decoder.deposed(part)
        instance = stored.instances.get(key)
        if instance is None:
            instance = stored.instances[key] = StoredInstance()
        if deposed:
            if deposed in instance.deposed:
                raise ObjectError(_DUPLICATE, "A deposed object is there twice.", "deposed")
            instance.deposed[deposed] = self.decoder.object(part)
        else:
            if instance.current is not None:
                raise ObjectError(_DUPLICATE, f"The instance {_quote_key(key)} is there twice.")
            instance.current = self.decoder.object(part)

    def _module(self, text: Json, at: int) -> ModuleInstance | None:
        self.expect(str, text, '"module" of a resource', at, "module")
        assert isinstance(text, str)
        if text not in self._modules:
            found = self.parsed(parse_module, text, at, "module")
            self._modules[text] = found
        return self._modules[text]

    def _provider(self, text: str, at: int) -> ProviderConfig | None:
        if text not in self._providers:
            self._providers[text] = self.parsed(parse_provider_config, text, at, "provider")
        return self._providers[text]

    def parsed(
        self, parse: Callable[[str, Diagnostics], T | None], text: str, at: int, *steps: str | int
    ) -> T | None:
        """Return what an address in the file stands for; its mistakes get its place there."""
        found = Diagnostics()
        address = parse(text, found)
        for mistake in found:
            self.refuse(
                mistake.summary,
                f'The state file has the address "{text}". {mistake.detail}',
                find_part(self.source.text, at, steps),
            )
        return address


def _quote_key(key: object) -> str:
    return "without a key" if key is None else f"[{key!r}]"


def _is_version(text: str) -> bool:
    return not text or _VERSION_TEXT.fullmatch(text) is not None


def _describe_version(version: Json) -> str:
    if version is None:
        return f'The state file does not say in "version" which format it has. {_RESTORE}'
    if type(version) is not int or version <= 0:
        return f'"version" must be a whole number from 1. {_RESTORE}'
    if version > VERSION:
        return (
            f"The state file has format version {version}, and {VERSION} is the newest that Cotta "
            "knows. A newer Terraform has written it: go on with that one, or put back a state "
            "from before."
        )
    return (
        f"The state file has format version {version}, of Terraform before 0.7. Run "
        '"terraform refresh" with Terraform 0.11 in this folder first, which writes version 3.'
    )
