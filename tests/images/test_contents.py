"""What is in images: recorded, kept, compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.builder.looking import decode
from cotta.images.contents import (
    Changed,
    Contents,
    Difference,
    File,
    Package,
    compare,
    read_record,
    record_path,
    write_record,
)

if TYPE_CHECKING:
    from pathlib import Path

NGINX = Package("nginx", "1.22.1-1", "amd64")
CONF = File(path="/etc/app.conf", kind="f", mode=0o644, owner=0, group=0, size=10, digest="a" * 64)
TREE = Contents(
    packages=(NGINX,),
    files=(
        CONF,
        File(path="/etc/base", kind="f", mode=0o644, owner=0, group=0, size=5),
        File(path="/etc/link", kind="l", mode=0o777, owner=0, group=0, target="base"),
        File(path="/var/log/syslog", kind="f", mode=0o640, owner=0, group=4, size=99),
    ),
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_record(tmp_path, "ami-1") is None

    write_record(tmp_path, "ami-1", TREE)

    assert read_record(tmp_path, "ami-1") == TREE
    record_path(tmp_path, "ami-1").write_bytes(b"broken")
    assert read_record(tmp_path, "ami-1") is None


def test_equal_contents_have_no_difference() -> None:
    assert compare(TREE, TREE) == Difference()
    assert compare(TREE, TREE).is_empty


def test_differences_are_told_by_packages_and_files() -> None:
    other = Contents(
        packages=(replace(NGINX, version="1.24"), Package("curl", "8")),
        files=(
            replace(CONF, digest="b" * 64, mode=0o600, owner=1000),
            File(path="/etc/link", kind="l", mode=0o777, owner=0, group=0, target="other"),
            File(path="/etc/new", kind="d", mode=0o755, owner=0, group=0),
        ),
    )

    assert compare(TREE, other) == Difference(
        packages_added=(Package("curl", "8"),),
        packages_changed=(Changed("nginx", "1.22.1-1 to 1.24"),),
        files_added=("/etc/new",),
        files_removed=("/etc/base",),
        files_changed=(
            Changed(
                "/etc/app.conf",
                "content (10 to 10 bytes), mode 0644 to 0600, owner 0:0 to 1000:0",
            ),
            Changed("/etc/link", "link to base to other"),
        ),
    )


def test_what_a_machine_tells_is_decoded_whatever_names_are_in_it() -> None:
    said = (
        b"P\tinstalled\tnginx\t1.22.1-1\tamd64\0P\tdeinstall\told\t1\tamd64\0"
        b"F\td\t755\t0\t0\t4096\t1.5\t\t/etc\0F\tf\t644\t0\t33\t12\t2.5\t\t/etc/a\tb\nc \xff"
        b"\0F\tl\t777\t0\t0\t4\t3.5\tbase\t/etc/link\0S\t"
        + b"c" * 64
        + b"  /etc/a\tb\nc \xff\0junk\0"
    )

    look = decode(said)

    assert look.contents.packages == (NGINX,)
    folder, file, link = look.contents.files
    assert (folder.path, folder.kind, folder.size) == ("/etc", "d", 0)
    assert (file.path, file.size, file.group) == ("/etc/a\tb\nc \udcff", 12, 33)
    assert file.digest == "c" * 64
    assert (link.target, link.digest) == ("base", "")
    assert look.changed["/etc/link"] == "3.5"
