"""`cotta build` on real machines: the article's template as it stands, and what follows from it."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.amazon_linux import NAME, OWNER
from tests.support.booted_region import BootedRegion, require_machines
from tests.support.cli import cotta_process
from tests.support.regions import wait_until
from tests.support.ssh import make_key, ssh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage
    from tests.support.cli import Ended

pytestmark = [pytest.mark.boot, pytest.mark.slow]

# The article's template, to the byte.
ARTICLE: Final = Path(__file__).parents[2] / "examples" / "article" / "app.pkr.hcl"


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, amazon_linux: BaseImage
) -> Iterator[BootedRegion]:
    """Give a region of its own with the stand-in for Amazon Linux."""
    require_machines()
    region = BootedRegion(tmp_path_factory.mktemp("build") / "home")
    region.up()
    region.add_image(
        NAME,
        amazon_linux,
        owner=OWNER,
        owner_alias="amazon",
        default_user="ec2-user",
        root_device_name="/dev/xvda",
    )
    yield region
    region.reset()
    assert region.leftovers() == []


def build(region: BootedRegion, folder: Path, *arguments: str) -> Ended:
    """Run `cotta build` in a folder."""
    return cotta_process("build", *arguments, folder=folder, environment=region.environment)


def cotta(region: BootedRegion, folder: Path, *arguments: str) -> Ended:
    return cotta_process(*arguments, folder=folder, environment=region.environment)


def everything(region: BootedRegion) -> dict[str, Any]:
    """Return what there is beside images."""
    ec2 = region.client("ec2")
    instances = [
        one["InstanceId"]
        for each in ec2.describe_instances()["Reservations"]
        for one in each["Instances"]
        if one["State"]["Name"] != "terminated"
    ]
    return {
        "instances": instances,
        "keys": [one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]],
        "groups": [one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]],
        "volumes": [one["VolumeId"] for one in ec2.describe_volumes()["Volumes"]],
    }


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the article's template and an application."""
    folder = tmp_path_factory.mktemp("article")
    shutil.copy(ARTICLE, folder / "app.pkr.hcl")
    (folder / "dist").mkdir()
    (folder / "dist" / "app.js").write_text("console.log('hello')\n")
    return folder


def test_the_article_is_baked_and_serves(region: BootedRegion, article: Path) -> None:
    before = everything(region)

    ended = build(region, article, ".")

    assert ended.status == 0, ended
    assert everything(region) == before
    # What is uploaded to /tmp goes with the machine, and nothing moves it.
    assert "Warning: /tmp/app will not be in the image" in ended.stdout + ended.stderr
    ec2 = region.client("ec2")
    (image,) = ec2.describe_images(Owners=["self"])["Images"]
    assert image["Name"].startswith("devcraftly-app-")
    tags = {tag["Key"]: tag["Value"] for tag in image["Tags"]}
    assert {"cotta:key", "aws:cotta:digest", "cotta:base", "cotta:run"} <= tags.keys()
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    for port in (22, 80):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="0.0.0.0/0"
        )
    key = make_key(ec2, "look", article)
    (machine,) = region.launch(image["ImageId"], SecurityGroupIds=[group], KeyName="look")
    try:
        page = f"http://{machine['PrivateIpAddress']}/"
        wait_until(lambda: text_of(page) == "Welcome to nginx!\n", seconds=60)
        keys = ssh(
            machine["PublicIpAddress"], key, "cat .ssh/authorized_keys; ls /tmp", user="ec2-user"
        )
        # One key: this machine's own.
        assert keys.count("ssh-") == 1
        assert "app" not in keys
    finally:
        region.terminate([machine["InstanceId"]])
        ec2.delete_security_group(GroupId=group)
        ec2.delete_key_pair(KeyName="look")


def text_of(page: str) -> str:
    try:
        with urllib.request.urlopen(page, timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_the_same_is_not_baked_again(region: BootedRegion, article: Path) -> None:
    (image,) = region.client("ec2").describe_images(Owners=["self"])["Images"]

    ended = build(region, article, ".")

    assert ended.status == 0, ended
    assert f"Unchanged: {image['ImageId']}" in ended.stdout


def test_two_bakes_are_the_same_to_the_bit(region: BootedRegion, article: Path) -> None:
    ec2 = region.client("ec2")

    ended = build(region, article, "-force", ".")

    assert ended.status == 0, ended
    images = ec2.describe_images(Owners=["self"])["Images"]
    digests = {
        tag["Value"] for one in images for tag in one["Tags"] if tag["Key"] == "aws:cotta:digest"
    }
    assert len(images) == 2
    assert len(digests) == 1
    names = [one["ImageId"] for one in images]
    same = cotta(region, article, "images", "diff", *names)
    assert (same.status, same.stderr) == (0, "")
    listed = json.loads(cotta(region, article, "images", "list", "-json").stdout)["images"]
    assert {one["id"] for one in listed} == set(names)
    shown = json.loads(cotta(region, article, "images", "show", "-json", names[0]).stdout)
    packages = {one["name"] for one in shown["contents"]["packages"]}
    assert {"nginx", "systemd"} <= packages


def test_a_verified_build_says_so(region: BootedRegion, article: Path) -> None:
    ended = build(region, article, "-verify", "-force", ".")

    assert ended.status == 0, ended
    assert "Verified: both images have the digest" in ended.stdout


def test_a_build_that_differs_names_the_file_and_who_wrote_it(
    region: BootedRegion, article: Path, tmp_path: Path
) -> None:
    template = ARTICLE.read_text().replace(
        '"sudo systemctl enable nginx",', '"date +%N | sudo tee /etc/when",'
    )
    assert "/etc/when" in template
    (tmp_path / "app.pkr.hcl").write_text(template)
    (tmp_path / "dist").mkdir()
    before = everything(region)

    ended = build(region, tmp_path, "-verify", "-force", ".")

    assert ended.status == 1, ended
    said = ended.stdout + ended.stderr
    assert "The two images differ" in said
    assert "/etc/when: content" in said
    assert 'written by the provisioner "shell" in' in said
    assert everything(region) == before


def test_a_script_that_fails_leaves_nothing(
    region: BootedRegion, article: Path, tmp_path: Path
) -> None:
    template = ARTICLE.read_text().replace("install -y nginx", "install -y nginxx")
    (tmp_path / "app.pkr.hcl").write_text(template)
    (tmp_path / "dist").mkdir()
    before = everything(region)

    ended = build(region, tmp_path, ".")

    assert ended.status == 1
    said = ended.stdout + ended.stderr
    assert "nginxx" in said
    assert "Script exited with non-zero exit status: 1" in said
    assert everything(region) == before
