"""The store of images: what can be seen without mounting any."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.imagestore.errors import DamagedImageError, ImageStoreError, UnknownImageError
from cotta.region.imagestore.packages import Package
from cotta.region.imagestore.store import ImageStore
from tests.support.image_trees import LATEST, a_tree, names, needs_squashfs

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_squashfs

FILES: Final[dict[str, str | None]] = {
    "etc/motd": "hello\n",
    "bin": "-> usr/bin",
    "usr/bin": None,
    "var/lib/dpkg/status": (
        "Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22-3\n"
        "Description: web server\n more: words\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n"
        "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88\n"
    ),
}


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


def test_tree_becomes_an_image_that_can_be_read_back(store: ImageStore, tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", FILES)

    made = store.add_tree(tree, latest=LATEST, rules=("logs",))

    assert store.digests() == {made.digest}
    assert store.describe(made.digest) == made
    assert made.packages == (Package("curl", "7.88", "amd64"), Package("nginx", "1.22-3", "amd64"))
    assert (made.latest, made.lower, made.rules) == (LATEST, None, ("logs",))
    paths = [entry.path for entry in store.listing(made.digest)]
    assert paths == sorted(paths)
    assert {"/", "/bin", "/etc/motd"} <= set(paths)
    assert made.entries == len(paths)


def test_digest_is_the_trees_whatever_its_times_and_place(
    store: ImageStore, tmp_path: Path
) -> None:
    one = a_tree(tmp_path / "one", FILES, modified=LATEST + 5)
    other = a_tree(tmp_path / "other", dict(reversed(FILES.items())), modified=LATEST + 500)

    first, second = (store.add_tree(tree, latest=LATEST) for tree in (one, other))

    assert first == second
    assert store.digests() == {first.digest}


def test_unknown_image_is_said_to_be_unknown(store: ImageStore) -> None:
    for digest in ("0" * 64, "../../etc", ""):
        with pytest.raises(UnknownImageError):
            store.describe(digest)
        with pytest.raises(UnknownImageError):
            store.listing(digest)
        with pytest.raises(UnknownImageError):
            store.mount(digest)
        store.remove(digest)


def test_changed_listing_is_refused(store: ImageStore, tmp_path: Path) -> None:
    made = store.add_tree(a_tree(tmp_path / "tree", FILES), latest=LATEST)
    listing = tmp_path / "images" / made.digest / "listing"
    listing.write_bytes(listing.read_bytes().replace(b"/etc/motd", b"/etc/mutd"))

    with pytest.raises(DamagedImageError):
        store.listing(made.digest)


def test_damaged_image_is_replaced_when_it_is_made_again(store: ImageStore, tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", FILES)
    made = store.add_tree(tree, latest=LATEST)
    image = tmp_path / "images" / made.digest / "image.squashfs"
    right = image.read_bytes()
    image.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))

    store.add_tree(tree, latest=LATEST)

    assert image.read_bytes() == right


def test_removed_image_is_gone(store: ImageStore, tmp_path: Path) -> None:
    made = store.add_tree(a_tree(tmp_path / "tree", FILES), latest=LATEST)

    store.remove(made.digest)

    assert store.digests() == set()
    assert names(tmp_path / "images") == [".lock", "mounts"]


def test_unused_images_go_unless_they_are_new(store: ImageStore, tmp_path: Path) -> None:
    used, unused, new = (
        store.add_tree(a_tree(tmp_path / name, {"name": name}), latest=LATEST).digest
        for name in ("used", "unused", "new")
    )
    for digest in (used, unused, new):
        age(tmp_path / "images" / digest)
    again = store.add_tree(tmp_path / "new", latest=LATEST)
    assert again.digest == new, "the same image, made again"

    removed = store.remove_unused({used}, older_than=timedelta(minutes=10))

    assert removed == [unused]
    assert store.digests() == {used, new}
    assert list((tmp_path / "images").glob(".building-*")) == []


def age(image: Path) -> None:
    """Have an image look as if it had been made long ago."""
    os.utime(image, (LATEST, LATEST))


def test_failed_build_leaves_nothing(store: ImageStore, tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", FILES)
    (tmp_path / "images" / "mounts").rmdir()
    before = names(tmp_path / "images")

    with pytest.raises(ImageStoreError, match="mksquashfs"):
        store._finish(tmp_path, tree / "nothing", [], LATEST, rules=())
    with pytest.raises(FileNotFoundError):
        store.add_tree(tmp_path / "nothing", latest=LATEST)

    assert names(tmp_path / "images") == before


BUILDER = """
import sys, time
from pathlib import Path
from cotta.region.imagestore.store import ImageStore
store = ImageStore(Path(sys.argv[1]))
with store.building() as building:
    (building / "half").write_text("half")
    print("building", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Popen[bytes]]:
    source = Path(__file__).parents[3] / "src"
    with Popen(
        [sys.executable, "-c", BUILDER, str(tmp_path / "images")],
        stdout=PIPE,
        stderr=DEVNULL,
        env={**os.environ, "PYTHONPATH": str(source)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"building\n"
        yield process
        process.kill()


def test_what_a_killed_build_left_is_removed_and_a_living_one_left_alone(
    builder: Popen[bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    ImageStore(folder)
    assert len(list(folder.glob(".building-*/half"))) == 1, "it is still at it"

    builder.kill()
    builder.wait()
    ImageStore(folder)

    assert list(folder.glob(".building-*")) == []
