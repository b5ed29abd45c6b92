"""Builds as a stream of JSON records, one a line: `cotta build -json`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.cli.views.builds import Pace, Tone, end_line, share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from cotta.cli.outcomes import Outcome


_RECORD_EVERY: Final = timedelta(seconds=1)


class JsonBuilds:
    """Records like those of `plan -json`: `@level`, `@message`, `@timestamp`, `type`, and facts.

    Types: `builds_start`, `build_output`, `build_progress`, `build_question`, `build_complete`,
    `build_errored`, `builds_complete`.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        lock: AbstractContextManager[object],
        now: Callable[[], datetime],
    ) -> None:
        self._write = write
        self._lock = lock
        self._now = now
        self._pace = Pace(now, _RECORD_EVERY)

    def begins(self, builds: Sequence[str]) -> None:
        """Write which builds there are."""
        count = "1 build" if len(builds) == 1 else f"{len(builds)} builds"
        self._put("info", count, "builds_start", builds=list(builds))

    def line(self, build: str, tone: Tone, text: str) -> None:
        """Write a record of what a build says."""
        level = "error" if tone is Tone.ERROR else "info"
        self._put(level, text, "build_output", build=build, tone=tone.value)

    def asks(self, build: str, question: str) -> str:
        """Write the question; programs give no answer."""
        self._put("info", question, "build_question", build=build)
        return ""

    def moves(self, build: str, what: str, done: int, total: int) -> None:
        """Write a record at first, at the end, and each second in between."""
        if self._pace.is_time(build, what) or done == total:
            message = f"{what}: {share_of(done, total)}"
            self._put(
                "info", message, "build_progress", build=build, what=what, done=done, total=total
            )

    def ended(self, outcome: Outcome) -> None:
        """Write the end of a build, with its artifacts."""
        self._put(
            "error" if outcome.error else "info",
            end_line(outcome),
            "build_errored" if outcome.error else "build_complete",
            **_record(outcome),
        )

    def summary(
        self, outcomes: Sequence[Outcome], took: timedelta, *, was_interrupted: bool
    ) -> None:
        """Write everything once more, together."""
        failed = sum(bool(one.error) for one in outcomes)
        self._put(
            "error" if failed or was_interrupted else "info",
            f"{len(outcomes) - failed} of {len(outcomes)} builds succeeded",
            "builds_complete",
            builds=[_record(one) for one in outcomes],
            interrupted=was_interrupted,
            seconds=round(took.total_seconds(), 3),
        )

    def _put(self, level: str, message: str, type: str, **facts: object) -> None:
        record = {
            "@level": level,
            "@message": message,
            "@module": "cotta.build",
            "@timestamp": self._now().isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "type": type,
            **facts,
        }
        with self._lock:
            self._write(json.dumps(record, ensure_ascii=False) + "\n")


def _record(outcome: Outcome) -> dict[str, object]:
    return {
        "build": outcome.build,
        "seconds": round(outcome.took.total_seconds(), 3),
        "unchanged": outcome.is_unchanged,
        "cancelled": outcome.is_cancelled,
        "error": outcome.error,
        "artifacts": [
            {
                "builder_id": artifact.builder_id,
                "id": artifact.id,
                "text": artifact.text,
                "files": list(artifact.files),
                **dict(artifact.facts),
            }
            for artifact in outcome.artifacts
        ],
    }
