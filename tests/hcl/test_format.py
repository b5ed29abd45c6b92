"""The canonical style: spaces, indentation, alignment, old spellings; and what it never does."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.format import format_bytes, format_source
from tests.support.messy import MessyMaker
from tests.support.trees import meaning


def formatted(text: str) -> str:
    diags = Diagnostics()
    result = format_source(SourceFile("main.tf", text), diags)
    assert not list(diags)
    return result


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("- 1", "-1"),
        ("a - - b", "a - -b"),
        ("! a&&b", "!a && b"),
        ("[1 ,2,]", "[1, 2, ]"),
        ("[ ]", "[]"),
        ("{ }", "{}"),
        ("{a=1,b:2}", "{ a = 1, b : 2 }"),
        ("f (a , b ...)", "f(a, b...)"),
        ("core :: f (1)", "core::f(1)"),
        ("a . b [ 0 ] . c", "a.b[0].c"),
        ('"s" [0]', '"s" [0]'),
        ("a.* . b", "a.*.b"),
        ("a?b:c", "a ? b : c"),
        ("[for x in[1]:x]", "[for x in [1] : x]"),
        ("{for k,v in x:k=>v...if k}", "{ for k, v in x : k => v... if k }"),
        ('"a${ x }b%{ if y }c%{endif}"', '"a${x}b%{if y}c%{endif}"'),
        ('"a${{}}"', '"a${ {} }"'),
        ("[for x in in : x]", "[for x in in : x]"),
        ('"a${ {b=1} }"', '"a${ { b = 1 } }"'),
        ("/*c*/1", "/*c*/ 1"),
    ],
)
def test_spaces_in_a_value(value: str, canonical: str) -> None:
    assert formatted(f"a={value}\n") == f"a = {canonical}\n"


@pytest.mark.parametrize(
    ("messy", "canonical"),
    [
        # Neighbours are aligned; what goes on below its line is no neighbour.
        ("a=1\nlong=2\n\nb=3\n", "a    = 1\nlong = 2\n\nb = 3\n"),
        ("a=1\nlong=[\n1\n]\nb=2\n", "a = 1\nlong = [\n  1\n]\nb = 2\n"),
        ("a=1#x\nb=22//y\n", "a = 1  #x\nb = 22 //y\n"),
        ("é=1\nab=2\n", "é  = 1\nab = 2\n"),
        # Indentation is by lines, not by brackets.
        ("b   x {\n y {\nz=1\n}\n}\n", 'b "x" {\n  y {\n    z = 1\n  }\n}\n'),
        ("a=f({\nb=1\n})\n", "a = f({\n  b = 1\n})\n"),
        ("a=[[\n1\n],[\n2\n]]\n", "a = [[\n  1\n  ], [\n  2\n]]\n"),
        # Heredocs stay, but for what is inside of interpolations.
        ("a=<<E\n  x  ${ y }\nE\nbb=1\n", "a  = <<E\n  x  ${y}\nE\nbb = 1\n"),
        # Line endings and blank ends of files are nobody's business.
        ("a=1\r\nbb=2\r\n", "a  = 1\r\nbb = 2\r\n"),
        ("a=1\n\n\n\n", "a = 1\n\n\n\n"),
        ("a=1 \t", "a = 1  "),
        ("x {   }\ny   {  a=1  }\n", "x {}\ny { a = 1 }\n"),
    ],
)
def test_lines(messy: str, canonical: str) -> None:
    assert formatted(messy) == canonical


@pytest.mark.parametrize(
    ("messy", "canonical"),
    [
        ('a = "${x}"\n', "a = x\n"),
        ('a = "${~ x ~}"\n', "a = x\n"),
        ('a = "${x}-"\n', 'a = "${x}-"\n'),
        ('a = "${x}${y}"\n', 'a = "${x}${y}"\n'),
        ('a = ["${x}"]\n', 'a = ["${x}"]\n'),
        ('a = "${f(\n1\n)}"\n', "a = (f(\n  1\n))\n"),
        ('a = "${"${ /* c */ "${x}" }"}" # d\n', "a = /* c */ x # d\n"),
        # Where terraform writes what it can't read, parentheses help.
        ('a = "${ # c\nx}"\n', "a = ( # c\nx)\n"),
        ('a = "${(x) +\n(y)}"\n', "a = ((x) +\n(y))\n"),
        ('b { a = "${x # c\n}" }\n', "b { a = (x # c\n) }\n"),
        ('a = "${<<E\nx\nE\n}" # c\n', "a = (<<E\nx\nE\n) # c\n"),
        ('variable "v" {\ntype="list"\n}\n', 'variable "v" {\n  type = list(string)\n}\n'),
        ('variable "v" {\ntype=map\n}\n', 'variable "v" {\n  type = map(any)\n}\n'),
        ('variable "v" {\ntype="any"\n}\n', 'variable "v" {\n  type = "any"\n}\n'),
        (
            'variable "v" {\nx {\ntype=map\n}\n}\n',
            'variable "v" {\n  x {\n    type = map\n  }\n}\n',
        ),
        ('b x "\\u00e9" /* c */ y {}\n', 'b "x" "é" "y" {}\n'),
        # Terraform loses this label.
        ('b "a$b" "$${c}" {}\n', 'b "a$b" "$${c}" {}\n'),
    ],
)
def test_old_spellings_are_replaced(messy: str, canonical: str) -> None:
    assert formatted(messy) == canonical


def test_mistakes_are_told_and_the_file_stays() -> None:
    diags = Diagnostics()

    result = format_bytes(b"a=\nb=1\n\xff", "main.tf", diags)

    assert result == b"a=\nb=1\n\xff"
    assert [found.summary for found in diags] == ["Invalid character encoding"]


def test_a_byte_order_mark_goes() -> None:
    assert format_bytes(b"\xef\xbb\xbfa=1\n", "main.tf", Diagnostics()) == b"a = 1\n"


@pytest.mark.parametrize("seed", range(60))
def test_formatting_keeps_the_meaning_and_has_an_end(seed: int) -> None:
    maker = MessyMaker(random.Random(seed))
    for _ in range(3):
        messy = maker.file()

        once = format_source(SourceFile("main.tf", messy), Diagnostics())

        assert format_source(SourceFile("main.tf", once), Diagnostics()) == once
        assert meaning(once) == meaning(messy)


_PIECES = st.sampled_from(
    [
        *("a", "in", "=", '"', "${", "}", "{", "[", "]", "(", ")", "\n", " ", "#", "/*", "*/"),
        *("<<E\n", "E\n", "-", "1", ",", ".", ":", "?", "for ", "%{if ", "\\", "~}", "é"),
        *("\t", "\r\n"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_pieces_of_syntax_have_an_answer(text: str) -> None:
    diags = Diagnostics()

    once = format_source(SourceFile("main.tf", text), diags)

    if diags.has_errors:
        assert once == text
    else:
        assert format_source(SourceFile("main.tf", once), Diagnostics()) == once
        assert meaning(once) == meaning(text)


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(content: bytes) -> None:
    diags = Diagnostics()

    once = format_bytes(content, "main.tf", diags)

    assert once == content if diags.has_errors else isinstance(once, bytes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "b {\n" * 90 + "}\n" * 90 + "".join(f"a{i}=[{i},{i}] # c\n" for i in range(40_000)),
        "a=[" + "1 ,\n" * 200_000 + "]\n",
        "a=" + "-" * 90 + "1" + "+x" * 300_000 + "\n",
        'a="' + "${ x }" * 150_000 + '"\n',
        'a="' + '${"' * 45 + "${x}" * 100_000 + '"}' * 45 + '"\n',
        "x" * 500_000 + "=1\n" + "".join(f"a{i}=1#\n" for i in range(60_000)),
        "/*" + " \n" * 300_000 + "*/ a=1 # c\n" + "".join(f"a{i}=1#\n" for i in range(30_000)),
        "a=<<E\n" + "${ x } y\n" * 100_000 + "E\n",
        "a={" + " \n" * 400_000 + "}\n",
    ],
    ids=[
        "lines",
        "items",
        "operators",
        "template",
        "wrapped",
        "wide",
        "comment",
        "heredoc",
        "blanks",
    ],
)
def test_a_megabyte_of_the_worst_ends(text: str) -> None:
    # Each takes seconds.  Anything but linear, and this would not end today.
    assert len(formatted(text)) < 200_000_000
