"""`cotta build`: builds side by side, what is unchanged, failures, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.region.store.kinds import IMAGES
from tests.support.cli import heed_interrupts, run_cotta
from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.ssh_server import Rules, RunningServer, ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TWO = """
source "null" "a" { communicator = "none" }
source "null" "b" { communicator = "none" }
variable "token" {
  sensitive = true
  default   = "hunter2"
}
build {
  sources = ["null.a", "null.b"]
  provisioner "shell-local" {
    inline = ["echo ${source.name} ${var.token}"]
  }
  provisioner "shell-local" {
    only   = ["null.b"]
    inline = ["exit 3"]
  }
}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    return {"COTTA_HOME": str(tmp_path / "home")}


def test_every_build_runs_and_one_failure_is_no_other_s(home: Mapping[str, str]) -> None:
    Path("t.pkr.hcl").write_text(TWO)

    ended = run_cotta("build", "t.pkr.hcl", environment=home)

    lines = ended.stdout.splitlines()
    assert ended.status == 1
    assert "    null.a: a <sensitive>" in lines
    assert "    null.b: b <sensitive>" in lines
    assert "hunter2" not in ended.stdout
    assert any(line.startswith("Build 'null.a' finished after ") for line in lines)
    assert any(line.startswith("Build 'null.b' errored after ") for line in lines)
    assert lines[-2:] == [
        "==> Builds finished. The artifacts of successful builds are:",
        "--> null.a: Did not export anything. This is the null builder",
    ]


def test_what_was_asked_for_runs_alone(home: Mapping[str, str]) -> None:
    Path("t.pkr.hcl").write_text(TWO)

    one = run_cotta("build", "-only=*.a", "-json", environment=home)
    other = run_cotta("build", "-except=null.b", "-parallel-builds=1", environment=home)

    records = [json.loads(line) for line in one.stdout.splitlines()]
    assert (one.status, other.status) == (0, 0)
    assert records[0]["builds"] == ["null.a"]
    assert records[-1]["type"] == "builds_complete"
    assert "null.b" not in other.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-on-error=panic", "t.pkr.hcl"], "cleanup, abort, ask, run-cleanup-provisioner"),
        (["-parallel-builds=-1", "t.pkr.hcl"], "0 or more"),
        (["-only=x", "t.pkr.hcl"], 'No build is named as -only="x" says'),
        (["-cloud=moon", "t.pkr.hcl"], "no such cloud"),
        (["-var", "nope=1", "t.pkr.hcl"], 'gives "nope" a value'),
        (["nowhere"], "no file or folder"),
    ],
)
def test_what_is_asked_in_vain_is_explained(
    arguments: list[str], says: str, home: Mapping[str, str]
) -> None:
    Path("t.pkr.hcl").write_text(TWO)

    ended = run_cotta("build", *arguments, environment=home)

    assert (ended.status, ended.stdout) == (1, "")
    assert says in " ".join(ended.stderr.replace("│", "").split())


def test_an_interrupt_ends_builds_cleanly(home: Mapping[str, str]) -> None:
    Path("t.pkr.hcl").write_text(
        """
        source "null" "a" { communicator = "none" }
        build {
          sources = ["null.a"]
          provisioner "shell-local" { inline = ["echo begun; sleep 30"] }
        }
        """
    )

    with subprocess.Popen(
        [sys.executable, "-m", "cotta", "build", "t.pkr.hcl"],
        env={**os.environ, **home},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heed_interrupts,
    ) as process:
        assert process.stdout is not None
        assert any("begun" in line for line in iter(process.stdout.readline, ""))
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        status = process.wait(timeout=20)

    assert status == 1
    assert time.monotonic() - began < 15
    assert "Cleanly cancelled builds after being interrupted." in rest


# --- an image -------------------------------------------------------------------


IMAGE = """
variable "word" {{ default = "one" }}
source "amazon-ebs" "app" {{
  ami_name      = "golden-{{{{uuid}}}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  source_ami_filter {{
    filters     = {{ name = "image-*" }}
    owners      = ["111122223333"]
    most_recent = true
  }}
  ssh_username = "ec2-user"
  ssh_host     = "127.0.0.1"
  ssh_port     = {port}
}}
build {{
  sources = ["amazon-ebs.app"]
  provisioner "shell" {{
    inline        = ["echo ${{var.word}}"]
    remote_folder = "{folder}"
  }}
  post-processor "manifest" {{}}
}}
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    with local_cloud(tmp_path / "home") as cloud:
        yield cloud


@pytest.fixture
def server() -> Iterator[RunningServer]:
    # This machine stands for the one that is baked: nobody wants to hear of all its files.
    with ssh_server(Rules(any_key=True, lacks="find / -xdev")) as server:
        yield server


def images(cloud: LocalCloud) -> list[str]:
    with cloud.region.store.read() as rows:
        return [image.id for image in rows.all(IMAGES) if image.name.startswith("golden-")]


def test_an_unchanged_image_is_found_and_a_changed_one_baked(
    cloud: LocalCloud, server: RunningServer, tmp_path: Path
) -> None:
    Path("t.pkr.hcl").write_text(IMAGE.format(port=server.port, folder=tmp_path))

    first = cloud.cotta("build", ".")
    (image,) = images(cloud)
    again = cloud.cotta("build", ".")
    found = images(cloud)
    changed = cloud.cotta("build", "-var", "word=two", ".")
    back = cloud.cotta("build", "-machine-readable", ".")
    manifest = json.loads(Path("packer-manifest.json").read_bytes())
    forced = cloud.cotta("build", "-force", ".")

    assert [each.status for each in (first, again, changed, back, forced)] == [0] * 5, first
    assert f"us-east-1: {image}" in first.stdout
    assert f"==> amazon-ebs.app: Unchanged: {image} (in us-east-1)" in again.stdout
    assert f"us-east-1: {image}" in again.stdout
    assert "Launching" not in again.stdout
    assert found == [image]
    assert 'Changed since the last build: provisioner 1 "shell" inline' in changed.stdout
    assert f"artifact,0,id,us-east-1:{image}" in back.stdout
    assert "Baked anew by -force" in forced.stdout
    assert len(images(cloud)) == 3
    baked = [build["artifact_id"] for build in manifest["builds"]]
    assert [baked[0], baked[1], baked[3]] == [f"us-east-1:{image}"] * 3


def test_what_defeats_the_key_is_named(
    cloud: LocalCloud, server: RunningServer, tmp_path: Path
) -> None:
    text = IMAGE.format(port=server.port, folder=tmp_path)
    Path("t.pkr.hcl").write_text(text.replace("echo ${var.word}", "echo ${timestamp()}"))

    first = cloud.cotta("build", ".")
    second = cloud.cotta("build", ".")

    assert (first.status, second.status) == (0, 0), first
    why = 'inline of provisioner 1 "shell" depends on timestamp() (t.pkr.hcl:19)'
    assert f"Always baked anew: {why}" in second.stdout
    assert len(images(cloud)) == 2


def test_without_a_region_one_mistake_says_what_to_do(home: Mapping[str, str]) -> None:
    Path("t.pkr.hcl").write_text(IMAGE.format(port=1, folder="/nowhere"))

    ended = run_cotta("build", ".", environment=home)

    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr.count("Error:") == 1
    assert "cotta region up" in ended.stderr
