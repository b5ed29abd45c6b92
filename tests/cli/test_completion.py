"""What bash and zsh themselves complete with their scripts."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path


def completed(line: str) -> set[str]:
    """Return what bash offers when Tab is pressed at the end of a line."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("MISSING WITNESS: bash is not on PATH")
    words = line.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    script = (
        f"{run_cotta('completion', 'bash').stdout}\nCOMP_WORDS=({array})\n"
        f"COMP_CWORD={len(words) - 1}\n_cotta_words\n"
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
    assert run_cotta("completion", "bash").stdout in said


def test_bash_knows_who_completes_it() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("MISSING WITNESS: bash is not on PATH")
    script = f"{run_cotta('completion', 'bash').stdout}\ncomplete -p cotta"

    said = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout == "complete -o default -o nospace -F _cotta_words cotta\n"


# Ctrl-X tells what stands in the line.
_TELLING: Final = """\
told() { print -r -- "<$BUFFER>"; exit }
zle -N told
bindkey '^X' told
"""


@pytest.mark.parametrize("how", ["eval", "eval after compinit", "a folder of fpath"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cotta pla", "cotta plan"),
        ("cotta region base a", "cotta region base add"),
        ("cotta plan -var-f", "cotta plan -var-file="),
        ("cotta -chdir=x pla", "cotta -chdir=x plan"),
    ],
)
def test_zsh(how: str, line: str, expected: str, tmp_path: Path) -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("MISSING WITNESS: zsh is not on PATH (apt-get install zsh)")
    (tmp_path / "_cotta").write_text(run_cotta("completion", "zsh").stdout)
    compinit = "autoload -Uz compinit && compinit -u -D\n"
    setup = {
        "eval": f"source {tmp_path}/_cotta\n",
        "eval after compinit": f"{compinit}source {tmp_path}/_cotta\n",
        "a folder of fpath": f"fpath=({tmp_path} $fpath)\n{compinit}",
    }[how]
    # What is typed is left as zsh has completed it, without being run.
    (tmp_path / ".zshrc").write_text(f"{setup}PROMPT='> '\n{_TELLING}")

    assert f"<{expected}>" in typed(zsh, tmp_path, f"{line}\t\x18")


def typed(zsh: str, home: Path, keys: str) -> str:
    """Return what an interactive zsh has written after these keys."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(zsh, [zsh, "-i"], {"PATH": os.defpath, "ZDOTDIR": str(home), "TERM": "dumb"})
    said, deadline, is_asked = b"", time.monotonic() + 10, False
    try:
        while time.monotonic() < deadline:
            if not is_asked and b"> " in said:
                os.write(terminal, keys.encode())
                is_asked = True
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 65536)
    except OSError:
        pass  # It has ended.
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return said.decode(errors="replace")


def test_other_shells_are_refused() -> None:
    ended = run_cotta("completion", "fish")

    assert ended.status == 1
    assert 'not for "fish"' in ended.stderr
