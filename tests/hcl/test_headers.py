"""The header of the block around a place."""

from __future__ import annotations

import pytest

from cotta.diagnostics import SourceFile, SourceRange
from cotta.hcl.headers import Headers

TEXT = """\
x = 1
resource "aws_instance" "web" {
  ami = "a"
  lifecycle {
    prevent_destroy = 3
  }
}
locals { a = 1 }
output "é" {
"""


@pytest.mark.parametrize(
    ("word", "header"),
    [
        ("x = 1", None),
        ("resource", None),
        ('"web"', 'resource "aws_instance" "web"'),
        ("ami", 'resource "aws_instance" "web"'),
        ("prevent", 'resource "aws_instance" "web"'),
        ("a = 1", "locals"),
        ('"é"', 'output "é"'),
    ],
)
def test_header_is_the_outermost_blocks(word: str, header: str | None) -> None:
    file = SourceFile("main.tf", TEXT)
    at = TEXT.index(word)

    assert Headers().enclosing(SourceRange(file, at, at + 1)) == header


@pytest.mark.parametrize("name", ["main.tf.json", "<console-input>"])
def test_other_texts_have_no_headers(name: str) -> None:
    file = SourceFile(name, TEXT)

    assert Headers().enclosing(SourceRange(file, TEXT.index("ami"), 60)) is None


def test_files_of_one_name_are_told_apart() -> None:
    headers = Headers()
    one, other = SourceFile("main.tf", "a {\n}\n"), SourceFile("main.tf", "b {\n}\n")

    assert headers.enclosing(SourceRange(one, 2, 3)) == "a"
    assert headers.enclosing(SourceRange(other, 2, 3)) == "b"
