"""The same templates by Debian's packer 1.6.6 and by us: validate, inspect, console, build.

The templates in `data/templates` are written in the manner of public ones.
What differs is listed here, each with its reason, and told in `docs/compatibility.md`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.witnesses import witness

pytestmark = pytest.mark.oracle

TEMPLATES: Final = Path(__file__).parent / "data" / "templates"
NAMES: Final = sorted(
    [path.name for path in TEMPLATES.glob("*.pkr.*")] + ["monorepo"],
)

# What packer 1.6.6 does not know yet, or gets wrong.
NEWER: Final = {
    "existing-host.pkr.hcl": "the argument content of the provisioner file came with 1.7",
    "web-and-worker.pkr.hcl": "1.6.6 stumbles over override: no dynamic type descriptor",
}

ENVIRONMENT: Final = {"ORACLE_WORD": "word", "CHECKPOINT_DISABLE": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the templates: builds write beside them."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def run(program: list[str], folder: Path, stdin: str = "") -> tuple[int, str]:
    """Return the exit status and everything that was printed."""
    done = subprocess.run(
        program,
        cwd=folder,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **ENVIRONMENT, "COTTA_HOME": str(folder / ".home")},
    )
    return done.returncode, done.stdout


def packer(folder: Path, *arguments: str, stdin: str = "") -> tuple[int, str]:
    return run([witness("packer"), *arguments], folder, stdin)


def cotta(folder: Path, *arguments: str, stdin: str = "") -> tuple[int, str]:
    return run([sys.executable, "-m", "cotta", *arguments], folder, stdin)


@pytest.mark.parametrize("name", NAMES)
def test_both_find_the_template_valid(name: str, folder: Path) -> None:
    theirs, _ = packer(folder, "validate", name)
    ours, text = cotta(folder, "validate", name)

    assert (ours, text) == (0, "The configuration is valid.\n")
    assert theirs == (1 if name in NEWER else 0)


@pytest.mark.parametrize("name", NAMES)
def test_both_list_the_same(name: str, folder: Path) -> None:
    _, theirs = packer(folder, "inspect", name)
    _, ours = cotta(folder, "inspect", name)

    # A text that has a secret in it: packer puts <sensitive> in the secret's place, we hide it all.
    theirs = theirs.replace("Bearer <sensitive>", "<sensitive>")
    ours = ours.replace('local.header: "<sensitive>"', 'local.header: "Authorization: <sensitive>"')
    assert ours == theirs


EXPRESSIONS: Final = {
    "ubuntu-base.pkr.hcl": ["local.image_name", "local.all_tags", "var.extra_packages", "var"],
    "many-regions.pkr.hcl": ["local.others", "local.keys", "{ for k, v in local.keys : v => k }"],
    "hardening.pkr.hcl": ["local.sysctl", "local.rules", "var.level * 2", "1 / 3"],
    "node.pkr.json": ["local.minor", 'upper(local.minor) == "1.28"'],
    "monorepo": ["local.banner", "local.runtimes", "var.services", "var.retries", "var.stage"],
    "secrets.pkr.hcl": ["local.words", "var.token"],
    "dynamic-blocks.pkr.hcl": ["var.disks", "keys(var.disks)", "var.cost[1]", "null", "[]", "{}"],
}


@pytest.mark.parametrize(
    ("name", "expression"),
    [(name, each) for name, every in EXPRESSIONS.items() for each in every],
)
def test_both_answer_the_same(name: str, expression: str, folder: Path) -> None:
    # Packer prints the last answer only, so each expression is asked alone.
    theirs = packer(folder, "console", name, stdin=expression)
    ours = cotta(folder, "console", name, stdin=expression)

    assert ours == theirs


@pytest.mark.parametrize(
    ("name", "wrong", "instead"),
    [
        ("ubuntu-base.pkr.hcl", "var.release,", "var.releas,"),
        ("ubuntu-base.pkr.hcl", "instance_type ", "instance_typ "),
        ("ubuntu-base.pkr.hcl", "source.amazon-ebs.ubuntu", "source.amazon-ebs.debian"),
        ("ubuntu-base.pkr.hcl", '"scripts/base.sh"', '"scripts/none.sh"'),
        ("ubuntu-base.pkr.hcl", 'owners      = ["099720109477"]', ""),
        ("many-regions.pkr.hcl", "{{timestamp}}", "{{timestmp}}"),
        ("many-regions.pkr.hcl", "kms_key_id         =", "kms_key       ="),
        ("hardening.pkr.hcl", "default = 2", "default = 4"),
        ("hardening.pkr.hcl", "default = 2", ""),
        ("spot.pkr.hcl", '"30s"', '"soon"'),
        ("spot.pkr.hcl", "[0, 1]", '["none"]'),
        ("bastion.pkr.hcl", "security_group_filter {", "security_group_filtr {"),
        ("bastion.pkr.hcl", 'ssh_username                 = "ec2-user"', ""),
        ("file-chain.pkr.hcl", 'post-processor "checksum"', 'post-processor "checksums"'),
        ("file-chain.pkr.hcl", 'target  = "out-notes.txt"', ""),
    ],
)
def test_both_refuse_the_same_mistake(name: str, wrong: str, instead: str, folder: Path) -> None:
    path = folder / name
    text = path.read_text()
    assert wrong in text
    path.write_text(text.replace(wrong, instead))

    theirs, _ = packer(folder, "validate", name)
    ours, text = cotta(folder, "validate", name)

    # One that packer crashes over ends with 2.
    assert theirs != 0
    assert ours == 1
    assert "This is a bug" not in text


# --- builds without a cloud -----------------------------------------------------


def said(text: str) -> dict[str, list[str]]:
    """Return what machine-readable lines say that is the same in every run, sorted."""
    found: dict[str, list[str]] = {"messages": [], "artifacts": [], "errors": []}
    for line in text.splitlines():
        _, target, kind, *rest = line.split(",")
        if kind == "ui" and rest[0] == "message":
            found["messages"].append(rest[1])
        elif kind == "artifact" and rest[1] in ("builder-id", "id", "string", "file"):
            # How often an artifact is listed depends on who keeps it.
            found["artifacts"].append(f"{target} {rest[1:]}")
        elif kind in ("error-count", "error"):
            found["errors"].append(f"{target} {kind}")
    return {name: sorted(set(every)) for name, every in found.items()}


@pytest.mark.parametrize(
    "name", ["file-chain.pkr.hcl", "hardening.pkr.hcl", "monorepo", "secrets.pkr.hcl"]
)
def test_both_build_the_same(name: str, folder: Path, tmp_path: Path) -> None:
    ours_folder = Path(shutil.copytree(folder, tmp_path / "ours"))

    theirs, their_text = packer(folder, "build", "-machine-readable", name)
    ours, our_text = cotta(ours_folder, "build", "-machine-readable", name)

    assert (ours, theirs) == (0, 0), our_text
    # Packer hides secrets on its screen, and shows them to programs.
    ours_said, theirs_said = said(our_text), said(their_text.replace("abc123", "<sensitive>"))
    assert ours_said["messages"] == theirs_said["messages"]
    assert ours_said["errors"] == theirs_said["errors"]
    assert set(ours_said["artifacts"]) <= set(theirs_said["artifacts"])
    assert made_in(ours_folder) == made_in(folder)


def made_in(folder: Path) -> dict[str, object]:
    """Return the files that builds made, by name; of manifests what doesn't change with the run."""
    found: dict[str, object] = {}
    for path in folder.glob("out-*"):
        if path.suffix != ".json":
            found[path.name] = path.read_bytes()
            continue
        builds = json.loads(path.read_text())["builds"]
        for build in builds:
            del build["packer_run_uuid"]
        found[path.name] = sorted(builds, key=lambda build: str(build["name"]))
    return found


