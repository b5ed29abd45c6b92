"""Flags as Terraform takes them."""

from __future__ import annotations

from typing import Any

import pytest

from cotta.cli.flags import Flags, HelpAsked, UsageError


def some_flags() -> Flags:
    flags = Flags()
    flags.switch("json", "Print JSON.")
    flags.switch("write", "Write files.", default=True)
    flags.option("out", "FILE", "Where to.")
    flags.option("parallelism", "N", "How many at once.", default=10, parse=int)
    flags.repeated("var", "'NAME=VALUE'", "A variable.", into="variables")
    flags.repeated("var-file", "FILE", "Variables.", into="variables")
    flags.repeated("target", "ADDRESS", "Only this.")
    flags.words("paths", most=2)
    return flags


DEFAULTS: dict[str, Any] = {
    "json": False,
    "write": True,
    "out": None,
    "parallelism": 10,
    "variables": [],
    "target": [],
    "paths": [],
}


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("", {}),
        ("-json", {"json": True}),
        ("--json", {"json": True}),
        ("-json=true --write=0", {"json": True, "write": False}),
        ("-json -json=false", {"json": False}),
        ("-json a", {"json": True, "paths": ["a"]}),
        ("a -json b", {"json": True, "paths": ["a", "b"]}),
        ("-out f", {"out": "f"}),
        ("--out=f", {"out": "f"}),
        ("-out=", {"out": ""}),
        ("-out=a=b", {"out": "a=b"}),
        ("-out=-x", {"out": "-x"}),
        ("-out a -out b", {"out": "b"}),
        ("-parallelism=3", {"parallelism": 3}),
        ("-target a -target=b", {"target": ["a", "b"]}),
        (
            "-var a=1 -var-file=f -var b=2",
            {"variables": [("var", "a=1"), ("var-file", "f"), ("var", "b=2")]},
        ),
        ("-", {"paths": ["-"]}),
        ("-json -- -json -x", {"json": True, "paths": ["-json", "-x"]}),
    ],
)
def test_flags_are_read(line: str, given: dict[str, Any]) -> None:
    assert vars(some_flags().parse(line.split())) == DEFAULTS | given


@pytest.mark.parametrize(
    ("line", "summary", "detail"),
    [
        (
            "-jsn",
            "Failed to parse command-line flags",
            'There is no flag "-jsn" here. Did you mean "-json"?',
        ),
        ("-js", "Failed to parse command-line flags", None),
        ("-out", "Failed to parse command-line flags", 'The flag "-out" needs a value.'),
        (
            "-json=maybe",
            "Failed to parse command-line flags",
            'The flag "-json" needs true or false, not "maybe".',
        ),
        ("-parallelism=x", "Failed to parse command-line flags", None),
        ("a b c", "Too many command line arguments", "There should be at most 2 here."),
    ],
)
def test_mistakes_are_named(line: str, summary: str, detail: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        some_flags().parse(line.split())

    assert caught.value.summary == summary
    assert detail in {None, caught.value.detail}


@pytest.mark.parametrize("line", ["-h", "-help", "--help", "-nonsense -help"])
def test_help_comes_before_mistakes(line: str) -> None:
    with pytest.raises(HelpAsked):
        some_flags().parse(line.split())


def test_help_lists_every_flag_once() -> None:
    assert some_flags().render_help() == (
        "\n"
        "Options:\n"
        "\n"
        "  -json                 Print JSON.\n"
        "\n"
        "  -write=false          Write files.\n"
        "\n"
        "  -out=FILE             Where to.\n"
        "\n"
        "  -parallelism=N        How many at once.\n"
        "\n"
        "  -var='NAME=VALUE'     A variable.\n"
        "\n"
        "  -var-file=FILE        Variables.\n"
        "\n"
        "  -target=ADDRESS       Only this.\n"
    )
