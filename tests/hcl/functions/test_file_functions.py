"""Files that come with the configuration, their paths and patterns."""

from __future__ import annotations

import time

import pytest

from cotta.hcl.functions.globs import PatternError, matches
from cotta.hcl.functions.paths import base, clean, directory, join, relative
from cotta.hcl.functions.tables import terraform_functions
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import NOT_NULL, Unknown
from tests.support.calling import result_of
from tests.support.surroundings import a_world
from tests.support.values import a_set, an_object, secret

FILES: dict[str, bytes | str | None] = {
    "m/a.txt": "a",
    "m/b.md": "b",
    "m/sub/c.txt": "c",
    "m/bin": b"\xff",
    "m/gone": None,
    "m/hello.tmpl": "hello ${name}\n",
    "m/upper.tmpl": '${upper(file("a.txt"))}',
    "m/again.tmpl": '${templatefile("again.tmpl", {})}',
    "m/value.tmpl": "${v}",
    "/home/ada/x": "home",
}
FUNCTIONS = terraform_functions(a_world(FILES, base="m"))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('file("a.txt")', "a"),
        ('file("/work/m/a.txt")', "a"),
        ('file("~/x")', "home"),
        ('filebase64("bin")', "/w=="),
        ('filemd5("bin")', "00594fd4f42ba43fc1ca0427a0576295"),
        ('fileexists("nothing")', False),
        ('fileset(".", "**.txt")', a_set("a.txt")),
        ('fileset(".", "**/*.txt")', a_set("a.txt", "sub/c.txt")),
        ('fileset("sub", "../{a,b}.*")', a_set("../a.txt", "../b.md")),
        ('fileset("nowhere", "*")', a_set(of=STRING)),
        ('pathexpand("~/y")', "/home/ada/y"),
        ('abspath("a/../b")', "/work/b"),
        ('basename("a/b.txt")', "b.txt"),
        ('dirname("a/b.txt")', "a"),
        ('templatefile("hello.tmpl", {name = "Ada"})', "hello Ada\n"),
        ('templatefile("upper.tmpl", {})', "A"),
        ('templatefile("value.tmpl", {v = {a = 1}})', an_object(a=1)),
        ("templatestring(hidden, {})", secret("hidden text")),
        ("file(unknown)", Unknown(STRING, NOT_NULL)),
        ("templatefile(unknown, {})", Unknown(DYNAMIC)),
    ],
)
def test_result(call: str, expected: object) -> None:
    assert result_of(call, FUNCTIONS) == expected


@pytest.mark.parametrize(
    ("call", "summary", "said"),
    [
        ('file("nothing")', "Invalid function argument", 'no file at "nothing"'),
        ('file("bin")', "Error in function call", "filebase64"),
        ('file("sub")', "Invalid function argument", "directory"),
        ('file("~bob/x")', "Invalid function argument", "home"),
        ('filemd5("nothing")', "Error in function call", "no such file"),
        ('fileexists("sub")', "Error in function call", "directory"),
        ('fileset(".", "*")', "Error in function call", '"m/gone"'),
        ('fileset(".", "[")', "Error in function call", "malformed"),
        ('templatefile("hello.tmpl", {})', "Invalid function argument", '"name"'),
        ('templatefile("hello.tmpl", [])', "Invalid function argument", "object or a map"),
        ('templatefile("hello.tmpl", {"a b" = 1})', "Invalid function argument", '"a b"'),
        ('templatefile("again.tmpl", {})', "Error in function call", "again.tmpl:1,3"),
        ('templatefile("value.tmpl", {v = null})', "Error in function call", "null"),
        ('templatestring("x", {})', "Invalid function argument", "reference"),
    ],
)
def test_refused(call: str, summary: str, said: str) -> None:
    message = str(result_of(call, FUNCTIONS))

    assert message.startswith(summary)
    assert said in message


@pytest.mark.parametrize(
    "call", ["file(hidden)", "filemd5(hidden)", 'fileset(hidden, "[")', "templatefile(hidden, {})"]
)
def test_a_sensitive_path_is_not_shown(call: str) -> None:
    assert "hidden text" not in str(result_of(call, FUNCTIONS))


def test_paths_are_gos() -> None:
    assert [clean(p) for p in ("", "/..", "a//b/./../c", "../../a", "/a/../..")] == [
        ".", "/", "a/c", "../../a", "/",
    ]  # fmt: skip
    assert [join(*p) for p in (("", ""), ("a", "", "../b"), ("/", "x"))] == ["", "b", "/x"]
    assert [base(p) for p in ("", "/", "a/", "a/b//")] == [".", "/", "a", "b"]
    assert [directory(p) for p in ("", "/", "a", "a/", "/a")] == [".", "/", ".", "a", "/"]
    assert [relative(*p) for p in (("a/b", "a"), ("a", "a/b"), ("a", "."), ("a", "a"))] == [
        "b", "..", "a", ".",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "", True),
        ("a*c", "abbc", True),
        ("?", "é", True),
        ("[a-c]x", "bx", True),
        ("[^a]x", "ax", False),
        ("{ab,c}*", "abz", True),
        ("a{b,}", "a", False),
        ("\\*", "*", True),
        ("x[", "y", False),
    ],
)
def test_names_match(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["[", "[]", "[a-", "[-a]", "{a", "\\"])
def test_malformed_patterns_are_noticed(pattern: str) -> None:
    with pytest.raises(PatternError):
        matches(pattern, "x")


def test_many_stars_take_no_more_time_than_they_must() -> None:
    before = time.perf_counter()

    assert not matches("*a" * 30 + "b", "a" * 200)
    assert time.perf_counter() - before < 1
