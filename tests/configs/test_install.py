"""Modules are installed from folders and git repositories, as terraform installs them."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cotta.configs.install import install_modules
from cotta.configs.loader import load_configuration
from cotta.diagnostics import Diagnostics

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def a_repository(folder: Path) -> Path:
    """Make a repository whose tag v1 and branch main differ."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for version in ("v1", "v2"):
        (folder / "sub").mkdir(exist_ok=True)
        (folder / "sub" / "main.tf").write_text(f'output "{version}" {{\n  value = 1\n}}\n')
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", version)
        git(folder, "tag", version)
    return folder


def installed(folder: Path) -> list[dict[str, str]]:
    manifest = json.loads((folder / ".terraform" / "modules" / "modules.json").read_text())
    modules: list[dict[str, str]] = manifest["Modules"]
    return modules


def test_local_modules_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "main.tf").write_text('module "x" { source = "./a" }\n')
    (tmp_path / "a" / "main.tf").write_text('module "y" { source = "./b" }\n')
    diags = Diagnostics()

    install_modules(tmp_path, diags)
    tree = load_configuration(tmp_path, diags, shown_from=tmp_path)

    assert len(diags) == 0
    assert installed(tmp_path) == [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "x", "Source": "./a", "Dir": "a"},
        {"Key": "x.y", "Source": "./b", "Dir": "a/b"},
    ]
    assert tree is not None
    assert [(one.path, one.module.directory) for one in tree.walk()] == [
        ((), "."),
        (("x",), "a"),
        (("x", "y"), "a/b"),
    ]


@pytest.mark.parametrize(
    ("query", "output"), [("", "v2"), ("?ref=v1", "v1"), ("?ref=main", "v2"), ("?depth=1", "v2")]
)
def test_git_modules_are_cloned(tmp_path: Path, query: str, output: str) -> None:
    repository = a_repository(tmp_path / "repository")
    root = tmp_path / "root"
    root.mkdir()
    source = f"git::file://{repository}//sub{query}"
    (root / "main.tf").write_text(f'module "g" {{ source = "{source}" }}\n')
    diags = Diagnostics()

    install_modules(root, diags)
    tree = load_configuration(root, diags)

    assert len(diags) == 0
    assert tree is not None
    assert list(tree.children["g"].module.outputs) == [output]
    assert installed(root)[1]["Dir"] == ".terraform/modules/g/sub"


def test_what_is_cloned_is_used_again(tmp_path: Path) -> None:
    repository = a_repository(tmp_path / "repository")
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(f'module "g" {{ source = "git::file://{repository}//sub" }}\n')
    install_modules(root, Diagnostics())
    shutil.rmtree(repository)
    diags = Diagnostics()

    install_modules(root, diags)

    assert len(diags) == 0


@pytest.mark.parametrize(
    ("source", "summary"),
    [
        ("./nowhere", "Unreadable module directory"),
        ("git::file:///nowhere/at/all", "Failed to download module"),
        ("a/b/c", "Failed to download module"),
        ("https://example.com/x.zip", "Failed to download module"),
    ],
)
def test_what_cannot_be_installed_is_told(tmp_path: Path, source: str, summary: str) -> None:
    (tmp_path / "main.tf").write_text(f'module "m" {{ source = "{source}" }}\n')
    diags = Diagnostics()

    install_modules(tmp_path, diags)

    assert [one.summary for one in diags] == [summary]


@pytest.mark.parametrize("change", ["missing", "moved", "gone"])
def test_modules_must_be_installed_first(tmp_path: Path, change: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    main = tmp_path / "main.tf"
    main.write_text('module "m" { source = "./a" }\n')
    if change != "missing":
        install_modules(tmp_path, Diagnostics())
    if change == "moved":
        main.write_text('module "m" { source = "./b" }\n')
    if change == "gone":
        (tmp_path / "a").rmdir()
    diags = Diagnostics()

    load_configuration(tmp_path, diags)

    expected = "Module source has changed" if change == "moved" else "Module not installed"
    assert [one.summary for one in diags] == [expected]
