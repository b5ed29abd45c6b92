"""Which files belong to a module, where modules come from, and how versions compare."""

from __future__ import annotations

import pytest

from cotta.configs.files import ModuleFiles, sort_files
from cotta.configs.sources import SourceError, parse_source
from cotta.configs.versions import allows, parse_constraints, parse_version


def test_files_of_a_module() -> None:
    names = [
        "main.tf", "a.tf.json", "override.tf", "b_override.tf.json", "x.tofu", "x.tf",
        "y.tofu.json", "y.tf.json", "y.tf", ".hidden.tf", "main.tf~", "#main.tf#",
        "run.tftest.hcl", "readme.md",
        "overrides.tf",
    ]  # fmt: skip

    assert sort_files(names) == ModuleFiles(
        primary=(
            "a.tf.json", "main.tf", "overrides.tf", "x.tofu", "y.tf", "y.tofu.json"
        ),
        overrides=("b_override.tf.json", "override.tf"),
        tests=("run.tftest.hcl",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "has_version", "expected"),
    [
        ("./a/../b", False, "./b"),
        ("../x", False, "../x"),
        ("a/b/c", False, "registry.terraform.io/a/b/c"),
        ("a/b/c//d/e", True, "registry.terraform.io/a/b/c//d/e"),
        ("app.example.com/a/b/c", True, "app.example.com/a/b/c"),
        ("github.com/a/b//c?ref=v1", False, "git::https://github.com/a/b.git//c?ref=v1"),
        ("git@github.com:a/b.git", False, "git::ssh://git@github.com/a/b.git"),
        ("git::https://x.io/a.git//d?ref=e", False, "git::https://x.io/a.git//d?ref=e"),
        ("git::ssh://git@x.io/a.git", False, "git::ssh://git@x.io/a.git"),
        ("git::file:///srv/a", False, "git::file:///srv/a"),
        ("https://x.io/a.zip", False, "https://x.io/a.zip"),
        ("s3::https://x.io/a.zip", False, "s3::https://x.io/a.zip"),
    ],
)
def test_source(text: str, has_version: bool, expected: str) -> None:
    assert str(parse_source(text, has_version=has_version)) == expected


@pytest.mark.parametrize(
    ("text", "has_version", "maybe_path"),
    [
        ("foo", False, True),
        ("foo/bar", False, True),
        ("", False, False),
        ("./foo", True, False),
        ("foo", True, False),
        ("github.com/a/b/c", True, False),
        ("git::https://x.io/a//../../b", False, False),
    ],
)
def test_no_source(text: str, has_version: bool, maybe_path: bool) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text, has_version=has_version)

    assert caught.value.maybe_path == maybe_path


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        ("1.2.3", "1.2.3", True),
        ("= 1.2", "1.2.0", True),
        ("!= 1.2.3", "1.2.3", False),
        (">= 1.2, < 2", "1.11.4", True),
        ("~> 1.10.0", "1.11.4", False),
        ("~> 1.10", "1.11.4", True),
        ("~> 1", "2.0.0", True),
        ("> 1.0", "1.1.0-beta1", False),
        ("1.1.0-beta1", "1.1.0-beta1", True),
        (">= 1.1.0-beta1", "1.1.0-beta2", True),
        ("~> 1.1.0-beta1", "1.1.1", False),
        ("< 1.0.10", "1.0.9", True),
    ],
)
def test_constraint(constraint: str, version: str, expected: bool) -> None:
    constraints, parsed = parse_constraints(constraint), parse_version(version)
    assert constraints is not None
    assert parsed is not None

    assert allows(constraints, parsed) == expected


@pytest.mark.parametrize("text", ["", "x", ">> 1", "1.2.", "1.2, ", "=> 1"])
def test_no_constraint(text: str) -> None:
    assert parse_constraints(text) is None
