"""The parts of a state file: stored objects with the paths in them, outputs, results of checks."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_config_resource
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.model import (
    CheckObject,
    CheckResult,
    CheckStatus,
    ObjectStatus,
    StoredObject,
    StoredOutput,
)
from cotta.values.codec_json import (
    CodecError,
    decode_json,
    decode_type,
    encode_json,
    encode_type,
)
from cotta.values.json_text import JsonNumber
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import DYNAMIC
from cotta.values.value import type_of, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.resources import ConfigResource, InstanceKey
    from cotta.values.json_text import Json
    from cotta.values.paths import Path, PathStep

METADATA: Final = "Invalid resource instance metadata in state"
FORMAT: Final = "Invalid state file format"
_DEPOSED_LENGTH: Final = 8


class ObjectError(Exception):
    """A part of a stored object is wrong; `steps` lead to it."""

    def __init__(self, summary: str, detail: str, *steps: str | int) -> None:
        super().__init__(summary, detail)
        self.summary = summary
        self.detail = detail
        self.steps = steps


class ObjectDecoder:
    """Decodes objects; addresses that come up again and again are parsed once."""

    def __init__(self) -> None:
        self._blocks: dict[str, ConfigResource] = {}

    def key(self, part: dict[str, Json]) -> InstanceKey:
        """Return the key of the instance; raise `ObjectError` if it can be none."""
        key = part.get("index_key")
        if key is None or type(key) is int or type(key) is str:
            return key
        if type(key) is JsonNumber:
            # Terraform reads a fraction as the whole number below it.
            return int(float(key.text))
        raise ObjectError(METADATA, "The key of an instance is a number or a text.", "index_key")

    def deposed(self, part: dict[str, Json]) -> str:
        """Return the key of an object that was put aside; "" for the current one."""
        key = part.get("deposed") or ""
        if isinstance(key, str) and len(key) in (0, _DEPOSED_LENGTH):
            return key
        raise ObjectError(
            METADATA, "The key of a deposed object has 8 hexadecimal digits.", "deposed"
        )

    def object(self, part: dict[str, Json]) -> StoredObject:
        """Return the object; raise `ObjectError` where it is wrong."""
        attributes = part.get("attributes")
        flat = part.get("attributes_flat")
        status = part.get("status") or "ready"
        if status not in ("ready", "tainted"):
            raise ObjectError(METADATA, f'The status of an object is never "{status}".', "status")
        version = part.get("schema_version") or 0
        if type(version) is not int or version < 0:
            raise ObjectError(
                FORMAT, "A schema version is a whole number from 0.", "schema_version"
            )
        is_flat = attributes is None and flat is not None
        sensitive = part.get("sensitive_attributes")
        dependencies = part.get("dependencies")
        private = part.get("private")
        return StoredObject(
            attributes=flat if is_flat else {} if attributes is None else attributes,
            schema_version=version,
            sensitive=decode_paths(sensitive) if sensitive else (),
            private=_decode_private(private) if private else b"",
            status=ObjectStatus.READY if status == "ready" else ObjectStatus.TAINTED,
            dependencies=self._dependencies(dependencies) if dependencies else (),
            create_before_destroy=part.get("create_before_destroy") is True,
            is_flat=is_flat,
        )

    def _dependencies(self, part: Json) -> tuple[ConfigResource, ...]:
        blocks = self._blocks
        try:
            return tuple([blocks[text] for text in part])  # type: ignore[union-attr, index]
        except (KeyError, TypeError):
            pass
        if not isinstance(part, list):
            raise ObjectError(FORMAT, '"dependencies" are an array of addresses.', "dependencies")
        for index, text in enumerate(part):
            if not isinstance(text, str):
                raise ObjectError(FORMAT, "A dependency is an address.", "dependencies", index)
            if text not in blocks:
                blocks[text] = _parse_block(text, index)
        return tuple([blocks[str(text)] for text in part])


def _parse_block(text: str, index: int) -> ConfigResource:
    diags = Diagnostics()
    found = parse_config_resource(text, diags)
    if found is None:
        mistake = next(iter(diags))
        raise ObjectError(mistake.summary, f'"{text}": {mistake.detail}', "dependencies", index)
    return found


def _decode_private(part: Json) -> bytes:
    try:
        return base64.b64decode(str(part), validate=True)
    except (binascii.Error, ValueError):
        raise ObjectError(FORMAT, "What a provider keeps is in base64.", "private") from None


def encode_object(key: InstanceKey, deposed: str, stored: StoredObject) -> dict[str, Json]:
    """Return the object as a state file has it, with the keys in its order."""
    part: dict[str, Json] = {}
    if key is not None:
        part["index_key"] = key
    if stored.status is ObjectStatus.TAINTED:
        part["status"] = "tainted"
    if deposed:
        part["deposed"] = deposed
    part["schema_version"] = stored.schema_version
    part["attributes_flat" if stored.is_flat else "attributes"] = stored.attributes
    part["sensitive_attributes"] = encode_paths(stored.sensitive)
    if stored.private:
        part["private"] = base64.b64encode(stored.private).decode("ascii")
    if stored.dependencies:
        part["dependencies"] = [block.text for block in stored.dependencies]
    if stored.create_before_destroy:
        part["create_before_destroy"] = True
    return part


def encode_paths(paths: tuple[Path, ...]) -> list[Json]:
    """Return paths as a state file has them."""
    return [[_encode_step(step) for step in path] for path in paths]


def _encode_step(step: PathStep) -> Json:
    match step:
        case AttributePath(name):
            return {"type": "get_attr", "value": name}
        case IndexPath(key):
            return {"type": "index", "value": encode_json(key, DYNAMIC)}


def decode_paths(part: Json) -> tuple[Path, ...]:
    """Return the paths of `sensitive_attributes`; raise `ObjectError` if they are none."""
    if not isinstance(part, list):
        raise ObjectError("Error unmarshaling path steps", _PATHS, "sensitive_attributes")
    return tuple(_decode_path(path, index) for index, path in enumerate(part))


_PATHS: Final = "Sensitive attributes are arrays of steps."


def _decode_path(part: Json, index: int) -> Path:
    if not isinstance(part, list):
        raise ObjectError("Error unmarshaling path steps", _PATHS, "sensitive_attributes", index)
    steps: list[PathStep] = []
    for at, step in enumerate(part):
        place = ("sensitive_attributes", index, at)
        match step:
            case {"type": "get_attr", "value": str(name)}:
                steps.append(AttributePath(name))
            case {"type": "index", "value": key}:
                try:
                    steps.append(IndexPath(decode_json(key, DYNAMIC)))
                except CodecError as error:
                    raise ObjectError(
                        "Error unmarshaling path step", f"{error.describe()}.", *place
                    ) from None
            case _:
                raise ObjectError(
                    "Unsupported path step", 'A step is of the type "get_attr" or "index".', *place
                )
    return tuple(steps)


# --- outputs and checks -------------------------------------------------------------


def encode_output(output: StoredOutput) -> dict[str, Json]:
    """Return an output as a state file has it."""
    value, _ = unmark_deep(output.value)
    type_ = type_of(value)
    part: dict[str, Json] = {"value": encode_json(value, type_), "type": encode_type(type_)}
    if output.is_sensitive:
        part["sensitive"] = True
    return part


def encode_checks(checks: tuple[CheckResult, ...]) -> list[Json] | None:
    """Return the results of checks as a state file has them; None where there are none."""
    if not checks:
        return None
    return [
        {
            "object_kind": check.kind,
            "config_addr": check.address,
            "status": check.status.value,
            "objects": [
                {"object_addr": one.address, "status": one.status.value}
                | ({"failure_messages": list(one.failures)} if one.failures else {})
                for one in check.objects
            ]
            or None,
        }
        for check in checks
    ]


def decode_output(part: Json) -> StoredOutput:
    """Return an output; raise `ObjectError` where it is wrong."""
    if not isinstance(part, dict):
        raise ObjectError(FORMAT, "It must be a JSON object.")
    try:
        type_ = decode_type(part.get("type"))
    except CodecError as error:
        raise ObjectError(
            "Invalid output value type in state", f"Its type is none: {error.describe()}.", "type"
        ) from None
    try:
        value = decode_json(part.get("value"), type_)
    except CodecError as error:
        raise ObjectError(
            "Invalid output value saved in state",
            f"Its value is not of its type: {error.describe()}.",
            "value",
        ) from None
    return StoredOutput(value, part.get("sensitive") is True)


def decode_checks(part: Json) -> tuple[CheckResult, ...]:
    """Return the results of checks; raise `ObjectError` where they are wrong."""
    if part is None:
        return ()
    return tuple(
        CheckResult(
            str(check.get("object_kind", "")),
            str(check.get("config_addr", "")),
            _check_status(check.get("status")),
            tuple(
                _check_object(one)
                for _, one in _objects_in(check.get("objects") or [], (index, "objects"))
            ),
        )
        for index, check in _objects_in(part, ())
    )


def _objects_in(part: Json, steps: tuple[str | int, ...]) -> Iterator[tuple[int, dict[str, Json]]]:
    if not isinstance(part, list):
        raise ObjectError(FORMAT, "The results of checks must be a JSON array.", *steps)
    for index, one in enumerate(part):
        if not isinstance(one, dict):
            raise ObjectError(FORMAT, "A result must be a JSON object.", *steps, index)
        yield index, one


def _check_status(part: Json) -> CheckStatus:
    try:
        return CheckStatus(part)
    except ValueError:
        # A newer Terraform may know more of them.
        return CheckStatus.UNKNOWN


def _check_object(part: dict[str, Json]) -> CheckObject:
    failures = part.get("failure_messages") or []
    return CheckObject(
        str(part.get("object_addr", "")),
        _check_status(part.get("status")),
        tuple(str(one) for one in failures) if isinstance(failures, list) else (),
    )
