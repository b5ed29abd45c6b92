"""`cotta fmt`: which files, what is printed, how it ends."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from cotta.cli.views.unified import compare_lines, render_difference
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

MESSY, CANONICAL = "a=1\n", "a = 1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with messy files of all kinds, which is the current one."""
    names = (
        *("a.tf", "b.tfvars", "c.tftest.hcl", "d.tfmock.hcl", "e.tf.json", "notes.txt"),
        *(".hidden.tf", "left.tf~", "#over.tf#", "sub/s.tf", "sub/.git/t.tf"),
        *(".terraform/u.tf", "sub/deep/v.auto.tfvars"),
    )
    for name in names:
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MESSY)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def messy_files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.read_text() == MESSY
    }


def test_files_of_the_folder_are_written_and_listed(folder: Path) -> None:
    before = messy_files(folder)

    ended = run_cotta("fmt")

    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["a.tf", "b.tfvars", "c.tftest.hcl", "d.tfmock.hcl"]
    assert before - messy_files(folder) == set(ended.stdout.split())


def test_recursion_leaves_hidden_folders_out(folder: Path) -> None:
    ended = run_cotta("fmt", "-recursive", "-write=false", "sub")

    assert ended.stdout.split() == ["sub/deep/v.auto.tfvars", "sub/s.tf"]


@pytest.mark.parametrize("name", ["w.pkr.hcl", "w.pkrvars.hcl", "w.tofu", "w.tofutest.hcl"])
def test_files_of_packer_and_opentofu_are_formatted_too(folder: Path, name: str) -> None:
    (folder / "sub" / name).write_text(MESSY)

    ended = run_cotta("fmt", f"sub/{name}")

    assert (ended.status, ended.stdout) == (0, f"sub/{name}\n")
    assert (folder / "sub" / name).read_text() == CANONICAL


def test_check_writes_nothing_and_says_so_by_its_status(folder: Path) -> None:
    assert run_cotta("fmt", "-check", "a.tf").status == 3
    assert run_cotta("fmt", "-check", "-list=false", "-diff", "a.tf").stdout == ""
    assert "a.tf" in messy_files(folder)

    run_cotta("fmt", "a.tf")

    assert run_cotta("fmt", "-check", "a.tf").status == 0


def test_stdin_comes_out_canonical(folder: Path) -> None:
    assert run_cotta("fmt", "-", stdin=MESSY).stdout == CANONICAL
    assert run_cotta("fmt", "-", stdin=CANONICAL).stdout == CANONICAL
    assert run_cotta("fmt", "-check", "-", stdin=MESSY).status == 3


def test_a_canonical_file_is_not_touched(folder: Path) -> None:
    path = folder / "a.tf"
    path.write_text(CANONICAL)
    before = path.stat()

    ended = run_cotta("fmt", "a.tf")

    assert ended.stdout == ""
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_permissions_and_links_stay(folder: Path) -> None:
    (folder / "a.tf").chmod(0o640)
    (folder / "link.tf").symlink_to("a.tf")

    run_cotta("fmt", "link.tf")

    assert (folder / "link.tf").is_symlink()
    assert (folder / "a.tf").read_text() == CANONICAL
    assert (folder / "a.tf").stat().st_mode & 0o777 == 0o640


def test_a_file_with_mistakes_stays_and_the_others_do_not(folder: Path) -> None:
    (folder / "a.tf").write_text("a=\nb=1\n")

    ended = run_cotta("fmt", "a.tf", "missing.tf", "b.tfvars", "notes.txt")

    assert (ended.status, ended.stdout) == (2, "b.tfvars\n")
    assert (folder / "a.tf").read_text() == "a=\nb=1\n"
    assert "Error: Invalid expression" in ended.stderr
    assert "Error: No file or directory at missing.tf" in ended.stderr
    assert "can be processed with cotta fmt" in ended.stderr


def test_a_file_that_can_not_be_read_is_told(folder: Path) -> None:
    (folder / "sub" / "gone.tf").symlink_to("nowhere")

    ended = run_cotta("fmt", "-write=false", "sub")

    assert (ended.status, ended.stdout) == (2, "sub/s.tf\n")
    assert "Error: Failed to read file sub/gone.tf" in ended.stderr


OLD = "".join(f"a{at}=1\n\n\n" for at in range(9)) + "b=1"
NEW = OLD.replace("=", " = ").replace("a4 = 1", "a4   =  1")


@pytest.mark.skipif(shutil.which("diff") is None, reason="the program diff is not here")
def test_the_difference_is_the_same_with_and_without_diff() -> None:
    assert render_difference(OLD.encode(), NEW.encode(), "x.tf") == compare_lines(
        OLD.encode(), NEW.encode(), "x.tf"
    )


def test_the_difference_is_shown_with_its_labels(folder: Path) -> None:
    ended = run_cotta("fmt", "-diff", "-list=false", "sub/s.tf")

    assert ended.stdout == "--- old/sub/s.tf\n+++ new/sub/s.tf\n@@ -1 +1 @@\n-a=1\n+a = 1\n"
    assert (folder / "sub" / "s.tf").read_text() == CANONICAL


@pytest.mark.oracle
@pytest.mark.parametrize(
    "arguments",
    [
        "-recursive -write=false",
        "-check",
        "--check --recursive",
        "-check -list=false -diff",
        "-check -diff a.tf sub",
        "-diff -write=false -recursive",
        "-list=false -write=false a.tf b.tfvars",
        "-write=false ./sub/../a.tf sub/.git .terraform .hidden.tf",
        "-write=false missing",
        "-write=false a.tf notes.txt",
        "-",
        "-check -",
        "-diff -",
    ],
)
def test_output_and_status_are_terraforms(folder: Path, arguments: str) -> None:
    (folder / "b.tfvars").write_text("".join(f"a{at}=1\n\n\n" for at in range(9)) + "b=1")

    theirs = terraform("fmt", "-no-color", *arguments.split(), folder=folder, stdin="a =1")
    ours = run_cotta("fmt", *arguments.split(), stdin="a =1")

    assert (ours.status, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert bool(ours.stderr) == bool(theirs.stderr)


def test_a_folder_that_can_not_be_read_is_told(folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (folder / "sub").chmod(0)

    ended = run_cotta("fmt", "sub")

    assert ended.status == 2
    assert "Error: Cannot read directory sub" in ended.stderr
