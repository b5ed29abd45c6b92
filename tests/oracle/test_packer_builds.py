"""The same templates baked by packer 1.6.6 and by Cotta, against one region: calls, images, lines.

SSH leads to a server of this process, so what both do on a machine is seen too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.store.kinds import IMAGES, SNAPSHOTS
from tests.oracle.witnesses import witness
from tests.support.bakery import Bakery, open_bakery
from tests.support.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

# The builder's own tags, and the one by which the region tells an image's content.
OURS: Final = ("cotta:", "aws:cotta:")

SOURCE: Final = """
source "amazon-ebs" "app" {
  custom_endpoint_ec2         = "ENDPOINT"
  region                      = "us-east-1"
  skip_region_validation      = true
  skip_metadata_api_check     = true
  skip_credential_validation  = true
  instance_type               = "t3.micro"
  ssh_username                = "ec2-user"
  ssh_host                    = "127.0.0.1"
  ssh_port                    = PORT
  ami_name                    = "golden"
  temporary_security_group_source_cidrs = ["127.0.0.1/32"]
  source_ami_filter {
    filters     = { name = "image-*" }
    owners      = ["111122223333"]
    most_recent = true
  }
  aws_polling {
    delay_seconds = 1
    max_attempts  = 60
  }
  MORE
}
"""

PLAIN: Final = """
build {
  sources = ["source.amazon-ebs.app"]
  provisioner "shell" {
    remote_folder    = "FOLDER"
    environment_vars = ["B=it's", "A=1"]
    inline           = ["echo $A $B $PACKER_BUILD_NAME $PACKER_BUILDER_TYPE", "echo bad >&2"]
  }
  provisioner "file" {
    source      = "up/"
    destination = "FOLDER/there"
  }
  post-processor "manifest" {
    output     = "manifest.json"
    strip_time = true
  }
}
"""

TAGGED: Final = """
  ami_description = "from {{ .SourceAMI }}"
  ami_users       = ["123456789012"]
  tags            = { Name = "golden", Base = "{{ .SourceAMIName }}" }
  snapshot_tags   = { Kind = "snapshot" }
  run_tags        = { Team = "web" }
  ami_regions     = ["eu-west-1"]
