"""A machine's name servers, in a tree that is somebody else's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.resolver import name_servers, write_resolver

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ("nameserver 192.0.2.1\nsearch x\nnameserver 192.0.2.2\n", ["192.0.2.1", "192.0.2.2"]),
        ("# nameserver 192.0.2.1\nnameserver\nnameserver 127.0.0.53\n", []),
        ("nameserver 2001:db8::1\n", []),
    ],
)
def test_only_what_a_machine_reaches(configuration: str, expected: list[str]) -> None:
    assert name_servers(configuration) == expected


def test_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    kept = tmp_path / "kept"
    kept.write_text("mine")
    os.link(kept, tmp_path / "etc/resolv.conf")

    write_resolver(tmp_path, os.getuid())

    assert (tmp_path / "etc/resolv.conf").stat().st_mode & 0o777 == 0o644
    assert kept.read_text() == "mine"


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "resolv.conf").write_text("mine")
    for number, link in enumerate(("etc", "etc/resolv.conf")):
        root = tmp_path / f"root-{number}"
        (root / link).parent.mkdir(parents=True)
        (root / link).symlink_to(outside if link == "etc" else outside / "resolv.conf")

        write_resolver(root, os.getuid())

    assert (outside / "resolv.conf").read_text() == "mine"
    assert (tmp_path / "root-1/etc/resolv.conf").is_symlink()
    write_resolver(tmp_path / "empty", os.getuid())
