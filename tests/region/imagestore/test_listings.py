"""The listing of an image, and the digest that is its name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.region.imagestore.listings import (
    Entry,
    ListingError,
    decode_listing,
    digest_of,
    encode_listing,
)

A_FILE = Entry(path="/etc/motd", kind="f", mode=0o644, modified=7, size=3, content="ab" * 32)

names = st.binary(min_size=1, max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
entries = st.builds(
    Entry,
    path=names.map(lambda name: f"/{name}"),
    kind=st.sampled_from("fdlcbps"),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 2**32 - 1),
    gid=st.integers(0, 2**32 - 1),
    modified=st.integers(0, 2**32 - 1),
    size=st.integers(0, 2**50),
    content=st.just("") | names,
    attributes=st.dictionaries(names, st.binary(max_size=5), max_size=2),
)


@given(st.lists(entries, max_size=5, unique_by=lambda entry: entry.path))
def test_listing_is_read_back_as_it_was_written(given_entries: list[Entry]) -> None:
    read = decode_listing(encode_listing(given_entries))

    assert sorted(read, key=lambda entry: entry.path) == sorted(
        given_entries, key=lambda entry: entry.path
    )


def test_order_of_entries_does_not_matter() -> None:
    one, other = A_FILE, replace(A_FILE, path="/etc/ä")

    assert encode_listing([one, other]) == encode_listing([other, one])


@pytest.mark.parametrize(
    "changed",
    [
        replace(A_FILE, path="/etc/Motd"),
        replace(A_FILE, kind="l"),
        replace(A_FILE, mode=0o4644),
        replace(A_FILE, uid=1),
        replace(A_FILE, gid=1),
        replace(A_FILE, modified=8),
        replace(A_FILE, content="cd" * 32),
        replace(A_FILE, attributes={"security.capability": b"\x01"}),
    ],
)
def test_everything_a_machine_could_notice_is_in_the_digest(changed: Entry) -> None:
    assert digest_of(encode_listing([changed])) != digest_of(encode_listing([A_FILE]))


def test_lines_are_for_people_too() -> None:
    link = Entry(path="/bin here", kind="l", mode=0o777, content="-")
    dressed = replace(A_FILE, attributes={"user.a": b"\x01", "user.b": b""})

    assert encode_listing([link, dressed]).decode() == (
        "cotta image listing 1\n"
        "l 0777 0 0 0 0 %2D - /bin%20here\n"
        f"f 0644 0 0 7 3 {'ab' * 32} user.a:01,user.b: /etc/motd\n"
    )


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"something else\n",
        b"cotta image listing 1\nf 0644\n",
        b"cotta image listing 1\n\xff\n",
    ],
)
def test_what_is_no_listing_is_refused(written: bytes) -> None:
    with pytest.raises(ListingError):
        decode_listing(written)
