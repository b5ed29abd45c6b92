"""Rules on what goes into an image, and on what is written on it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from cotta.practices.machines import SECRET, SECRET_TEXT
from cotta.practices.model import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.practices.subjects import ImageFacts

FLEETING: Final = Rule(
    id="CT014",
    title="File baked into a place that does not survive",
    why="These folders live in memory or are emptied at start: what the template puts there is not "
    "in the machines that boot from the image.",
    remedy="Put it where it is to stay, or move it in a later provisioner: "
    '`sudo cp -a /tmp/app /opt/app` in a "shell" provisioner.',
)
UNTAGGED: Final = Rule(
    id="CT018",
    title="Image without tags",
    why="Who finds the image a year from now wants to know what is in it and where it came from.",
    remedy='Add `tags = { … }` to the source: at least "Version" and what it is for.',
)
MOVED: Final = re.compile(r"\b(cp|mv|install|rsync|tar|ln)\b")

# Emptied at each start, or in memory, on the systems that images are built from.
_FLEETING: Final = ("/tmp", "/run", "/var/run", "/dev/shm", "/var/tmp/packer")  # noqa: S108
_MAKES_IMAGES: Final = frozenset({"amazon-ebs", "amazon-ebssurrogate", "amazon-chroot"})


def check_uploads(facts: ImageFacts) -> Iterator[Finding]:
    """Yield what is uploaded to where it does not stay, and not moved from there afterwards."""
    for upload in facts.uploads:
        destination = PurePosixPath(upload.destination)
        folder = next((one for one in _FLEETING if destination.is_relative_to(one)), None)
        if folder is None or any(_takes(command.text, destination) for command in facts.commands):
            continue
        yield Finding(
            rule=FLEETING,
            detail=f"{upload.source} goes to {upload.destination}, and {folder} does not survive "
            "the next start.",
            subject=upload.place,
            address=facts.name,
        )


def _takes(text: str, destination: PurePosixPath) -> bool:
    """Say whether shell text moves something from there to elsewhere."""
    return any(
        MOVED.search(line) is not None and str(destination) in line for line in text.splitlines()
    )


def check_tags(facts: ImageFacts) -> Iterator[Finding]:
    """Yield images that nobody will know."""
    if facts.kind in _MAKES_IMAGES and not facts.has_tags:
        yield Finding(
            rule=UNTAGGED,
            detail="The source sets no tags. Its key, digest, commit and base image are written on "
            "every image all the same.",
            subject=facts.place,
            address=facts.name,
        )


def check_secrets(facts: ImageFacts) -> Iterator[Finding]:
    """Yield secrets that a file of the image will hold, or that stand in the template itself."""
    for detail, place in facts.secrets:
        yield Finding(rule=SECRET, detail=detail, subject=place, address=facts.name)
    for command in facts.commands:
        if SECRET_TEXT.search(command.text) is not None:
            detail = "A key or token stands in a script as it is."
            yield Finding(rule=SECRET, detail=detail, subject=command.place, address=facts.name)
