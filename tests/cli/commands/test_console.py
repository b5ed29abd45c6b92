"""`cotta console`, from a pipe and at a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import pytest

from tests.support.cli import Ended, heed_interrupts, run_cotta

if TYPE_CHECKING:
    from pathlib import Path


def test_every_line_is_answered_in_order() -> None:
    ended = run_cotta("console", stdin='1\n"a\\nb"\n\n[{ a = null }]\ntype([true])\n2')

    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout == (
        '1\n<<EOT\na\nb\nEOT\n\n[\n  {\n    "a" = null\n  },\n]\ntuple([\n    bool,\n])\n2\n'
    )


def test_mistake_goes_to_stderr_and_the_rest_is_answered() -> None:
    ended = run_cotta("console", stdin="1\n{}.a\n3\n")

    assert (ended.status, ended.stdout) == (1, "1\n3\n")
    assert ended.stderr == (
        "\n╷\n"
        "│ Error: Unsupported attribute\n"
        "│\n"
        "│   on <console-input> line 2:\n"
        "│    2: {}.a\n"
        "│         ^^\n"
        "│\n"
        '│ This object does not have an attribute named "a".\n'
        "╵\n"
    )


def test_exit_ends_the_answers() -> None:
    assert run_cotta("console", stdin="1\n exit \n2\n").stdout == "1\n"


def test_nothing_asked_is_no_mistake() -> None:
    ended = run_cotta("console")

    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")


def test_help_is_an_answer() -> None:
    assert "Leave with exit" in run_cotta("console", stdin="help\n").stdout


def test_words_are_refused() -> None:
    ended = run_cotta("console", "folder", "another")

    assert (ended.status, ended.stdout) == (1, "")
    assert "Error: Too many command line arguments" in ended.stderr


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("1.5", {"type": "number", "value": 1.5}),
        ("null", {"type": "dynamic", "value": None}),
        (
            '{ a = [1, "x"] }',
            {"type": ["object", {"a": ["tuple", ["number", "string"]]}], "value": {"a": [1, "x"]}},
        ),
        ("terraform.applying", {"type": "bool", "value": None, "sensitive": True}),
        (
            "[1, { a = terraform.applying, b = 2 }]",
            {
                "type": ["tuple", ["number", ["object", {"a": "bool", "b": "number"}]]],
                "value": [1, {"a": None, "b": 2}],
                "sensitive": [False, {"a": True}],
            },
        ),
        ("type([])", {"type": "type", "value": ["tuple", []]}),
    ],
)
def test_json_record(line: str, record: dict[str, object]) -> None:
    ended = run_cotta("console", "-json", stdin=f"\n{line}\n")

    assert (ended.status, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {"line": 2} | record


@pytest.mark.parametrize(
    ("line", "summary"), [("1 +", "Missing expression"), ("1 / 0", "Value without a JSON form")]
)
def test_json_record_of_a_mistake(line: str, summary: str) -> None:
    ended = run_cotta("console", "-json", stdin=f"{line}\n1\n")

    first, second = map(json.loads, ended.stdout.splitlines())
    assert [found["summary"] for found in first["diagnostics"]] == [summary]
    assert second == {"line": 2, "type": "number", "value": 1}


def test_json_mistake_sets_the_status() -> None:
    assert run_cotta("console", "-json", stdin="1 +\n").status == 1
    assert run_cotta("console", "-json", stdin="1 / 0\n").status == 1


class Typist:
    """Types into `cotta console` at a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = pty.openpty()
        environment = {**os.environ, "HOME": str(folder), "TERM": "dumb"}
        environment.pop("XDG_STATE_HOME", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cotta", "console"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )
        os.close(theirs)
        self.terminal = ours
        self.screen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def wait_for(self, pattern: str, seconds: float = 30) -> str:
        """Return what appears up to a match of `pattern`."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.screen)):
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self.terminal], [], [], left)[0]:
                raise TimeoutError(f"{pattern!r} did not appear in {self.screen!r}")
            try:
                read = os.read(self.terminal, 4096)
            except OSError:
                read = b""
            assert read, f"{pattern!r} did not appear before the end of {self.screen!r}"
            self.screen += read.decode()
        seen, self.screen = self.screen[: found.end()], self.screen[found.end() :]
        return seen

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def interrupt_until(self, pattern: str) -> None:
        """Press Ctrl-C until `pattern` appears.

        Python's readline overlooks one that comes in the moment before it waits for a key.
        """
        for _ in range(20):
            self.process.send_signal(signal.SIGINT)
            try:
                self.wait_for(pattern, seconds=1.5)
            except TimeoutError:
                continue
            return

    def status(self) -> int:
        return self.process.wait(30)


def test_at_a_terminal_an_expression_may_take_several_lines(tmp_path: Path) -> None:
    with Typist(tmp_path) as typist:
        typist.wait_for("> $")
        typist.type("[1,\n")
        typist.wait_for(": $")
        typist.type("2]\n")
        typist.wait_for(r"\[\r\n  1,\r\n  2,\r\n\]\r\n> $")
        typist.type("1 +\n")
        typist.wait_for(r"Missing expression(.|\n)*╵\r\n> $")
        typist.type("exit\n")

        # A person has seen the mistake.
        assert typist.status() == 0
    history = (tmp_path / ".local/state/cotta/console_history").read_text()
    assert history.splitlines()[-4:] == ["[1,", "2]", "1 +", "exit"]


def test_control_d_leaves(tmp_path: Path) -> None:
    with Typist(tmp_path) as typist:
        typist.wait_for("> $")
        typist.type("\x04")

        assert typist.status() == 0


def test_control_c_drops_what_is_half_typed(tmp_path: Path) -> None:
    with Typist(tmp_path) as typist:
        typist.wait_for("> $")
        typist.type("[1,\n")
        typist.wait_for(": $")
        typist.interrupt_until("> $")
        typist.type("7\n")
        typist.wait_for("\r\n7\r\n> $")
        typist.type("exit\n")

        assert typist.status() == 0


def test_control_c_at_an_empty_prompt_leaves(tmp_path: Path) -> None:
    with Typist(tmp_path) as typist:
        typist.wait_for("> $")
        typist.interrupt_until("\r\n$")

        assert typist.status() == 0


CONFIGURED = """
variable "need" {}
locals { twice = [var.need, var.need] }
resource "terraform_data" "a" { input = "made" }
output "secret" {
  value     = "x"
  sensitive = true
}
"""


def a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = CONFIGURED) -> None:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)


def test_names_of_a_configuration_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    ended = run_cotta("console", "-var=need=x", stdin="local.twice\nterraform_data.a\n")

    assert ended == Ended(0, '[\n  "x",\n  "x",\n]\n(known after apply)\n', "")


def test_what_nobody_has_set_is_not_known_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    assert run_cotta("console", stdin="var.need\n") == Ended(0, "(known after apply)\n", "")


def test_resources_are_as_the_state_or_as_a_plan_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve", "-var=need=x")
    (tmp_path / "main.tf").write_text(CONFIGURED.replace("made", "new"), encoding="utf-8")

    question = "terraform_data.a.input\n"
    assert run_cotta("console", stdin=question).stdout == '"made"\n'
    assert run_cotta("console", "-plan", "-var=need=x", stdin=question).stdout == '"new"\n'


def test_a_local_that_is_wrong_is_told_and_the_others_are_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, 'locals {\n  bad = 1 + "x"\n  good = 2\n}\n')

    ended = run_cotta("console", stdin="local.good\n")

    assert (ended.status, ended.stdout) == (0, "2\n")
    assert "Error: Invalid operand" in ended.stderr


@pytest.mark.parametrize("flag", ["-var=nope=1", "-var-file=nowhere", "-state=main.tf"])
def test_a_mistaken_flag_ends_the_console(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    ended = run_cotta("console", flag, stdin="1\n")

    assert (ended.status, ended.stdout) == (1, "")
