"""Data sources answer what a cloud has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.build import read_data
from cotta.builder.options.tables import DATA_SOURCES
from cotta.builder.templates.naming import DataError
from cotta.clouds.which import Access, Cloud, Keys
from cotta.values.codec_json import encode_plain
from tests.support.builds import options_of
from tests.support.regions import put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Callable[[], Access]]:
    with running_region(tmp_path) as region:
        put_image(region.store, number=1, name="app-1", tags={"Stage": "old"})
        put_image(region.store, number=2, name="app-2", tags={"Stage": "new", "A": "b"})
        found = Access(
            cloud=Cloud.LOCAL,
            region="us-east-1",
            endpoint=region.endpoint,
            keys=Keys(region.account.access_key, region.account.secret_key),
        )
        yield lambda: found


def ask(access: Callable[[], Access], kind: str, **written: Any) -> Any:
    """Return an answer as plain values."""
    options = options_of(DATA_SOURCES[kind].schema, **written)
    return encode_plain(read_data(kind, options, access))


def test_an_image_is_found_by_filters(access: Callable[[], Access]) -> None:
    found = ask(
        access,
        "amazon-ami",
        filters={"name": "app-*"},
        owners=["111122223333"],
        filter=[{"name": "tag:Stage", "values": ["new", "newer"]}],
    )

    assert found == {
        "id": "ami-00000000000000002",
        "name": "app-2",
        "creation_date": "2026-11-01T00:00:00.000Z",
        "owner": "111122223333",
        "owner_name": "",
        "tags": {"A": "b", "Stage": "new"},
    }


def test_several_and_none_are_mistakes(access: Callable[[], Access]) -> None:
    with pytest.raises(DataError, match="more than one result"):
        ask(access, "amazon-ami", filters={"name": "app-*"}, owners=["111122223333"])
    with pytest.raises(DataError, match="No AMI was found with name = no-such"):
        ask(access, "amazon-ami", filters={"name": "no-such"}, owners=["self"])


def test_null_gives_its_input_back_and_asks_nobody() -> None:
    def nobody() -> Access:
        raise AssertionError("no cloud is to be asked")

    assert ask(nobody, "null", input="x") == {"output": "x"}
