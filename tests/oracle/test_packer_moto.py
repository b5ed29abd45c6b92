"""The same template baked by packer 1.6.6 and by Cotta against moto: another AWS than the region.

The region could be wrong where both agree with it.  moto starts no machine, so SSH leads to a
server of this process, and it keeps no content: what is compared are calls, lines and records.
What moto can't do is left out of the template: it copies no image to another region's endpoint, and
it breaks on tags for the snapshots of a new image, which are taken out of the request on its way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.oracle.test_packer_builds import PLAIN, SOURCE, alike
from tests.oracle.witnesses import witness
from tests.support.fault_proxy import fault_proxy, is_read
from tests.support.moto import moto_client, moto_server
from tests.support.ssh_server import Rules, ssh_server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.support.fault_proxy import Call

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

MORE: Final = """
  ami_description = "from {{ .SourceAMI }}"
  ami_users       = ["123456789012"]
  tags            = { Name = "golden", Base = "{{ .SourceAMIName }}" }
  snapshot_tags   = { Kind = "snapshot" }
  run_tags        = { Team = "web" }
  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_size           = 12
    volume_type           = "gp2"
    delete_on_termination = true
  }
"""

# An image that moto knows.
IMAGE: Final = "amzn2-ami-hvm-2.0.*-x86_64-gp2"
OWNER: Final = "137112412989"

# Tags of our own.
OURS: Final = ("cotta:", "aws:cotta:")


@dataclass(frozen=True, slots=True)
class Baked:
    """What one of the two did, and what moto has then."""

    status: int
    stdout: str
    calls: Sequence[tuple[str, Mapping[str, Any]]]
    image: Mapping[str, Any]
    manifest: Mapping[str, Any]
    left: Mapping[str, int]

    @property
    def writes(self) -> list[str]:
        """The operations that change something, in order."""
        return [name for name, _ in self.calls if not is_read(name)]

    def sent(self, operation: str) -> Mapping[str, Any]:
        """Return what the first call of an operation was sent."""
        return next(given for name, given in self.calls if name == operation)


def bake(argv: list[str], folder: Path) -> Baked:
    """Have a program bake the template against a moto of its own."""
    (folder / "up").mkdir(parents=True)
    (folder / "up" / "a").write_text("a")
    (folder / "there").mkdir()
    with (
        moto_server() as moto,
        fault_proxy(moto, rewritten=_without_tags_of_snapshots) as proxy,
        ssh_server(Rules(any_key=True, lacks="find / -xdev")) as server,
    ):
        client = moto_client(moto)
        known = {one["ImageId"] for one in client.describe_images()["Images"]}
        text = SOURCE.replace("MORE", MORE) + PLAIN
        for word, meant in (
            ("111122223333", OWNER),
            ("image-*", IMAGE),
            ("ENDPOINT", proxy.endpoint),
            ("FOLDER", str(folder)),
            ("PORT", str(server.port)),
        ):
            text = text.replace(word, meant)
        (folder / "app.pkr.hcl").write_text(text)
        before = _counts(client)
        done = subprocess.run(
            [*argv, "app.pkr.hcl"], cwd=folder, capture_output=True, encoding="utf-8",
            check=False, timeout=200, env=_environment(folder),
        )  # fmt: skip
        after = _counts(client)
        found = client.describe_images()["Images"]
        images = [one for one in found if one["ImageId"] not in known]
        manifest = folder / "manifest.json"
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return Baked(
            status=done.returncode,
            stdout=f"{done.stdout}{done.stderr}",
            calls=[(call.operation, call.parameters) for call in proxy.calls],
            image=images[0],
            manifest=json.loads(manifest.read_text()),
            left={kind: after[kind] - before[kind] for kind in before},
        )


def _without_tags_of_snapshots(call: Call, body: bytes) -> bytes:
    if call.operation != "CreateImage":
        return body
    fields = parse_qsl(body.decode(), keep_blank_values=True)
    unwanted = {name.removesuffix("ResourceType") for name, value in fields if value == "snapshot"}
    return urlencode(
        [(name, value) for name, value in fields if not name.startswith(tuple(unwanted) or "\0")]
    ).encode()


def _counts(client: Any) -> dict[str, int]:
    states = [
        one["State"]["Name"]
        for each in client.describe_instances()["Reservations"]
        for one in each["Instances"]
    ]
    return {
        "instances": len([state for state in states if state != "terminated"]),
        "key pairs": len(client.describe_key_pairs()["KeyPairs"]),
        "security groups": len(client.describe_security_groups()["SecurityGroups"]),
        "volumes": len(client.describe_volumes()["Volumes"]),
    }


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(folder),
        "CHECKPOINT_DISABLE": "1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
    }


def _plain(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in tags if not one["Key"].startswith(OURS)}


def test_both_do_the_same_against_moto(tmp_path: Path) -> None:
    theirs = bake([witness("packer"), "build", "-machine-readable"], tmp_path / "packer")
    ours = bake(
        [sys.executable, "-m", "cotta", "build", "-machine-readable", "-cloud=aws"],
        tmp_path / "cotta",
    )

    assert alike(ours.writes) == alike(theirs.writes)
    assert ours.left == theirs.left == dict.fromkeys(ours.left, 0)
    # What the machine is asked for.
    for name in ("InstanceType", "BlockDeviceMapping.1.DeviceName",
                 "BlockDeviceMapping.1.Ebs.VolumeSize", "BlockDeviceMapping.1.Ebs.VolumeType",
                 "BlockDeviceMapping.1.Ebs.DeleteOnTermination"):  # fmt: skip
        assert ours.sent("RunInstances")[name] == theirs.sent("RunInstances")[name], name
    # The image; 1.6.6 does not put run_tags on it, later ones do.
    assert _plain(theirs.image["Tags"])["Name"] == "golden"
    assert {k: v for k, v in _plain(ours.image["Tags"]).items() if k != "Team"} == {
        k: v for k, v in _plain(theirs.image["Tags"]).items() if k != "Team"
    }
    # 1.6.6 describes an image when it is there, which moto does not keep; Cotta as it makes it.
    described = [given.get("Description.Value") for _, given in theirs.calls]
    assert ours.image["Description"] in described
    for name in ("Name", "State", "Architecture", "VirtualizationType"):
        assert ours.image.get(name) == theirs.image.get(name), name
    # Lines and records.
    assert _artifacts(ours) == _artifacts(theirs)
    assert _without_ids(ours.manifest) == _without_ids(theirs.manifest)


def _artifacts(baked: Baked) -> list[list[str]]:
    lines = [line.split(",") for line in baked.stdout.splitlines()]
    return [
        ["ami" if "ami-" in part else part for part in line[1:]]
        for line in lines
        if line[2:3] == ["artifact"]
    ]


def _without_ids(manifest: Mapping[str, Any]) -> dict[str, Any]:
    (build,) = manifest["builds"]
    assert build["artifact_id"].startswith("us-east-1:ami-")
    assert build["packer_run_uuid"] == manifest["last_run_uuid"]
    return {k: v for k, v in build.items() if k not in ("artifact_id", "packer_run_uuid")}
