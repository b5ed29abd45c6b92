"""Debian base images: how they are named, where the packages come from, and real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cotta.region.imagestore.debian import (
    RELEASES,
    debian_sources,
    image_name,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.base_image import BaseImage


@pytest.mark.parametrize(
    ("number", "day", "expected"),
    [
        ("debian-12", (2024, 7, 16), "debian-12-amd64-20240716-1810"),
        ("debian-12", (2025, 3, 16), "debian-12-amd64-20250316-2053"),
        ("debian-13", (2026, 1, 1), "debian-13-amd64-20260101-2344"),
    ],
)
def test_name_is_made_of_the_packages_day(
    number: str, day: tuple[int, int, int], expected: str
) -> None:
    latest = int(datetime(*day, 13, tzinfo=UTC).timestamp())

    assert image_name(RELEASES[number], latest) == expected


ONE_LINE = """
# deb http://comment.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib
deb [signed-by=/x arch=amd64] http://mirror.example/debian bookworm-updates main
deb-src http://mirror.example/debian bookworm main
deb http://other.example/tools stable main
"""
DEB822 = """
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Signed-By: /usr/share/keyrings/x.gpg
"""


@pytest.mark.parametrize(
    ("texts", "suite", "expected"),
    [
        ([], "bookworm", []),
        (["deb http://archive.example/ubuntu noble main\n"], "bookworm", []),
        (
            [ONE_LINE],
            "bookworm",
            [
                "deb http://mirror.example/debian bookworm main",
                "deb http://mirror.example/debian bookworm-updates main",
            ],
        ),
        (
            [ONE_LINE, DEB822],
            "trixie",
            [
                "deb http://mirror.example/debian trixie main",
                "deb http://mirror.example/debian trixie-updates main",
                "deb http://mirror.example/security trixie-security main",
            ],
        ),
    ],
)
def test_packages_come_from_where_the_machines_own_do(
    texts: list[str], suite: str, expected: list[str]
) -> None:
    assert debian_sources(texts, suite) == expected


@pytest.mark.boot
@pytest.mark.slow
def test_web_image_has_what_was_installed(web_image: BaseImage, tmp_path: Path) -> None:
    store = web_image.store_in(tmp_path / "images")

    described = store.describe(web_image.digest)

    assert "nginx" in {package.name for package in described.packages}
    paths = {entry.path for entry in store.listing(web_image.digest)}
    assert "/usr/sbin/nginx" in paths
    noise = ("/var/lib/apt/lists/", "/var/log/apt/", "/var/cache/apt/pkg", "/run/", "/tmp/")
    assert {path for path in paths if path.startswith(noise)} == set()
