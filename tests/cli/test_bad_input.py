"""Bad input to the whole process: told on stderr with its place, nothing on stdout, status 1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import cotta_process, run_cotta

if TYPE_CHECKING:
    from pathlib import Path

# What is asked, the summary, and the line of carets below the expression.
MISTAKES = [
    (b"\xff", "Invalid character encoding", "^"),
    (b"[1, 2", "Unterminated tuple constructor expression", "^"),
    (b"{ a = 1", "Unterminated object constructor expression", "^"),
    (b'"abc', "Unterminated template string", "^"),
    (b"(1", "Unbalanced parentheses", "^"),
    (b'uper("x")', "Call to unknown function", "^^^^"),
    (b"upper()", "Not enough function arguments", "^"),
    (b'upper("a", "b")', "Too many function arguments", "^"),
    (b"upper([])", "Invalid function argument", "^"),
    (b"upper(null)", "Invalid function argument", "^^^^"),
    (b"[1, 2][5]", "Invalid index", "^^^"),
    (b"{ a = 1 }.b", "Unsupported attribute", "^^"),
    (b"null.a", "Attempt to get attribute from null value", "^^"),
    (b'1 + "x"', "Invalid operand", "^^^"),
    (b'"${null}x"', "Invalid template interpolation value", "^^^^"),
    (b"[for x in 1 : x]", "Iteration over non-iterable value", "^"),
    (b"sensitive(1) ? [] : x", "Invalid reference", "^"),
]


def test_every_mistake_is_told_once_and_nothing_is_answered(tmp_path: Path) -> None:
    asked = b"".join(text + b"\n" for text, _, _ in MISTAKES)

    ended = cotta_process("console", stdin=asked, folder=tmp_path)

    assert (ended.status, ended.stdout) == (1, "")
    boxes = ended.stderr.split("\n╷\n")[1:]
    for number, ((_, summary, carets), box) in enumerate(
        zip(MISTAKES, boxes, strict=True), start=1
    ):
        assert box.startswith(f"│ Error: {summary}\n│\n│   on <console-input> line {number}:\n")
        assert carets in [line.removeprefix("│").strip() for line in box.splitlines()], box


def test_names_that_are_nearly_right_are_suggested(tmp_path: Path) -> None:
    ended = cotta_process("console", stdin=b'uper("x")\n', folder=tmp_path)

    assert '│ There is no function named "uper". Did you mean "upper"?\n' in ended.stderr


def test_sensitive_values_are_never_shown(tmp_path: Path) -> None:
    asked = b'sensitive(join("", ["hun", "ter2"]))\n[sensitive(join("", ["hun", "ter2"]))].a\n'

    ended = cotta_process("console", stdin=asked, folder=tmp_path)

    assert ended.status == 1
    assert ended.stdout == "(sensitive value)\n"
    assert "hunter2" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("missing.txt", "Invalid function argument"),
        ("folder", "Invalid function argument"),
        ("latin1.txt", "Error in function call"),
    ],
)
def test_files_that_can_not_be_read_are_told(tmp_path: Path, name: str, summary: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin1.txt").write_bytes(b"caf\xe9")

    ended = cotta_process("console", stdin=f'file("{name}")\n'.encode(), folder=tmp_path)

    assert (ended.status, ended.stdout) == (1, "")
    assert f"│ Error: {summary}\n" in ended.stderr
    assert f'file("{name}")' in ended.stderr


def test_bytes_of_any_kind_never_break_it(tmp_path: Path) -> None:
    asked = bytes(range(256)) + b"\n" + b"[" * 20_000 + b"\n" + b'"${' * 5_000 + b"\n1\n"

    ended = cotta_process("console", stdin=asked, folder=tmp_path)

    # The first line ends at the newline among the bytes, as does the rest of it.
    assert (ended.status, ended.stdout) == (1, "1\n")
    assert "This is a bug" not in ended.stderr


def test_all_mistakes_are_told_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(
        """
resource "terraform_data" "a" { inptu = 1 }
resource "terraform_data" "b" { input = [var.nope, terraform_data.aa.id] }
resource "terraform_data" "c" { input = 1 + "x" }
resource "foo_bar" "d" {}
"""
    )

    for command in ("validate", "plan"):
        told = run_cotta(command).stderr
        assert told.count("Error: ") == 5, told
        for summary, line in (
            ("Unsupported argument", 2),
            ("Reference to undeclared input variable", 3),
            ("Reference to undeclared resource", 3),
            ("Invalid operand", 4),
            ("Missing provider", 5),
        ):
            assert re.search(rf"Error: {summary}\n│\n│   on main.tf line {line}", told), summary


@pytest.mark.parametrize("repeats", ["count = 2", "count = var.nope", "for_each = local.nope"])
def test_a_repeated_call_is_looked_at_beside_dead_references(
    repeats: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "v" {}\n')
    (tmp_path / "main.tf").write_text(
        f"""
module "m" {{
  source = "./m"
  {repeats}
  v = 1 + "x"
}}
output "o" {{ value = terraform_data.nope }}
"""
    )
    run_cotta("init")

    for command in ("validate", "plan"):
        told = run_cotta(command)
        assert told.status == 1
        assert "Reference to undeclared resource" in told.stderr


@pytest.mark.parametrize(
    ("repeats", "name"),
    [
        ("count = 2", "count.index"),
        ("count = 0", "count.index"),
        ("count = var.size", "count.index"),
        ('for_each = toset(["a"])', "each.key"),
        ("for_each = {}", "each.value"),
        ("for_each = var.names", "each.key"),
    ],
)
def test_a_repeated_call_with_arguments_is_valid(
    repeats: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "v" {}\noutput "o" { value = var.v }\n')
    (tmp_path / "main.tf").write_text(
        f"""
variable "size" {{ type = number }}
variable "names" {{ type = set(string) }}
module "m" {{
  source = "./m"
  {repeats}
  v = {name}
}}
output "o" {{ value = module.m }}
output "outs" {{ value = [for one in module.m : one.o] }}
"""
    )
    run_cotta("init")

    told = run_cotta("validate")

    assert (told.status, told.stderr) == (0, "")
