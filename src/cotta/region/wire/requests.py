"""What an operation is given: a request's form, or JSON document, as the model names it.

Decoders are made once per operation from the shapes.  They check what the shapes say: what is
required, which values there are, numbers and their ranges.  Whatever is wrong raises
`ApiError` with the code of the service's kind; nothing else is ever raised.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.region.wire.errors import ApiError
from cotta.region.wire.refusals import CODES, Refusals

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, Shape, StructureShape

# From a tree of texts, or a JSON document, and the place it stands at.
Decode = Callable[[Any, str], Any]
# From the whole request.
Decoder = Callable[[Any], dict[str, Any]]

_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}


class _Decoders:
    """Makes decoders of shapes, each shape once: shapes may hold themselves."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.refuse: Refusals = CODES[protocol]
        self._known: dict[str, Decode] = {}

    def of(self, shape: Shape) -> Decode:
        """Return the decoder of a shape."""
        known = self._known.get(shape.name)
        if known is None:

            def later(given: Any, at: str) -> Any:
                return self._known[shape.name](given, at)

            # Until it is there, whoever asks for it inside itself gets what looks it up.
            self._known[shape.name] = later
            known = self._known[shape.name] = self._make(shape)
        return known

    def _make(self, shape: Shape) -> Decode:
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return self._scalar(shape)

    # --- composites ---------------------------------------------------------------

    def _structure(self, shape: StructureShape) -> Decode:
        members = {
            self._wire_name(name, member): (name, self.of(member))
            for name, member in shape.members.items()
        }
        required = shape.required_members
        refuse = self.refuse

        def decode(given: Any, at: str) -> dict[str, Any]:
            if not isinstance(given, dict):
                # A form can't say that a structure is there and empty but so.
                if given == "" and self.protocol != "json":
                    given = {}
                else:
                    raise refuse.malformed(at)
            found: dict[str, Any] = {}
            for wire_name, part in given.items():
                member = members.get(wire_name)
                if part is None:
                    continue
                if member is None:
                    raise refuse.unknown(f"{at}.{wire_name}" if at else wire_name)
                name, decoder = member
                found[name] = decoder(part, f"{at}.{wire_name}" if at else wire_name)
            for name in required:
                if name not in found:
                    wire_name = self._wire_name(name, shape.members[name])
                    raise refuse.missing(f"{at}.{wire_name}" if at else wire_name)
            return found

        return decode

    def _list(self, shape: ListShape) -> Decode:
        member = self.of(shape.member)
        refuse = self.refuse
        is_flat = self.protocol == "ec2" or shape.serialization.get("flattened", False)
        item_name = shape.member.serialization.get("name", "member")

        def decode_document(given: Any, at: str) -> list[Any]:
            if not isinstance(given, list):
                raise refuse.malformed(at)
            return [member(part, at) for part in given]

        def decode_form(given: Any, at: str) -> list[Any]:
            if given == "":
                return []
            if isinstance(given, dict) and not is_flat:
                given = given.get(item_name)
            if not isinstance(given, dict):
                raise refuse.malformed(at)
            return [member(part, f"{at}.{number}") for number, part in _numbered(given, at, refuse)]

        return decode_document if self.protocol == "json" else decode_form

    def _map(self, shape: MapShape) -> Decode:
        key, value = self.of(shape.key), self.of(shape.value)
        refuse = self.refuse
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        is_flat = shape.serialization.get("flattened", False)

        def decode_document(given: Any, at: str) -> dict[str, Any]:
            if not isinstance(given, dict):
                raise refuse.malformed(at)
            return {key(name, at): value(part, at) for name, part in given.items()}

        def decode_form(given: Any, at: str) -> dict[str, Any]:
            if isinstance(given, dict) and not is_flat:
                given = given.get("entry")
            if not isinstance(given, dict):
                raise refuse.malformed(at)
            found = {}
            for number, part in _numbered(given, at, refuse):
                if not isinstance(part, dict) or not {key_name, value_name} == part.keys():
                    raise refuse.malformed(f"{at}.{number}")
                found[key(part[key_name], at)] = value(part[value_name], at)
            return found

        return decode_document if self.protocol == "json" else decode_form

    def _wire_name(self, name: str, shape: Shape) -> str:
        if self.protocol == "ec2":
            special = shape.serialization.get("queryName")
            if special is not None:
                return str(special)
            place = shape.serialization.get("name", name)
            return str(place[0].upper() + place[1:]) if "name" in shape.serialization else name
        return str(shape.serialization.get("name", name))

    # --- scalars ------------------------------------------------------------------

    def _scalar(self, shape: Shape) -> Decode:
        decode = _SCALARS[shape.type_name]
        refuse = self.refuse
        kinds = _DOCUMENT_KINDS[shape.type_name] if self.protocol == "json" else (str,)
        choices = frozenset(getattr(shape, "enum", ()))
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        is_number = shape.type_name in {"integer", "long", "double", "float"}

        def decode_scalar(given: Any, at: str) -> Any:
            if not isinstance(given, kinds) or (isinstance(given, bool) and bool not in kinds):
                raise refuse.malformed(at)
            try:
                value = decode(given)
            except (ValueError, KeyError, OverflowError, OSError, binascii.Error):
                # OSError is what the system says of a time that it has no calendar for.
                raise refuse.wrong_type(at, str(given), shape.type_name) from None
            if choices and value not in choices:
                raise refuse.no_choice(at, value, sorted(choices))
            if is_number and (
                (least is not None and value < least) or (most is not None and value > most)
            ):
                raise refuse.out_of_range(at, str(value), least, most)
            return value

        return decode_scalar