def test_both_fail_the_same(folder: Path) -> None:
    (folder / "fails.pkr.hcl").write_text(
        """
        source "null" "a" { communicator = "none" }
        source "null" "b" { communicator = "none" }
        build {
          sources = ["null.a", "null.b"]
          provisioner "shell-local" {
            only   = ["null.b"]
            inline = ["echo before; exit 3"]
          }
        }
        """
    )

    theirs, their_text = packer(folder, "build", "-machine-readable", "fails.pkr.hcl")
    ours, our_text = cotta(folder, "build", "-machine-readable", "fails.pkr.hcl")

    assert (theirs, ours) == (1, 1)
    assert said(our_text) == said(their_text)


LAYER: Final = [
    "{{upper `a`}}{{lower `B`}}",
    "{{replace `a` `b` 1 `aaa`}} {{replace_all `a` `b` `aaa`}}",
    "{{split `a-b-c` `-` 1}}",
    "{{build_type}} {{build_name}}",
    "{{`x` | upper | printf `%d-%s` 7 }}",
    "{{if eq build_type `file`}}yes{{else}}no{{end}}",
    "{{template_dir}}",
    "{{len `abc`}} {{print 1 2 `a`}} {{printf `%05d|%-4s|` 42 `x`}}",
    "a {{- /* c */ -}} b",
    "{{isotime `2006`}}",
    "{{clean_resource_name `a:b`}}",
]

# What packer has in some places only, and we in all.
NOT_THERE: Final = {
    "{{clean_resource_name `a:b`}}": "not defined",
    "{{template_dir}}": "template path not available",
}


@pytest.mark.parametrize("text", LAYER)
def test_both_fill_in_the_same(text: str, folder: Path) -> None:
    (folder / "layer.pkr.hcl").write_text(
        f"""
        source "file" "it" {{
          target  = "out-layer.txt"
          content = {json.dumps(text)}
        }}
        build {{ sources = ["source.file.it"] }}
        """
    )

    theirs, their_text = packer(folder, "build", "layer.pkr.hcl")
    if theirs == 0:
        expected = (folder / "out-layer.txt").read_bytes()
        (folder / "out-layer.txt").unlink()
    ours, our_text = cotta(folder, "build", "layer.pkr.hcl")

    why = NOT_THERE.get(text)
    if why is not None:
        assert (theirs, ours) == (1, 0)
        assert why in their_text
        return
    assert (ours, theirs) == (0, 0), (our_text, their_text)
    assert (folder / "out-layer.txt").read_bytes() == expected
