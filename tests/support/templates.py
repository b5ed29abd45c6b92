"""Templates in tests: written as texts, understood without a disk, a clock or chance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.fingerprint import (
    STILL_TIME,
    BaseImage,
    FileDigest,
    Ingredients,
    content_key,
    no_chance,
)
from cotta.builder.understanding import Asked, understand
from cotta.diagnostics.diagnostics import Diagnostics, Severity
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_file
from tests.support.fake_files import FakeFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.fingerprint import ContentKey
    from cotta.builder.model import Build
    from cotta.builder.understanding import Understood

NOON: Final = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)

AMI: Final = BaseImage("ami-1", "d")

NULL: Final = """
source "null" "box" {
  communicator = "none"
}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a template came to, and what was said about it."""

    understood: Understood
    diagnostics: Diagnostics

    @property
    def builds(self) -> tuple[Build, ...]:
        assert not self.diagnostics.has_errors, self.said
        return self.understood.builds

    @property
    def said(self) -> list[str]:
        """Errors and warnings as `file:line summary: detail`."""
        return [
            f"{one.subject.file.name}:{one.subject.first.line} " * (one.subject is not None)
            + f"{'' if one.severity is Severity.ERROR else 'warning: '}{one.summary}: {one.detail}"
            if one.subject is not None
            else f"{one.summary}: {one.detail}"
            for one in self.diagnostics
        ]

    @property
    def summaries(self) -> list[tuple[int, str]]:
        """The line (0: nowhere) and the summary of everything said."""
        return [
            (one.subject.first.line if one.subject is not None else 0, one.summary)
            for one in self.diagnostics
        ]


def answer_of(
    template: str | Mapping[str, str],
    *,
    files: Mapping[str, str | bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    **asked: Any,
) -> Answer:
    """Return what a template comes to; its files are named, or one `t.pkr.hcl`."""
    texts = {"t.pkr.hcl": template} if isinstance(template, str) else template
    diags = Diagnostics()
    parsed = [
        (parse_json_file if name.endswith(".json") else parse_file)(text.encode(), name, diags)
        for name, text in texts.items()
    ]
    world = Asked(
        **{
            "folder": ".",
            "working_folder": "/work",
            "environment": environment or {},
            "reader": FakeFiles(files),
            "started": NOON,
            "random": lambda count: bytes(range(count)),
            **asked,
        }
    )
    return Answer(understand(parsed, world, diags), diags)


class FakeDigests:
    """Digests of the files that a `FakeFiles` has."""

    def __init__(
        self, files: Mapping[str, str | bytes], modes: Mapping[str, int] | None = None
    ) -> None:
        self._files = dict(files)
        self._modes = modes or {}

    def files(self, path: str) -> list[FileDigest]:
        root = path.removeprefix("./").rstrip("/")
        return [
            FileDigest(
                name.removeprefix(root).lstrip("/"),
                self._modes.get(name, 0o644),
                hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest(),
            )
            for name, text in sorted(self._files.items())
            if name == root or name.startswith(f"{root}/")
        ]


def the_key(
    template: str | Mapping[str, str],
    *,
    base: BaseImage | None = AMI,
    files: Mapping[str, str | bytes] | None = None,
    modes: Mapping[str, int] | None = None,
    **asked: Any,
) -> ContentKey:
    """Return the key of the only build of a template."""
    real = answer_of(template, files=files, **asked)
    still = answer_of(
        template, files=files, **{**asked, "started": STILL_TIME, "random": no_chance}
    )
    (build,), (other,) = real.builds, still.builds
    return content_key(
        Ingredients(
            build=build,
            still=other,
            base=base,
            template=real.understood.template,
            reader=FakeDigests(files or {}, modes),
            versions={"cotta": "1"},
        )
    )


def the_build(template: str | Mapping[str, str], **asked: Any) -> Build:
    """Return the only build of a template."""
    (build,) = answer_of(template, **asked).builds
    return build