"""

FAILING: Final = """
build {
  sources = ["source.amazon-ebs.app"]
  provisioner "shell" {
    remote_folder = "FOLDER"
    inline        = ["echo begun", "exit 3"]
  }
}
"""


@dataclass(frozen=True, slots=True)
class Baked:
    """What one of the two did."""

    status: int
    stdout: str
    writes: list[str]
    images: list[dict[str, Any]]
    manifest: Any

    @property
    def artifacts(self) -> list[tuple[str, ...]]:
        """The machine-readable lines about artifacts, ids made alike."""
        lines = [line.split(",") for line in self.stdout.splitlines()]
        return [tuple(line[1:]) for line in lines if line[2:3] == ["artifact"]]

    @property
    def types(self) -> set[str]:
        """The types of machine-readable lines."""
        return {line.split(",")[2] for line in self.stdout.splitlines() if line.count(",") > 2}


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Bakery]:
    with open_bakery(tmp_path) as opened:
        yield opened


def bake(bakery: Bakery, argv: list[str], template: str, folder: Path) -> Baked:
    """Have a program bake a template in a folder; its images are gone afterwards."""
    (folder / "up").mkdir(parents=True)
    (folder / "up" / "a").write_text("a")
    (folder / "there").mkdir()
    with fault_proxy(bakery.region.endpoint) as proxy:
        text = template.replace("ENDPOINT", proxy.endpoint).replace("FOLDER", str(folder))
        (folder / "app.pkr.hcl").write_text(text.replace("PORT", str(bakery.server.port)))
        done = subprocess.run(
            [*argv, "app.pkr.hcl"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=200,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "HOME": str(folder),
                "CHECKPOINT_DISABLE": "1",
                "AWS_ACCESS_KEY_ID": bakery.region.account.access_key,
                "AWS_SECRET_ACCESS_KEY": bakery.region.account.secret_key,
                "AWS_CONFIG_FILE": str(folder / "no-config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
            },
        )
    images = [
        {
            "description": image.description,
            "public": image.is_public,
            "users": [grant.user_id for grant in image.grants],
            "tags": {k: v for k, v in image.tags.items() if not k.startswith(OURS)},
        }
        for image in sorted(bakery.images(), key=lambda one: one.created_at)
    ]
    manifest = folder / "manifest.json"
    found = json.loads(manifest.read_text()) if manifest.exists() else None
    _forget(bakery)
    return Baked(done.returncode, f"{done.stdout}{done.stderr}", proxy.writes, images, found)


def _forget(bakery: Bakery) -> None:
    with bakery.region.store.write() as rows:
        for image in bakery.images():
            rows.remove(IMAGES, image.id)
            for device in image.devices:
                if device.snapshot_id is not None:
                    rows.remove(SNAPSHOTS, device.snapshot_id)


def by_packer(bakery: Bakery, template: str, folder: Path) -> Baked:
    argv = [witness("packer"), "build", "-machine-readable"]
    return bake(bakery, argv, template, folder / "packer")


def by_cotta(bakery: Bakery, template: str, folder: Path) -> Baked:
    argv = [sys.executable, "-m", "cotta", "build", "-machine-readable", "-cloud=aws"]
    return bake(bakery, argv, template, folder / "cotta")


def alike(writes: list[str]) -> list[str]:
    """Return calls in an order in which the two can be compared.

    Cotta tags what it makes by the very calls that make it, and gives an image its description
    so too; at the end it sets its own tag.
    """
    return [name for name in writes if name not in ("CreateTags", "ModifyImageAttribute")]


def test_both_make_the_same_calls_and_images(bakery: Bakery, tmp_path: Path) -> None:
    template = SOURCE.replace("MORE", TAGGED) + PLAIN
    before = bakery.everything()

    theirs = by_packer(bakery, template, tmp_path)
    ours = by_cotta(bakery, template, tmp_path)

    assert theirs.status == 0, theirs.stdout
    assert ours.status == 0, ours.stdout
    assert alike(ours.writes) == alike(theirs.writes)
    assert [one["description"] for one in ours.images] == [
        one["description"] for one in theirs.images
    ]
    assert [one["users"] for one in ours.images] == [one["users"] for one in theirs.images]
    for one, other in zip(ours.images, theirs.images, strict=True):
        # 1.6.6 does not put run_tags on images; later ones do.
        assert {k: v for k, v in one["tags"].items() if k != "Team"} == other["tags"]
    bakery.assert_is(before)


def test_both_print_the_same_lines_for_programs(bakery: Bakery, tmp_path: Path) -> None:
    template = SOURCE.replace("MORE", "") + PLAIN

    theirs = by_packer(bakery, template, tmp_path)
    ours = by_cotta(bakery, template, tmp_path)

    assert [_without_ids(line) for line in ours.artifacts] == [
        _without_ids(line) for line in theirs.artifacts
    ]
    assert theirs.types - ours.types == set()
    for said in ("1 it's app amazon-ebs", "bad"):
        assert said in theirs.stdout
        assert said in ours.stdout


def test_both_write_the_same_manifest(bakery: Bakery, tmp_path: Path) -> None:
    template = SOURCE.replace("MORE", "") + PLAIN

    theirs = by_packer(bakery, template, tmp_path)
    ours = by_cotta(bakery, template, tmp_path)

    for one in (theirs, ours):
        assert one.manifest["last_run_uuid"] == one.manifest["builds"][0]["packer_run_uuid"]
        assert one.manifest["builds"][0].pop("artifact_id").startswith("us-east-1:ami-")
        one.manifest["builds"][0].pop("packer_run_uuid")
        del one.manifest["last_run_uuid"]
    assert ours.manifest == theirs.manifest


def _without_ids(line: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("ami" if "ami-" in part else part for part in line)


def test_both_clean_up_after_a_script_that_fails(bakery: Bakery, tmp_path: Path) -> None:
    template = SOURCE.replace("MORE", "") + FAILING
    before = bakery.everything()

    theirs = by_packer(bakery, template, tmp_path)
    bakery.assert_is(before)
    ours = by_cotta(bakery, template, tmp_path)
    bakery.assert_is(before)

    assert (ours.status, theirs.status) == (1, 1)
    assert alike(ours.writes) == alike(theirs.writes)
    # 1.6.6 forgets the space before the next sentence.
    for said in ("Script exited with non-zero exit status: 3.", "Allowed exit codes are: [0]"):
        assert said in theirs.stdout
        assert said in ours.stdout
