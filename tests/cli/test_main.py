"""Global options, help, what the environment adds, and how a run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cotta.cli.main import finish
from tests.support.cli import (
    Ended,
    a_terminal,
    cotta_process,
    heed_interrupts,
    run_cotta,
    written,
)


def test_cotta_alone_prints_help_that_leads_on() -> None:
    ended = run_cotta()

    assert ended.status == 127
    assert ended.stdout.startswith("Usage: cotta [global options] <command> [options]\n")
    assert "  version " in ended.stdout
    assert "cotta console -help" in ended.stdout


@pytest.mark.parametrize("flag", ["-h", "-help", "--help", "help"])
def test_help_is_a_success(flag: str) -> None:
    assert run_cotta(flag).status == 0
    assert run_cotta(flag).stdout == run_cotta().stdout


@pytest.mark.parametrize("words", [("help", "version"), ("version", "-help"), ("version", "-h")])
def test_help_of_a_command(words: tuple[str, ...]) -> None:
    ended = run_cotta(*words)

    assert ended.status == 0
    assert ended.stdout.startswith("Usage: cotta [global options] version [options]\n")
    assert "  -json  " in ended.stdout


@pytest.mark.parametrize("word", ["version", "-v", "-version", "--version"])
def test_version_by_any_name(word: str) -> None:
    assert run_cotta(word).stdout.startswith("Cotta v")


def test_unknown_command_is_named_with_the_nearest() -> None:
    ended = run_cotta("verison")

    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr == (
        'Cotta has no command named "verison". Did you mean "version"?\n\n'
        "To see all of Cotta's commands, run:\n  cotta -help\n"
    )


def test_group_of_commands_lists_its_members() -> None:
    ended = run_cotta("metadata")

    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Usage: cotta [global options] metadata <command> [options]\n")
    assert run_cotta("metadata", "-help").stdout == ended.stderr


def test_wrong_flag_is_drawn_and_leads_to_help() -> None:
    ended = run_cotta("version", "-jsno")

    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr == (
        "\n╷\n"
        "│ Error: Failed to parse command-line flags\n"
        "│\n"
        '│ There is no flag "-jsno" here. Did you mean "-json"?\n'
        "╵\n"
        "\n"
        "For more help on using this command, run:\n"
        "  cotta version -help\n"
    )


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        (["-chdir", "version"], "Invalid -chdir option"),
        (["-chdir=", "version"], "Invalid -chdir option"),
        (["-chdir=/nonexistent", "version"], "Invalid -chdir option"),
        (["-json", "version"], "Unknown global option"),
    ],
)
def test_wrong_global_option(options: list[str], summary: str) -> None:
    ended = run_cotta(*options)

    assert (ended.status, ended.stdout) == (1, "")
    assert f"│ Error: {summary}\n" in ended.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"TF_CLI_ARGS": "-json"},
        {"TF_CLI_ARGS_version": "'-json'"},
        {"COTTA_CLI_ARGS": "-json"},
        {"COTTA_CLI_ARGS_version": "-json"},
        {"TF_CLI_ARGS": "-json=false", "COTTA_CLI_ARGS": "-json"},
        {"TF_CLI_ARGS_version": "-json=false", "TF_CLI_ARGS": "-json"},
    ],
)
def test_environment_adds_arguments(environment: dict[str, str]) -> None:
    assert run_cotta("version", environment=environment).stdout.startswith("{")


def test_command_line_wins_over_the_environment() -> None:
    ended = run_cotta("version", "-json=false", environment={"TF_CLI_ARGS": "-json"})

    assert ended.stdout.startswith("Cotta v")


def test_arguments_for_another_command_are_left_alone() -> None:
    ended = run_cotta("version", environment={"TF_CLI_ARGS_plan": "-nonsense"})

    assert ended.status == 0


def test_unclosed_quote_in_the_environment() -> None:
    ended = run_cotta("version", environment={"TF_CLI_ARGS": 'a "b'})

    assert ended.status == 1
    assert "│ TF_CLI_ARGS can't be split into words: no closing quotation.\n" in ended.stderr


def test_version_starts_without_heavy_libraries() -> None:
    program = (
        "import sys, io\n"
        "from cotta.cli.main import run\n"
        "from cotta.cli.terminal import this_terminal\n"
        "assert run(['version'], this_terminal()) == 0\n"
        "print(*sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )

    loaded = set(done.stdout.splitlines()[-1].split())
    assert "cotta.cli.commands.version" in loaded
    heavy = {"boto3", "botocore", "grpc", "rich", "yaml", "re2", "_re2", "cryptography", "regex"}
    assert loaded & (heavy | {"asyncio", "subprocess", "cotta.hcl", "cotta.values"}) == set()


def finished(error: type[BaseException]) -> Ended:
    def work() -> int:
        raise error("what happened")

    terminal = a_terminal()
    status = finish(work, terminal)
    return written(terminal, status)


def test_mistake_of_ours_shows_where() -> None:
    ended = finished(KeyError)

    assert (ended.status, ended.stdout) == (1, "")
    assert "in work\n" in ended.stderr
    assert "KeyError: 'what happened'\n" in ended.stderr
    assert "\nThis is a bug in cotta. " in ended.stderr


@pytest.mark.parametrize(
    ("error", "ended"),
    [
        (KeyboardInterrupt, Ended(128 + signal.SIGINT, "", "\nInterrupted.\n")),
        (BrokenPipeError, Ended(128 + signal.SIGPIPE, "", "")),
    ],
)
def test_other_ends(error: type[BaseException], ended: Ended) -> None:
    assert finished(error) == ended


def test_control_c_ends_the_whole_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cotta", "console"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"1\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"1\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()

    assert (process.returncode, stderr) == (130, b"\nInterrupted.\n")


def test_reader_that_goes_away_ends_it_quietly() -> None:
    read, write = os.pipe()
    os.close(read)

    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "cotta", "-help"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (141, b"")


def test_text_is_utf8_whatever_the_locale_says() -> None:
    ended = cotta_process("version", "-é", environment={"LC_ALL": "POSIX", "PYTHONUTF8": "0"})

    assert ended.status == 1
    assert 'There is no flag "-é" here.' in ended.stderr


@pytest.mark.parametrize("variable", ["TF_CLI_ARGS", "TF_CLI_ARGS_version", "COTTA_CLI_ARGS"])
def test_no_color_may_stand_in_the_environment(variable: str) -> None:
    assert run_cotta("version", environment={variable: "-no-color"}).status == 0


@pytest.mark.parametrize("words", [("test",), ("login", "example.com"), ("test", "-help")])
def test_a_command_that_is_not_there_yet_says_so_and_what_to_do(words: tuple[str, ...]) -> None:
    ended = run_cotta(*words)

    assert (ended.status, ended.stdout) == (1, "")
    assert f'Error: There is no command "{words[0]}" yet' in ended.stderr


def test_a_command_of_a_group_that_is_nearly_right_is_suggested() -> None:
    ended = run_cotta("region", "consol")

    assert ended.status == 1
    assert 'no command named "region consol". Did you mean "region console"?' in ended.stderr
    assert "region console          Show what a machine has said" in ended.stderr


def test_the_overview_says_where_to_begin() -> None:
    said = run_cotta().stdout

    assert said.index("  ship ") < said.index("Other commands:")
    assert "cotta ship FOLDER" in said