def _numbered(given: Mapping[str, Any], at: str, refuse: Refusals) -> list[tuple[int, Any]]:
    """Return the parts of a list by their numbers, which need not begin with 1."""
    found = []
    for number, part in given.items():
        if not (number.isascii() and number.isdigit()) or len(number) > 6:
            raise refuse.unknown(f"{at}.{number}")
        found.append((int(number), part))
    return sorted(found, key=lambda pair: pair[0])


def _decode_time(given: str) -> datetime:
    try:
        seconds = float(given)
    except ValueError:
        time = datetime.fromisoformat(given)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(seconds, UTC)


def _decode_integer(given: str | int) -> int:
    value = int(given)
    if not -(2**63) <= value < 2**63:
        raise ValueError(given)
    return value


_SCALARS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": str,
    "character": str,
    "integer": _decode_integer,
    "long": _decode_integer,
    "double": float,
    "float": float,
    "boolean": lambda given: given if isinstance(given, bool) else _TRUTH[given.lower()],
    "timestamp": _decode_time,
    "blob": lambda given: base64.b64decode(given, validate=True),
}

_DOCUMENT_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "blob": (str,),
}


def decoder_of_form(shape: Shape | None, protocol: str) -> Decoder:
    """Return the decoder of an operation of the `ec2` or the `query` protocol.

    It is given the form as pairs of names and values, `Action` and `Version` taken out.
    """
    refuse = CODES[protocol]
    decode = _Decoders(protocol).of(shape) if shape is not None else None

    def decode_form(pairs: Any) -> dict[str, Any]:
        tree = _tree(pairs, refuse)
        if decode is None:
            for name in tree:
                raise refuse.unknown(name)
            return {}
        return dict(decode(tree, ""))

    return decode_form


def decoder_of_json(shape: Shape | None) -> Decoder:
    """Return the decoder of an operation of the `json` protocol, which is given the body."""
    decode = _Decoders("json").of(shape) if shape is not None else None

    def decode_document(body: Any) -> dict[str, Any]:
        try:
            document = json.loads(body or b"{}")
            # An escape can stand for half a character, which is none and can't be kept.
            json.dumps(document, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise ApiError("SerializationException", "The request is no JSON document.") from None
        return dict(decode(document, "")) if decode is not None else {}

    return decode_document


_DEEPEST: Final = 20


def _tree(pairs: list[tuple[str, str]], refuse: Refusals) -> dict[str, Any]:
    """Return `a.1.b=x` as `{a: {1: {b: x}}}`."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *outer, last = name.split(".")
        if len(outer) > _DEEPEST:
            raise refuse.unknown(name)
        at = tree
        for step in outer:
            below = at.setdefault(step, {})
            if not isinstance(below, dict):
                raise refuse.malformed(name)
            at = below
        if last in at:
            raise refuse.malformed(name)
        at[last] = value
    return tree
