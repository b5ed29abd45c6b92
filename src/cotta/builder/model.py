"""What a resolved build is: one source of one `build` block, with everything that runs in it.

A template becomes as many builds as its `build` blocks have sources.  All of
`only`, `except` and `override` has been applied, so that a build holds just
what runs; options are decoded and checked.  What can be known only while
building (`build.ID` and its like) is behind `options(…)` of provisioners and
post-processors, to be called with the build's variables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cotta.builder.options.values import Options
    from cotta.diagnostics.source import SourceRange

# The variables that a running build has: "ID", "Host", "SSHPrivateKeyFile", "SourceAMI", …
Generated: TypeAlias = "Mapping[str, str | int | bool]"


class RenderError(Exception):
    """A `{{ }}` can't be filled in; the text is a sentence about why."""


class Layer(Protocol):
    """The second language of templates, `{{ }}`, as it means in one build."""

    @property
    def started(self) -> datetime:
        """The one time of the build, in UTC: every timestamp of it is this."""

    def render(
        self,
        text: str,
        fields: Mapping[str, object] | None = None,
        generated: Generated | None = None,
    ) -> str:
        """Return the text with every `{{ }}` filled in; raises `RenderError`.

        `fields` are what `.Name` means: texts, or maps of texts.  `generated`
        is what the function `build` answers from.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What makes the artifact of a build; `name` is the local name where it was given one.

    The options of the communicator are among its options.
    """

    type: str
    name: str
    options: Options
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioner:
    """One step inside the machine that is built.

    `options` returns them for a build whose variables are given; mistakes are
    raised as `DiagnosticsError`.  It is tried 1 + `max_retries` times, each time
    after `pause_before` and for no longer than `timeout`.  Where that fails and
    `continue_on_error` is set, the build goes on.
    """

    type: str
    name: str
    options: Callable[[Generated], Options]
    range: SourceRange
    pause_before: timedelta = timedelta()
    timeout: timedelta | None = None
    max_retries: int = 0
    continue_on_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostProcessor:
    """One link of a chain; `keep_input_artifact` is None where the template says nothing."""

    type: str
    name: str
    options: Callable[[Generated], Options]
    range: SourceRange
    keep_input_artifact: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build.

    `id` is what the screen calls it: `amazon-ebs.app`, with the name of its
    `build` block in front if that has one: `web.amazon-ebs.app`.  Each chain of
    `post_processors` begins with the artifact of the source.  `secrets` are the
    texts of sensitive values, never to be shown.
    """

    id: str
    name: str
    source: Source
    provisioners: tuple[Provisioner, ...]
    error_cleanup: Provisioner | None
    post_processors: tuple[tuple[PostProcessor, ...], ...]
    layer: Layer
    range: SourceRange
    secrets: frozenset[str] = field(default_factory=frozenset)
