"""Builds for tests: a voice that is heard, and builds from templates."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Heard:
    """Keeps what a build says; answers with `answers`, then with nothing."""

    answers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    everything: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Keep what is being done."""
        self.said.append(text)
        self.everything.append(f"==> {text}")

    def message(self, text: str) -> None:
        """Keep a detail."""
        self.messages.append(text)
        self.everything.append(f"    {text}")

    def error(self, text: str) -> None:
        """Keep what went wrong."""
        self.errors.append(text)
        self.everything.append(f"!!! {text}")

    def ask(self, question: str) -> str:
        """Answer as was given."""
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else ""

    def progress(self, what: str, done: int, total: int) -> None:
        """Hear of a transfer."""
