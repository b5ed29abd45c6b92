"""Images on the real disk: mounted, verified, sealed.  Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.imagestore.errors import DamagedImageError, DiskFullError
from cotta.region.imagestore.listings import encode_listing
from cotta.region.imagestore.rules import rules_without
from cotta.region.imagestore.squashfs import mount_overlay, mounts, unmount
from cotta.region.imagestore.store import ImageStore
from cotta.region.imagestore.trees import read_tree
from tests.support.image_trees import LATEST, a_tree, contents, names, needs_mounts

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.boot, needs_mounts]

# Plays a machine with a name on the lower image; returns what it wrote.
Machine = Callable[[str, Callable[[Path], None]], Path]

FILES: Final[dict[str, str | None]] = {
    "etc/motd": "hello\n",
    "etc/gone": "1",
    "etc/old/a": "1",
    "etc/touched": "same",
    "etc/machine-id": "",
    "bin": "-> usr/bin",
    "usr/bin/tool": "x" * 5000,
    "run": None,
    "var/log": None,
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ImageStore]:
    store = ImageStore(tmp_path / "images")
    yield store
    store.unmount_unused()
    assert mounts(tmp_path) == []


@pytest.fixture
def lower(store: ImageStore, tmp_path: Path) -> str:
    return store.add_tree(a_tree(tmp_path / "tree", FILES), latest=LATEST).digest


@pytest.fixture
def machine(store: ImageStore, lower: str, tmp_path: Path) -> Machine:
    """Give a function that lets something write to a machine of the lower image."""

    def played(name: str, play: Callable[[Path], None]) -> Path:
        root, upper, work = (tmp_path / name / part for part in ("root", "upper", "work"))
        for folder in (root, upper, work):
            folder.mkdir(parents=True)
        mount_overlay(root, lower=[store.mount(lower)], upper=upper, work=work)
        try:
            play(root)
        finally:
            unmount(root)
        return upper

    return played


def test_mount_stays_where_the_same_file_is_mounted_by_another_name(
    store: ImageStore, lower: str, tmp_path: Path
) -> None:
    other = ImageStore(tmp_path / "other")
    shutil.copytree(tmp_path / "images" / lower, tmp_path / "other" / lower, copy_function=os.link)
    store.mount(lower)
    place = other.mount(lower)
    # As long as it is open nobody can take the mount away.
    opened = os.open(place, os.O_RDONLY)

    try:
        ImageStore(tmp_path / "other").mount(lower)
        assert os.path.samestat(place.stat(), os.fstat(opened))
    finally:
        os.close(opened)
        other.unmount_unused()


def test_mounted_image_is_the_tree(store: ImageStore, tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", FILES)
    os.chown(tree / "etc" / "motd", 1000, 70000)
    (tree / "usr" / "bin" / "tool").chmod(0o4755)
    os.setxattr(tree / "usr" / "bin" / "tool", "user.note", b"\x00\xff")
    os.mknod(tree / "usr" / "null", 0o20666, os.makedev(1, 3))
    os.utime(tree / "etc" / "motd", (LATEST + 1000, LATEST + 1000))

    made = store.add_tree(tree, latest=LATEST)
    place = store.mount(made.digest)

    assert encode_listing(read_tree(place, latest=2**32)) == encode_listing(
        store.listing(made.digest)
    )
    with pytest.raises(OSError, match="Read-only"):
        (place / "new").write_text("x")


def test_mount_is_shared_and_found_again(store: ImageStore, lower: str, tmp_path: Path) -> None:
    place = store.mount(lower)

    again = ImageStore(tmp_path / "images").mount(lower)

    assert again == store.mount(lower) == place
    assert len(mounts(tmp_path)) == 1


def test_unused_images_are_unmounted(store: ImageStore, lower: str, tmp_path: Path) -> None:
    place = store.mount(lower)

    store.unmount_unused({lower})
    assert [one.place for one in mounts(tmp_path)] == [place]

    store.unmount_unused()
    assert mounts(tmp_path) == []
    assert not place.exists()


def test_flipped_byte_is_refused(store: ImageStore, lower: str, tmp_path: Path) -> None:
    store.mount(lower)
    image = tmp_path / "images" / lower / "image.squashfs"
    with image.open("r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))

    for one in (store, ImageStore(tmp_path / "images")):
        with pytest.raises(DamagedImageError, match="has been changed since"):
            one.mount(lower)


def test_mount_of_a_file_that_was_replaced_is_not_used(
    store: ImageStore, lower: str, tmp_path: Path
) -> None:
    place = store.mount(lower)
    image = tmp_path / "images" / lower / "image.squashfs"
    copy = image.with_name("copy")
    shutil.copy2(image, copy)
    image.unlink()
    copy.rename(image)

    assert store.mount(lower) == place
    assert len(mounts(tmp_path)) == 1
    assert contents(place)["etc/motd"] == "hello\n"


def test_sealed_image_is_image_and_layer(
    store: ImageStore,
    lower: str,
    machine: Machine,
    tmp_path: Path,
) -> None:
    def play(root: Path) -> None:
        (root / "etc/motd").write_text("changed\n")
        (root / "etc/gone").unlink()
        shutil.rmtree(root / "etc/old")
        (root / "etc/old").mkdir()
        (root / "etc/old/b").write_text("2")
        (root / "etc/new").write_text("new")
        (root / "etc/machine-id").write_text("mine\n")
        (root / "var/log/x.log").write_text("noise")
        (root / "run/pid").write_text("1")

    upper = machine("one", play)
    written = contents(upper.parent / "upper")
    sealed = store.seal(lower, upper)

    expected = {
        **FILES,
        "etc": None,
        "usr": None,
        "usr/bin": None,
        "var": None,
        "etc/motd": "changed\n",
        "etc/old": None,
        "etc/old/b": "2",
        "etc/new": "new",
    }
    del expected["etc/gone"], expected["etc/old/a"]
    place = store.mount(sealed.digest)
    assert contents(place) == expected
    assert (sealed.lower, sealed.latest) == (lower, LATEST)
    assert encode_listing(read_tree(place, latest=2**32)) == encode_listing(
        store.listing(sealed.digest)
    )
    assert contents(upper) == written, "the machine's layer is as it was"


def test_same_changes_make_the_same_image_whatever_the_machine(
    store: ImageStore, lower: str, machine: Machine
) -> None:
    def play(name: str, ahead: int) -> Callable[[Path], None]:
        def played(root: Path) -> None:
            (root / "etc/app.conf").write_text("the same")
            (root / "etc/touched").write_text("same")
            for noise in ("etc/hostname", "etc/machine-id", "run/x", "var/log/a.log"):
                (root / noise).write_text(name)
            if ahead:
                (root / "var/log/b.log").write_text("only here")
                later = LATEST + ahead
                os.utime(root / "usr/bin/tool", (later, later))
                os.utime(root / "etc/app.conf", (later, later))

        return played

    one = store.seal(lower, machine("one", play("web-1", 0)))
    other = store.seal(lower, machine("other", play("web-2", 5000)))

    assert one == other
    assert one.digest != lower


def test_machine_that_only_lived_becomes_its_own_image_again(
    store: ImageStore, lower: str, machine: Machine
) -> None:
    def play(root: Path) -> None:
        (root / "var/log/a.log").write_text("noise")
        (root / "etc/machine-id").write_text("mine")
        (root / "run/x").write_text("1")

    assert store.seal(lower, machine("one", play)).digest == lower


def test_rules_can_be_left_out(store: ImageStore, lower: str, machine: Machine) -> None:
    def play(root: Path) -> None:
        (root / "etc/machine-id").write_text("mine")

    upper = machine("one", play)

    sealed = store.seal(lower, upper, rules=rules_without("machine-id"))

    assert contents(store.mount(sealed.digest))["etc/machine-id"] == "mine"
    assert "machine-id" not in sealed.rules


def test_keys_that_first_boot_gave_are_taken_back(
    store: ImageStore, lower: str, machine: Machine
) -> None:
    def play(root: Path) -> None:
        keys = "ssh-ed25519 AAAAgiven a\nssh-ed25519 AAAAtold b\nssh-ed25519 AAAAmine c\n"
        a_tree(
            root,
            {
                "home/admin/.ssh/authorized_keys": keys,
                "var/lib/cotta/authorized_keys": "ssh-ed25519 AAAAgiven\n",
            },
        )

    sealed = store.seal(lower, machine("one", play), temporary_keys=["ssh-ed25519 AAAAtold"])

    left = contents(store.mount(sealed.digest))
    assert left["home/admin/.ssh/authorized_keys"] == "ssh-ed25519 AAAAmine c\n"


def test_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=True)
    try:
        tree = a_tree(tmp_path / "tree", {"a": "x"})
        (tree / "big").write_bytes(os.urandom(3_000_000))
        store = ImageStore(small / "images")

        with pytest.raises(DiskFullError, match="disk is full"):
            store.add_tree(tree, latest=LATEST)

        assert store.digests() == set()
        assert names(small / "images") == [".lock", "mounts"]
    finally:
        unmount(small)
