"""The file of pins, and what a pin does to the arguments of a data source."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cotta.images.pins import Pin, PinsFileError, decode_pins, encode_pins
from cotta.values.types import BOOL, STRING, ListType, ObjectType, SetType
from cotta.values.value import ListValue, Null, ObjectValue, SetValue

PIN = Pin(
    image="ami-1", name="web-41", since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), why="release 41"
)


def test_what_is_written_is_read_again() -> None:
    pins = {"data.aws_ami.b": PIN, 'data.aws_ami.a["x"]': PIN}

    text = encode_pins(pins)

    assert decode_pins(text) == pins
    assert text.index('a[\\"x\\"]') < text.index("aws_ami.b")


def test_a_pin_is_told_in_a_sentence() -> None:
    assert PIN.describe("data.aws_ami.web") == (
        "data.aws_ami.web is pinned to ami-1 (web-41) since 2026-01-02 03:04 UTC: release 41"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format_version": 1, "pins": []}',
        '{"format_version": 1, "pins": {"data.aws_ami.a": {"image": 1, "since": "2026-01-01"}}}',
        '{"format_version": 1, "pins": {"data.aws_ami.a": {"image": "ami-1", "since": "soon"}}}',
    ],
)
def test_what_is_no_file_of_pins_is_refused(text: str) -> None:
    with pytest.raises(PinsFileError, match="not as `cotta images pin` writes it"):
        decode_pins(text)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(PinsFileError, match="a newer one has written it"):
        decode_pins('{"format_version": 2, "pins": {}}')


def test_a_pinned_data_source_looks_for_the_image_and_keeps_its_owners() -> None:
    values = ListType(STRING)
    filters = ObjectType({"name": STRING, "values": values})
    owners = ListValue(STRING, ("self",))
    by_name = ObjectValue({"name": "name", "values": ListValue(STRING, ("web-*",))})
    config = ObjectValue(
        {
            "filter": SetValue(filters, (by_name,)),
            "include_deprecated": Null(BOOL),
            "most_recent": True,
            "name_regex": "^web",
            "owners": owners,
        }
    )

    narrowed = PIN.narrow(config)
    found = PIN.widen(narrowed, config)

    by_id = ObjectValue({"name": "image-id", "values": ListValue(STRING, ("ami-1",))})
    assert isinstance(config.type.attributes["filter"], SetType)
    assert narrowed == ObjectValue(
        {
            "filter": SetValue(filters, (by_id,)),
            "include_deprecated": True,
            "most_recent": True,
            "name_regex": Null(STRING),
            "owners": owners,
        }
    )
    assert found == ObjectValue({**config.attributes, "include_deprecated": False})
