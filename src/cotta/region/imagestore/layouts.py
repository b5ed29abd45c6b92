"""OCI image layouts: which layers an image on disk has.  Law: the OCI image specification 1.1."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from cotta.region.imagestore.errors import ImportRefusedError

if TYPE_CHECKING:
    from pathlib import Path

_INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# The compression is told by the bytes themselves.
_LAYERS: Final = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar",
)
_ARCHITECTURE: Final = "amd64"

# Documents are small; a layout that says otherwise is broken.
_LARGEST_DOCUMENT: Final = 4 * 1024 * 1024
_DEEPEST: Final = 4


def layers_of(layout: Path) -> list[Path]:
    """Return the layers of the one image for this machine in a layout, the lowest first.

    What they hold is compared with their digests.  `ImportRefusedError` if there is no such
    image, or more than one, or something is missing or damaged.
    """
    try:
        index = json.loads((layout / "index.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ImportRefusedError(f"{layout} is no OCI image layout: {error}") from error
    manifests = _manifests(layout, index, _DEEPEST)
    if len(manifests) != 1:
        raise ImportRefusedError(
            f"{layout} has {len(manifests)} images for linux/{_ARCHITECTURE}, and one is needed."
        )
    return [_blob(layout, layer, _LAYERS) for layer in manifests[0].get("layers", [])]


def _manifests(layout: Path, index: Any, depth: int) -> list[dict[str, Any]]:
    found = []
    for descriptor in index.get("manifests", []) if isinstance(index, dict) else []:
        platform = descriptor.get("platform") or {}
        if platform.get("architecture", _ARCHITECTURE) != _ARCHITECTURE:
            continue
        media_type = str(descriptor.get("mediaType", ""))
        if media_type in _INDEXES and depth:
            found += _manifests(layout, _document(layout, descriptor), depth - 1)
        elif media_type in _MANIFESTS:
            manifest = _document(layout, descriptor)
            config = _document(layout, manifest.get("config") or {})
            if config.get("architecture", _ARCHITECTURE) == _ARCHITECTURE:
                found.append(manifest)
    return found


def _document(layout: Path, descriptor: dict[str, Any]) -> dict[str, Any]:
    place = _blob(layout, descriptor)
    if place.stat().st_size > _LARGEST_DOCUMENT:
        raise ImportRefusedError(f"{place} is too large for a document of an OCI image layout.")
    try:
        document = json.loads(place.read_bytes())
    except ValueError as error:
        raise ImportRefusedError(f"{place} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ImportRefusedError(f"{place} is no document of an OCI image layout.")
    return document


def _blob(layout: Path, descriptor: dict[str, Any], types: tuple[str, ...] = ()) -> Path:
    """Return the file of a descriptor, once its content is what the descriptor says."""
    algorithm, _, digest = str(descriptor.get("digest", "")).partition(":")
    if algorithm != "sha256" or len(digest) != 64 or not digest.isalnum():
        raise ImportRefusedError(
            f"{layout} names something by '{algorithm}:{digest}': not SHA-256."
        )
    media_type = str(descriptor.get("mediaType", ""))
    if types and not media_type.startswith(types):
        raise ImportRefusedError(f"{layout} has a layer of type '{media_type}', which is none.")
    place = layout / "blobs" / "sha256" / digest
    try:
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImportRefusedError(f"{layout} is not whole: {error}") from error
    if found != digest:
        raise ImportRefusedError(f"{place} is damaged: its SHA-256 is {found}.")
    return place
