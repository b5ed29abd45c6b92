"""The tags that requests give what they make."""

from __future__ import annotations

import pytest

from cotta.region.api.tags import decode_tags, encode_tags, tags_for
from cotta.region.wire.errors import ApiError


def given_tags(*keys: str, value: str = "x") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key in keys]


def test_tags_are_read_and_listed_again() -> None:
    listed = given_tags("b", "a")

    assert encode_tags(decode_tags(listed)) == listed
    assert decode_tags([{"Key": "k"}]) == {"k": ""}


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        (given_tags(""), "InvalidParameterValue"),
        (given_tags("k" * 129), "InvalidParameterValue"),
        (given_tags("k", value="v" * 257), "InvalidParameterValue"),
        (given_tags("AWS:mine"), "InvalidParameterValue"),
        (given_tags("k", "k"), "InvalidParameterValue"),
        (given_tags(*map(str, range(51))), "TagLimitExceeded"),
    ],
)
def test_what_aws_would_not_take_is_refused(listed: list[dict[str, str]], code: str) -> None:
    with pytest.raises(ApiError) as caught:
        decode_tags(listed)

    assert caught.value.code == code


def test_a_specification_tags_its_own_kind() -> None:
    specifications = [
        {"ResourceType": "instance", "Tags": given_tags("a")},
        {"ResourceType": "volume", "Tags": given_tags("b")},
    ]

    assert tags_for(specifications, "instance", allowed=["volume"]) == {"a": "x"}
    assert tags_for(specifications, "volume", allowed=["instance"]) == {"b": "x"}
    assert tags_for(None, "instance") == {}
    with pytest.raises(ApiError, match="volume"):
        tags_for(specifications, "instance")
