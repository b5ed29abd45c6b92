"""What is in an image, line by line; the digest of the lines is the image's name.

A line says everything about one entry that a machine could notice, except the inode
numbers and which names are one file: type, mode, owner, time, size, content, extended attributes,
path.  Lines are in the order of their paths' bytes.  So two trees have the same digest
exactly when they are the same, whatever file system they are kept in, and two images
are compared by comparing text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEADER: Final = "cotta image listing 1\n"

# What stays as it is in a line; everything else is written as %XX.
_SAFE: Final = "/+@=~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in a tree, by its path from the root: `/` is the root itself.

    `kind` is `f`, `d`, `l` (symbolic link), `c`, `b`, `p` or `s`, as `find` has them.  `content` is
    a file's SHA-256, a link's target, a device's numbers; the time is in whole
    seconds.  Names that are not UTF-8 carry their bytes as Python's file names do.
    """

    path: str
    kind: str
    mode: int
    uid: int = 0
    gid: int = 0
    modified: int = 0
    size: int = 0
    content: str = ""
    attributes: Mapping[str, bytes] = field(default_factory=dict)


class ListingError(Exception):
    """A listing can't be read: it was not written by this Cotta, or was damaged."""


def encode_listing(entries: Iterable[Entry]) -> bytes:
    """Return the lines of entries, in their order whatever order they come in."""
    ordered = sorted(entries, key=lambda entry: entry.path.encode("utf-8", "surrogateescape"))
    return (_HEADER + "".join([_encode(entry) for entry in ordered])).encode("ascii")


def decode_listing(written: bytes) -> tuple[Entry, ...]:
    """Return the entries of a listing; `ListingError` if it is none."""
    try:
        header, *lines = written.decode("ascii").splitlines(keepends=True)
        if header != _HEADER:
            raise ListingError(f"it begins with {header[:40]!r}")
        return tuple([_decode(line) for line in lines])
    except ValueError as error:
        raise ListingError(str(error)) from error


def digest_of(written: bytes) -> str:
    """Return the name of the image with a listing: SHA-256, in hexadecimal."""
    return hashlib.sha256(written).hexdigest()


def _encode(entry: Entry) -> str:
    attributes = ",".join(
        f"{_quote(name)}:{value.hex()}" for name, value in sorted(entry.attributes.items())
    )
    return (
        f"{entry.kind} {entry.mode:04o} {entry.uid} {entry.gid} {entry.modified} {entry.size} "
        f"{_quote(entry.content) or '-'} {attributes or '-'} {_quote(entry.path)}\n"
    )


def _decode(line: str) -> Entry:
    kind, mode, uid, gid, modified, size, content, attributes, path = line.rstrip("\n").split(" ")
    pairs = [] if attributes == "-" else [one.split(":") for one in attributes.split(",")]
    return Entry(
        path=_unquote(path),
        kind=kind,
        mode=int(mode, 8),
        uid=int(uid),
        gid=int(gid),
        modified=int(modified),
        size=int(size),
        content="" if content == "-" else _unquote(content),
        attributes={_unquote(name): bytes.fromhex(value) for name, value in pairs},
    )


def _quote(text: str) -> str:
    # Nearly all names need nothing done, and quoting costs ten times as much as looking.
    if text.isascii() and text.isalnum():
        return text
    quoted = quote_from_bytes(text.encode("utf-8", "surrogateescape"), safe=_SAFE)
    # A link to "-" is not a link to nothing.
    return "%2D" if quoted == "-" else quoted


def _unquote(text: str) -> str:
    if "%" not in text:
        return text
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")
