"""What bash itself completes with the script; zsh reads the same."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.support.cli import run_cotta


def completed(line: str) -> set[str]:
    """Return what bash offers when Tab is pressed at the end of a line."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("MISSING WITNESS: bash is not on PATH")
    words = line.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    script = (
        f"{run_cotta('completion', 'bash').stdout}\nCOMP_WORDS=({array})\n"
        f"COMP_CWORD={len(words) - 1}\n_cotta\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    said = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    return {word for word in said.stdout.splitlines() if word}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cotta pl", {"plan"}),
        ("cotta state m", {"mv"}),
        ("cotta -chdir=x pl", {"plan"}),
        ("cotta plan -refresh-o", {"-refresh-only"}),
        ("cotta plan -var-f", {"-var-file="}),
        ("cotta plan -var = a -detailed", {"-detailed-exitcode"}),
        ("cotta state mv a -back", {"-backup="}),
        ("cotta region base ", {"add", "list"}),
        ("cotta nothing ", set()),
    ],
)
def test_bash(line: str, expected: set[str]) -> None:
    assert completed(line) == expected


def test_nothing_internal_is_offered() -> None:
    assert "daemon" not in completed("cotta region ")
    assert {"up", "down", "status"} <= completed("cotta region ")


def test_zsh_reads_the_same_words() -> None:
    said = run_cotta("completion", "zsh").stdout

    assert said.startswith("#compdef cotta\n")
    assert said.endswith(run_cotta("completion", "bash").stdout)


def test_other_shells_are_refused() -> None:
    ended = run_cotta("completion", "fish")

    assert ended.status == 1
    assert 'not for "fish"' in ended.stderr
