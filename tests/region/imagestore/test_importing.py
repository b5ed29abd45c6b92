"""Base images from tar files and OCI image layouts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.imagestore.errors import ImageStoreError, ImportRefusedError
from cotta.region.imagestore.importing import import_image
from cotta.region.imagestore.layouts import layers_of
from cotta.region.imagestore.squashfs import mounts
from cotta.region.imagestore.store import ImageStore
from tests.support.image_trees import a_tree, contents, names, needs_mounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar"

# A machine, as small as it can be.
ROOT: Final = {
    "usr/lib/systemd/systemd": "#!",
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
    "etc/group": "root:x:0:\nstaff:x:1000:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\n",
    "etc/skel/.profile": "# profile\n",
    "etc/machine-id": "abc\n",
    "etc/gone": "1",
    "opt/old/a": "1",
    "opt/file": "is a file",
}


def a_tar(files: dict[str, str | None], mode: str = "w") -> bytes:
    """Return a tar file: None is a folder, `-> x` a link."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.mtime = 1_700_000_000
            member.mode = 0o755 if text is None else 0o644
            if text is None:
                member.type = tarfile.DIRTYPE
            elif text.startswith("-> "):
                member.type, member.linkname = tarfile.SYMTYPE, text.removeprefix("-> ")
            else:
                member.size = len(text.encode())
            archive.addfile(member, io.BytesIO((text or "").encode()))
    return raw.getvalue()


class Layout:
    """An OCI image layout that is being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(self, content: bytes, media_type: str = "", **more: Any) -> dict[str, Any]:
        """Add a blob; return its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(content)
        return {
            "mediaType": media_type,
            "digest": f"sha256:{digest}",
            "size": len(content),
            **more,
        }

    def document(self, content: Any, media_type: str = "", **more: Any) -> dict[str, Any]:
        """Add a document; return its descriptor."""
        return self.blob(json.dumps(content).encode(), media_type, **more)

    def image(self, *layers: dict[str, Any], architecture: str = "amd64") -> dict[str, Any]:
        """Add an image of layers; return its descriptor."""
        config = self.document({"architecture": architecture, "os": "linux"})
        return self.document({"config": config, "layers": list(layers)}, MANIFEST)

    def index(self, *images: dict[str, Any]) -> Path:
        """Finish the layout; return its folder."""
        (self.folder / "index.json").write_text(json.dumps({"manifests": list(images)}))
        return self.folder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "layout")


# --- which layers -----------------------------------------------------------------------


def test_layers_of_the_image_for_this_machine(layout: Layout) -> None:
    layers = [layout.blob(content, LAYER) for content in (b"one", b"two")]
    nested = layout.document(
        {
            "manifests": [
                {**layout.image(layout.blob(b"arm", LAYER)), "platform": {"architecture": "arm64"}},
                {**layout.image(*layers), "platform": {"architecture": "amd64", "os": "linux"}},
            ]
        },
        "application/vnd.oci.image.index.v1+json",
    )
    attestation = layout.document({}, "application/vnd.in-toto+json")

    found = layers_of(layout.index(nested, attestation))

    assert [layer.read_bytes() for layer in found] == [b"one", b"two"]


def break_blob(layout: Layout) -> Path:
    layer = layout.blob(b"one", LAYER)
    folder = layout.index(layout.image(layer))
    (folder / "blobs/sha256" / layer["digest"].removeprefix("sha256:")).write_bytes(b"two")
    return folder


def drop_blob(layout: Layout) -> Path:
    layer = layout.blob(b"one", LAYER)
    folder = layout.index(layout.image(layer))
    (folder / "blobs/sha256" / layer["digest"].removeprefix("sha256:")).unlink()
    return folder


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda layout: layout.folder, "is no OCI image layout"),
        (lambda layout: layout.index(), "has 0 images for linux/amd64"),
        (lambda layout: layout.index(layout.image(architecture="arm64")), "has 0 images"),
        (
            lambda layout: layout.index(layout.image(), layout.image(layout.blob(b"x", LAYER))),
            "has 2 images",
        ),
        (
            lambda layout: layout.index(layout.image(layout.blob(b"x", "text/plain"))),
            "has a layer of type 'text/plain'",
        ),
        (
            lambda layout: layout.index({"mediaType": MANIFEST, "digest": "sha256:../../../x"}),
            "not SHA-256",
        ),
        (lambda layout: layout.index(layout.blob(b"[]", MANIFEST)), "is no document"),
        (lambda layout: layout.index(layout.blob(b"{", MANIFEST)), "is not JSON"),
        (break_blob, "is damaged"),
        (drop_blob, "is not whole"),
    ],
)
def test_what_is_wrong_with_a_layout_is_said(
    layout: Layout, make: Callable[[Layout], Path], words: str
) -> None:
    with pytest.raises(ImportRefusedError, match=words):
        layers_of(make(layout))


# --- as images --------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ImageStore]:
    store = ImageStore(tmp_path / "images")
    yield store
    store.unmount_unused()
    assert mounts(tmp_path) == []
    assert [name for name in names(tmp_path / "images") if name.startswith(".building")] == []


