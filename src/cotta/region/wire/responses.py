"""What an operation answers, as a body: encoders are made once per operation from the shapes.

An answer is a mapping named as in the model.  A member that is None is left
out; one that the model does not have is a mistake of ours, and raises
`KeyError`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.region.wire.xml_text import escape

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

# Adds the tags of a value to the parts of a document.
Encode = Callable[[Any, list[str]], None]
# How a member is written: a scalar's text between two tags, or by an encoder.
_Member = tuple[Callable[[Any], str] | None, str, str, Encode]

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def encoder_of_xml(
    operation: OperationModel, protocol: str, namespace: str
) -> Callable[[Mapping[str, Any], str], bytes]:
    """Return the encoder of an operation of the `ec2` or the `query` protocol."""
    shape = operation.output_shape
    body = _Encoders().members_of(shape) if shape is not None else None
    name = operation.name
    if protocol == "ec2":
        before = f'{_HEAD}<{name}Response xmlns="{namespace}"><requestId>{{}}</requestId>'
        after = f"</{name}Response>"
    else:
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        opening, closing = (f"<{wrapper}>", f"</{wrapper}>") if wrapper else ("", "")
        before = f'{_HEAD}<{name}Response xmlns="{namespace}">{opening}'
        after = (
            f"{closing}<ResponseMetadata><RequestId>{{}}</RequestId></ResponseMetadata>"
            f"</{name}Response>"
        )

    def encode(answer: Mapping[str, Any], request_id: str) -> bytes:
        parts = [before.replace("{}", request_id)]
        if body is not None:
            body(answer, parts)
        parts.append(after.replace("{}", request_id))
        return "".join(parts).encode()

    return encode


class _Encoders:
    """Makes encoders of shapes, each shape under each tag once: shapes may hold themselves."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Encode] = {}

    def members_of(self, shape: StructureShape) -> Encode:
        """Return what encodes the members of a structure, without a tag of its own."""
        members: dict[str, _Member] = {}

        def encode(value: Mapping[str, Any], parts: list[str]) -> None:
            for name, member in value.items():
                if member is not None:
                    render, opening, closing, encode_member = members[name]
                    # Most members are scalars: a call less for each is a quarter of the time.
                    if render is not None:
                        parts.append(f"{opening}{render(member)}{closing}")
                    else:
                        encode_member(member, parts)

        for name, member in shape.members.items():
            tag = member.serialization.get("name", name)
            render = _SCALARS.get(member.type_name)
            members[name] = (render, f"<{tag}>", f"</{tag}>", self.of(member, tag))
        return encode

    def of(self, shape: Shape, tag: str) -> Encode:
        """Return what encodes a shape inside a tag."""
        known = self._known.get((shape.name, tag))
        if known is None:

            def later(value: Any, parts: list[str]) -> None:
                self._known[shape.name, tag](value, parts)

            # Until it is there, whoever asks for it inside itself gets what looks it up.
            self._known[shape.name, tag] = later
            known = self._known[shape.name, tag] = self._make(shape, tag)
        return known

    def _make(self, shape: Shape, tag: str) -> Encode:
        opening, closing = f"<{tag}>", f"</{tag}>"
        kind = shape.type_name
        if kind == "list":
            return self._list(shape, tag)
        if kind == "map":
            return self._map(shape, tag)
        if kind == "structure":
            members = self.members_of(shape)

            def encode_structure(value: Mapping[str, Any], parts: list[str]) -> None:
                parts.append(opening)
                members(value, parts)
                parts.append(closing)

            return encode_structure
        render = _SCALARS[kind]

        def encode_scalar(value: Any, parts: list[str]) -> None:
            parts.append(f"{opening}{render(value)}{closing}")

        return encode_scalar

    def _list(self, shape: ListShape, tag: str) -> Encode:
        is_flat = shape.serialization.get("flattened", False)
        item_name = shape.member.serialization.get("name", tag if is_flat else "member")
        item = self.of(shape.member, item_name)
        opening, closing = ("", "") if is_flat else (f"<{tag}>", f"</{tag}>")

        def encode(values: Any, parts: list[str]) -> None:
            parts.append(opening)
            for value in values:
                item(value, parts)
            parts.append(closing)

        return encode

    def _map(self, shape: MapShape, tag: str) -> Encode:
        key = self.of(shape.key, shape.key.serialization.get("name", "key"))
        value = self.of(shape.value, shape.value.serialization.get("name", "value"))
        is_flat = shape.serialization.get("flattened", False)
        opening, closing = ("", "") if is_flat else (f"<{tag}>", f"</{tag}>")
        entry = tag if is_flat else "entry"

        def encode(values: Mapping[str, Any], parts: list[str]) -> None:
            parts.append(opening)
            for name, part in values.items():
                parts.append(f"<{entry}>")
                key(name, parts)
                value(part, parts)
                parts.append(f"</{entry}>")
            parts.append(closing)

        return encode


def render_time(time: datetime) -> str:
    """Return a time as answers in XML have it: in UTC, with milliseconds."""
    in_utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return f"{in_utc.isoformat(timespec='milliseconds')[:23]}Z"


_SCALARS: Final[Mapping[str, Callable[[Any], str]]] = {
    "string": escape,
    "character": escape,
    "integer": str,
    "long": str,
    "double": str,
    "float": str,
    "boolean": lambda value: "true" if value else "false",
    "timestamp": render_time,
    "blob": lambda value: base64.b64encode(value).decode(),
}


# --- JSON -------------------------------------------------------------------------


def encoder_of_json(shape: Shape | None) -> Callable[[Mapping[str, Any], str], bytes]:
    """Return the encoder of an operation of the `json` protocol."""

    def encode(answer: Mapping[str, Any], _request_id: str) -> bytes:
        document = _document(shape, answer) if shape is not None else {}
        return json.dumps(document, separators=(",", ":")).encode()

    return encode


def _document(shape: Shape, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return {
            shape.members[name].serialization.get("name", name): _document(
                shape.members[name], member
            )
            for name, member in value.items()
            if member is not None
        }
    if kind == "list":
        return [_document(shape.member, member) for member in value]
    if kind == "map":
        return {name: _document(shape.value, member) for name, member in value.items()}
    if kind == "timestamp":
        return value.timestamp()
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value
