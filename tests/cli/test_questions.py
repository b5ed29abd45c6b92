"""Questions of a provider, at a terminal with a person at it and at one without."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.cli.main import run
from cotta.cli.terminal import Terminal
from cotta.providers.interface import Question
from tests.support.cli import run_cotta
from tests.support.engine import SCRIPTED
from tests.support.scripted_provider import Script, ScriptedProvider, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.providers.options import ProviderOptions

ASKS = Question(
    text="What becomes of the refresh?",
    choices={"leave": "it goes on by itself", "cancel": "it ends, and no machine is replaced"},
    default="leave",
)


@dataclass
class Scripted:
    """A provider that asks what to do, whether it is stopped or not."""

    script: Script = field(default_factory=lambda: Script(questions={"a": ASKS}))
    made: list[ScriptedProvider] = field(default_factory=list)

    def __call__(self, _options: ProviderOptions) -> ScriptedProvider:
        self.made.append(ScriptedProvider(script=self.script))
        return self.made[-1]

    @property
    def answers(self) -> list[str]:
        return [answer for provider in self.made for answer in provider.answers]


@dataclass
class Seat:
    """A pseudo-terminal and the person at it, who reacts to what is shown."""

    terminal: Terminal
    shown: str = ""


@contextmanager
def a_person(scripted: Scripted, react: Callable[[str], bytes | None]) -> Iterator[Seat]:
    """Yield a terminal whose person types what `react` says to all that was shown so far."""
    master, slave = os.openpty()
    done = threading.Event()
    with open(slave, "rb", closefd=False) as stdin, open(slave, "w", closefd=False) as stdout:
        seat = Seat(
            Terminal(
                stdin=stdin,
                stdout=stdout,
                stderr=stdout,
                environment={},
                started_in=str(Path.cwd()),
                has_colour=False,
                providers={SCRIPTED: scripted},
            )
        )

        def watch() -> None:
            while not done.is_set():
                try:
                    seat.shown += os.read(master, 4096).decode()
                except OSError:
                    return
                typed = react(seat.shown)
                if typed:
                    os.write(master, typed)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        yield seat
        stdout.flush()
        time.sleep(0.1)
        done.set()
    os.close(slave)
    watcher.join(5)
    os.close(master)


def a_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path)
    text = 'resource "scripted_thing" "a" { name = "a" }\n'
    Path("main.tf").write_text(text, encoding="utf-8")


def once(word: str, typed: bytes) -> Callable[[str], bytes | None]:
    """Return a reaction: to type something the first time that a word is shown."""
    reacted: list[str] = []

    def react(shown: str) -> bytes | None:
        if word in shown and not reacted:
            reacted.append(word)
            return typed
        return None

    return react


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (b"cancel\n", "cancel"),
        (b"leave\n", "leave"),
        (b"\n", "leave"),
        (b"  cancel \n", "cancel"),
        (b"no idea\ncancel\n", "cancel"),
        (b"\x04", "leave"),
    ],
    ids=["cancel", "leave", "enter", "spaces", "a second try", "end of input"],
)
def test_a_person_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: bytes, answer: str
) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted()

    with a_person(scripted, once("Enter a value: (leave)", typed)) as seat:
        status = run(["apply", "-auto-approve"], seat.terminal)

    assert status == 0
    assert scripted.answers == [answer]
    assert "scripted_thing.a: What becomes of the refresh?" in seat.shown
    assert "  leave   it goes on by itself\r\n  cancel  it ends, and no machine" in seat.shown


def test_an_interrupt_is_followed_by_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted()
    scripted.script.troubles["apply", 1] = Trouble.HANG
    scripted.script.lines["a"] = ("under way",)
    interrupted: list[int] = []

    def react(shown: str) -> bytes | None:
        if "under way" in shown and not interrupted:
            interrupted.append(1)
            os.kill(os.getpid(), signal.SIGINT)
        elif "Enter a value: (leave)" in shown and len(interrupted) == 1:
            interrupted.append(2)
            return b"cancel\n"
        return None

    with a_person(scripted, react) as seat:
        status = run(["apply", "-auto-approve"], seat.terminal)

    assert status == 1
    assert scripted.answers == ["cancel"]
    assert seat.shown.index("Interrupt received.") < seat.shown.index("What becomes")


def test_a_second_interrupt_breaks_the_question_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted()
    scripted.script.troubles["apply", 1] = Trouble.HANG
    scripted.script.lines["a"] = ("under way",)
    interrupted: list[int] = []

    def react(shown: str) -> bytes | None:
        first = "under way" in shown and not interrupted
        second = "Enter a value: (leave)" in shown and len(interrupted) == 1
        if first or second:
            interrupted.append(1)
            os.kill(os.getpid(), signal.SIGINT)
        return None

    with a_person(scripted, react) as seat, pytest.raises(KeyboardInterrupt):
        run(["apply", "-auto-approve"], seat.terminal)

    assert "Two interrupts received." in seat.shown


@pytest.mark.parametrize("flags", [(), ("-input=false",), ("-json",)], ids=str)
def test_where_nobody_can_be_asked_the_default_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted()

    ended = run_cotta(
        "apply", "-auto-approve", *flags, stdin="cancel\n", providers={SCRIPTED: scripted}
    )

    assert (ended.status, ended.stderr) == (0, "")
    assert scripted.answers == ["leave"]
    assert "What becomes" not in ended.stdout


def test_what_a_provider_says_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted(Script(lines={"a": ("1 of 2 replaced", "console:\x1b[2J\tgone\nnext")}))

    ended = run_cotta("apply", "-auto-approve", providers={SCRIPTED: scripted})

    assert (
        "scripted_thing.a: Creating...\n"
        "scripted_thing.a: 1 of 2 replaced\n"
        "scripted_thing.a: console:\\x1b[2J    gone\n"
        "scripted_thing.a: next\n"
        "scripted_thing.a: Creation complete after 0s [id=obj-1]\n"
    ) in ended.stdout


def test_what_a_provider_says_is_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)
    scripted = Scripted(Script(lines={"a": ("1 of 2 replaced",)}))

    ended = run_cotta("apply", "-auto-approve", "-json", providers={SCRIPTED: scripted})

    records = [json.loads(line) for line in ended.stdout.splitlines()]
    [record] = [one for one in records if one["type"] == "apply_said"]
    assert record["@message"] == "scripted_thing.a: 1 of 2 replaced"
    assert record["hook"].pop("resource")["addr"] == "scripted_thing.a"
    assert record["hook"] == {
        "action": "create",
        "line": "1 of 2 replaced",
        "figures": {"step": 1},
    }
