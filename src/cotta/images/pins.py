"""Which `aws_ami` data source is held to which image, since when and why: images.pins.json.

The file stands beside the configuration and belongs into its repository: a pin is a
decision, as any other line there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.values.types import STRING, ObjectType, SetType
from cotta.values.value import ListValue, Null, ObjectValue, SetValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.types import Type
    from cotta.values.value import Value

FILE_NAME: Final = "images.pins.json"
DATA_TYPE: Final = "aws_ami"
_FORMAT: Final = 1

# What would say no to the pinned image, or look for another.
_DROPPED: Final = ("name_regex",)


class PinsFileError(Exception):
    """The file can't be read, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An image that a data source is held to; `why` is for people.

    `instead_of` is the image that a rollback went away from.
    """

    image: str
    name: str = ""
    since: datetime
    why: str = ""
    instead_of: str = ""

    def narrow(self, config: Value) -> Value:
        """Return the arguments of a data source so that it finds the pinned image and no other.

        Owners and the like stay: an image of somebody else's is not found, pinned or not.
        """
        assert isinstance(config, ObjectValue)
        changed = dict(config.attributes)
        filters = config.type.attributes["filter"]
        assert isinstance(filters, SetType)
        changed["filter"] = SetValue(filters.element, (_filter(filters, self.image),))
        for name in _DROPPED:
            changed[name] = Null(config.type.attributes[name])
        # It may be deprecated by now, and is wanted all the same.
        changed["include_deprecated"] = True
        return ObjectValue(changed)

    def widen(self, state: Value, config: Value) -> Value:
        """Return what was found so, as if it had been found with the arguments of `config`."""
        if not isinstance(state, ObjectValue):
            return state
        assert isinstance(config, ObjectValue)
        written = {name: config.attributes[name] for name in ("filter", *_DROPPED)}
        # What the provider makes of it where nobody says.
        written["include_deprecated"] = config.attributes["include_deprecated"] is True
        return ObjectValue({**state.attributes, **written})

    def describe(self, address: str) -> str:
        """Return a sentence on what is pinned, to what, since when and why."""
        name = f" ({self.name})" if self.name else ""
        why = f": {self.why}" if self.why else ""
        return (
            f"{address} is pinned to {self.image}{name} since {self.since:%Y-%m-%d %H:%M} UTC{why}"
        )


def _filter(filters: SetType, image: str) -> ObjectValue:
    """Return a filter for the id of an image, of the type that the schema gives filters."""
    element = filters.element
    assert isinstance(element, ObjectType)
    return ObjectValue({"name": "image-id", "values": _texts(element.attributes["values"], image)})


def _texts(wanted: Type, text: str) -> Value:
    if isinstance(wanted, SetType):
        return SetValue(wanted.element, (text,))

    return ListValue(STRING, (text,))


Pins = dict[str, Pin]


def decode_pins(text: str) -> Pins:
    """Return the pins of a file by the addresses of their data sources; raise PinsFileError."""
    try:
        document = json.loads(text)
        if document["format_version"] != _FORMAT:
            raise PinsFileError(
                f"it has format {document['format_version']}, and this program knows {_FORMAT}: "
                "a newer one has written it"
            )
        return {address: _decode(one) for address, one in document["pins"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PinsFileError(f"it is not as `cotta images pin` writes it ({error!r})") from None


def _decode(one: Any) -> Pin:
    since = datetime.fromisoformat(one["since"]).astimezone(UTC)
    image = one["image"]
    name, why, before = (one.get(word, "") for word in ("name", "why", "instead_of"))
    if not all(isinstance(each, str) for each in (image, name, why, before)):
        raise ValueError("image, name, why and instead_of are texts")
    return Pin(image=image, name=name, since=since, why=why, instead_of=before)


def encode_pins(pins: Mapping[str, Pin]) -> str:
    """Return the file's text, sorted by address: a change of one pin changes its lines alone."""
    records = {
        address: {
            "image": pin.image,
            "name": pin.name,
            "since": pin.since.astimezone(UTC).isoformat(timespec="seconds"),
            "why": pin.why,
            **({"instead_of": pin.instead_of} if pin.instead_of else {}),
        }
        for address, pin in sorted(pins.items())
    }
    return json.dumps({"format_version": _FORMAT, "pins": records}, indent=2) + "\n"