@pytest.mark.boot
@needs_mounts
def test_layers_lie_upon_one_another(store: ImageStore, layout: Layout, tmp_path: Path) -> None:
    host = a_tree(tmp_path / "host", {"passwd": "the host's"})
    upper: dict[str, str | None] = {
        "etc/.wh.gone": "",
        "opt/old": None,
        "opt/old/.wh..wh..opq": "",
        "opt/old/b": "2",
        "opt/file": None,
        "opt/file/now": "a folder",
        "opt/link": f"-> {host}",
    }
    top = {"opt/link": None, "opt/link/passwd": "not the host's"}
    layers = [a_tar({**ROOT}), gzip.compress(a_tar(upper)), a_tar({**top}, "w:xz")]

    made = import_image(
        store,
        layout.index(layout.image(*(layout.blob(layer, LAYER) for layer in layers))),
        user="ec2-user",
    )

    tree = contents(store.mount(made.digest))
    assert contents(host) == {"passwd": "the host's"}
    assert "etc/gone" not in tree
    assert {name: tree[name] for name in tree if name.startswith("opt/")} == {
        "opt/old": None,
        "opt/old/b": "2",
        "opt/file": None,
        "opt/file/now": "a folder",
        "opt/link": None,
        "opt/link/passwd": "not the host's",
    }


@pytest.mark.boot
@needs_mounts
@pytest.mark.parametrize("form", ["plain", "gz", "xz", "zst", "layout"])
def test_tar_file_becomes_an_image(store: ImageStore, tmp_path: Path, form: str) -> None:
    source = tmp_path / "root.tar"
    source.write_bytes(a_tar({**ROOT, "sbin": "-> usr/sbin"}))
    if form == "zst" and shutil.which("zstd") is None:
        pytest.skip("MISSING: zstd (apt-get install zstd); no image is read that it has compressed")
    packers = {"gz": ["gzip"], "xz": ["xz"], "zst": ["zstd", "-q", "--rm"]}
    if form in packers:
        subprocess.run([*packers[form], str(source)], check=True)
        source = source.with_name(f"root.tar.{form}")
    if form == "layout":
        layout = Layout(tmp_path / "layout")
        layout.index(layout.image(layout.blob(source.read_bytes(), LAYER)))
        source = tmp_path / "layout.tar"
        subprocess.run(["tar", "-C", str(layout.folder), "-cf", str(source), "."], check=True)

    made = import_image(store, source, user="ec2-user")

    place = store.mount(made.digest)
    tree = contents(place)
    assert made.latest == 1_700_000_000
    assert tree["etc/machine-id"] == ""
    assert str(tree["etc/passwd"]).splitlines()[-1] == (
        "ec2-user:x:1001:1001::/home/ec2-user:/bin/bash"
    )
    assert str(tree["etc/shadow"]).splitlines()[-1] == "ec2-user:!::0:99999:7:::"
    assert tree["etc/sudoers.d/90-ec2-user"] == "ec2-user ALL=(ALL) NOPASSWD:ALL\n"
    assert tree["home/ec2-user/.profile"] == "# profile\n"
    assert (place / "home/ec2-user").stat().st_uid == 1001
    assert "usr/lib/cotta/first-boot" in tree
    # However it was packed, it is the same image.
    again = tmp_path / "again.tar"
    again.write_bytes(a_tar({**dict(reversed(ROOT.items())), "sbin": "-> usr/sbin"}))
    assert import_image(store, again, user="ec2-user").digest == made.digest


@pytest.mark.boot
@needs_mounts
@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (a_tar({"etc/passwd": "root:x:0:0::/:\n"}), ImportRefusedError, "has no systemd in it"),
        (b"no tar file at all" * 100, ImageStoreError, "tar"),
        (a_tar({**ROOT}, "w:gz")[:200], ImageStoreError, "tar"),
    ],
    ids=["no systemd", "no tar file", "cut short"],
)
def test_what_can_not_boot_is_refused_and_nothing_left(
    store: ImageStore, tmp_path: Path, content: bytes, error: type[Exception], words: str
) -> None:
    source = tmp_path / "root.tar"
    source.write_bytes(content)

    with pytest.raises(error, match=words):
        import_image(store, source, user="admin")

    assert store.digests() == set()


@pytest.mark.boot
@needs_mounts
def test_missing_file_is_said(store: ImageStore, tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="There is no file"):
        import_image(store, tmp_path / "nothing.tar", user="admin")


@pytest.mark.boot
@needs_mounts
def test_files_of_users_that_are_links_are_left_alone(store: ImageStore, tmp_path: Path) -> None:
    host = tmp_path / "host-shadow"
    host.write_text("the host's\n")
    source = tmp_path / "root.tar"
    source.write_bytes(a_tar({**ROOT, "etc/shadow": f"-> {host}", "etc/gshadow": f"-> {host}"}))

    import_image(store, source, user="ec2-user")

    assert host.read_text() == "the host's\n"
    assert os.path.lexists(host)


@pytest.mark.boot
@needs_mounts
def test_cloud_init_is_told_where_it_is(store: ImageStore, tmp_path: Path) -> None:
    source = tmp_path / "root.tar"
    source.write_bytes(a_tar({**ROOT, "usr/bin/cloud-init": "#!/usr/bin/python3"}))

    made = import_image(store, source, user="ec2-user")

    tree = contents(store.mount(made.digest))
    assert "datasource_list: [Ec2]" in str(tree["etc/cloud/cloud.cfg.d/95-cotta.cfg"])
    assert "usr/lib/cotta/first-boot" not in tree
