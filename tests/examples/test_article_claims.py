"""What the article claims, of its own files: its table and its best practices, one test each.

The region's machines are played.  What needs real ones, that edits are lost and that an image is
the same to the bit, is in tests/boot/test_article.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.builder.running import BuildError
from cotta.region.model import InstanceId
from tests.oracle.witnesses import witness
from tests.support.bakery import open_bakery
from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.played_groups import in_service, make_group
from tests.support.regions import put_image, wait_until
from tests.support.templates import NOON, the_key

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLE: Final = Path(__file__).parents[2] / "examples" / "article"
GROUP: Final = "aws_autoscaling_group.app"
TEMPLATE: Final = "aws_launch_template.app"


class Article:
    """The article's configuration in the working folder, and a region that has its subnets."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.ec2 = cloud.region.client("ec2")
        self.scaling = cloud.region.client("autoscaling")
        subnets = [one["SubnetId"] for one in self.ec2.describe_subnets()["Subnets"]]
        Path("terraform.tfvars").write_text(f"private_subnet_ids = {json.dumps(subnets)}\n")

    def cotta(self, *arguments: str, status: int = 0) -> str:
        """Run a command that ends with that status; return what it says."""
        ended = self.cloud.cotta(*arguments)
        assert ended.status == status, ended.stdout[-3000:] + ended.stderr
        return ended.stdout + ended.stderr

    def publish(self, number: int) -> str:
        """Give the account an image as the article's template names it; return its id."""
        region = self.cloud.region
        image = put_image(
            region.store,
            number=number,
            name=f"devcraftly-app-17183232{number:02}",
            owner_id=region.account.id,
            created_at=datetime(2026, 1, number, tzinfo=UTC),
        )
        return str(image.id)

    def apply(self, *arguments: str, status: int = 0) -> str:
        """Apply; new members of the group count at once."""
        said = self.cotta("apply", "-auto-approve", *arguments, status=status)
        for group in self.groups():
            self.scaling.update_auto_scaling_group(
                AutoScalingGroupName=group["AutoScalingGroupName"], DefaultInstanceWarmup=0
            )
        return said

    def groups(self) -> list[Any]:
        """Return the groups there are."""
        return list(self.scaling.describe_auto_scaling_groups()["AutoScalingGroups"])

    def images(self) -> dict[str, str]:
        """Return what each member of the one group runs from."""
        (group,) = self.groups()
        ids = [one["InstanceId"] for one in group["Instances"]]
        found = self.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        return {one["InstanceId"]: one["ImageId"] for each in found for one in each["Instances"]}

    def edit(self, before: str, after: str) -> None:
        """Change the configuration."""
        path = Path("main.tf")
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def changes(self, *arguments: str) -> dict[str, Any]:
        """Return what a plan would change of each resource."""
        self.cotta("plan", "-out=next", *arguments)
        shown = json.loads(self.cloud.cotta("show", "-json", "next").stdout)
        return {one["address"]: one["change"] for one in shown["resource_changes"]}

    def warned_of(self) -> set[str]:
        """Return the rules that the folder does not keep to."""
        found = json.loads(self.cloud.cotta("check", "-json").stdout)["findings"]
        return {one["rule"] for one in found}


@pytest.fixture
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Article]:
    shutil.copytree(ARTICLE, tmp_path / "article")
    monkeypatch.chdir(tmp_path / "article")
    with local_cloud(tmp_path / "home") as cloud:
        yield Article(cloud)


# --- the table: mutable versus immutable ----------------------------------------------


def test_a_change_is_a_new_image_and_other_instances(article: Article) -> None:
    old = article.publish(1)
    article.apply()
    before = article.images()
    new = article.publish(2)

    article.apply()

    after = article.images()
    assert set(before.values()) == {old}
    assert set(after.values()) == {new}
    assert before.keys().isdisjoint(after)


def test_drift_is_seen_and_does_not_outlive_the_instance(article: Article) -> None:
    article.publish(1)
    article.apply()
    (edited, *_) = article.images()
    article.cloud.machines.write(InstanceId(edited), "/etc/motd")
    wait_until(lambda: "/etc/motd" in article.cotta("fleet"))
    article.publish(2)

    article.apply()

    assert "/etc/motd" not in article.cotta("fleet")


def test_rollback_is_a_redeploy_of_the_previous_image(article: Article) -> None:
    old = article.publish(1)
    article.apply()
    article.publish(2)
    article.apply()
    before = article.images()

    article.cotta("rollback", "-auto-approve")

    after = article.images()
    assert set(after.values()) == {old}
    assert before.keys().isdisjoint(after)


def test_the_same_definition_has_the_same_key_and_another_one_has_not() -> None:
    text = (ARTICLE / "app.pkr.hcl").read_text()
    files = {"dist/index.html": "one"}

    key = the_key(text, files=files)

    # Another day, another name: the same image.
    assert the_key(text, files=files, started=NOON + timedelta(days=1)) == key
    assert the_key(text, files={"dist/index.html": "two"}) != key
    assert the_key(text.replace("nginx", "httpd"), files=files) != key


def test_the_build_that_made_an_image_can_be_inspected(tmp_path: Path) -> None:
    with open_bakery(tmp_path) as bakery:
        bakery.bake(bakery.build(bakery.shell("true")))
        (image,) = bakery.images()

    assert image.tags["cotta:template"].endswith(" amazon-ebs.app")
    assert {"cotta:base", "cotta:run", "aws:cotta:digest"} <= image.tags.keys()


# --- replacing instead of mutating ----------------------------------------------------


def test_the_newest_image_of_the_name_is_found_and_nobody_else_s(article: Article) -> None:
    article.publish(1)
    newest = article.publish(2)
    put_image(
        article.cloud.region.store,
        number=3,
        name="devcraftly-app-9999999999",
        is_public=True,
        created_at=datetime(2026, 1, 3, tzinfo=UTC),
    )

    assert article.changes()[TEMPLATE]["after"]["image_id"] == newest


def test_a_plan_after_a_new_image_is_the_one_that_the_article_prints(article: Article) -> None:
    old = article.publish(1)
    article.apply()
    new = article.publish(2)

    change = article.changes()[TEMPLATE]

    assert change["actions"] == ["update"]
    changed = {
        name: (before, change["after"].get(name))
        for name, before in change["before"].items()
        if before != change["after"].get(name)
    }
    assert changed == {"image_id": (old, new), "latest_version": (1, 2)}


def test_a_new_group_stands_beside_the_old_one_before_that_goes(article: Article) -> None:
    article.publish(1)
    article.apply()
    (old,) = article.groups()
    article.edit('name_prefix      = "app-"', 'name_prefix      = "web-"')

    said = article.apply()

    (new,) = article.groups()
    assert new["AutoScalingGroupName"].startswith("web-")
    created = said.index("Creation complete after")
    assert created < said.index(f"Destroying... [id={old['AutoScalingGroupName']}]")


def test_without_create_before_destroy_there_is_an_outage(article: Article) -> None:
    article.publish(1)
    article.edit("create_before_destroy = true", "")
    article.apply()
    article.edit('name_prefix      = "app-"', 'name_prefix      = "web-"')

    said = article.apply()

    assert said.index("Destruction complete after") < said.index("Creation complete after")
    assert "CT019" in article.warned_of()


def test_fixed_names_collide(article: Article) -> None:
    article.publish(1)
    article.edit('name_prefix      = "app-"', 'name             = "app"')
    assert "CT001" in article.warned_of()
    article.apply()

    said = article.apply(f"-replace={GROUP}", "-force-replace", status=1)

    assert "AlreadyExists" in said
    (group,) = article.groups()
    assert in_service(article.cloud.region, group["AutoScalingGroupName"]) == 3


def test_create_before_destroy_propagates_to_what_is_referred_to(article: Article) -> None:
    article.publish(1)
    article.apply()
    article.edit('name_prefix   = "app-"', 'name_prefix   = "web-"')

    assert article.changes()[TEMPLATE]["actions"] == ["create", "delete"]
    # It is only implied, which `check` says.
    assert "CT002" in article.warned_of()


def test_the_same_runs_as_opentofu_has_it(article: Article) -> None:
    article.publish(1)
    before = article.changes()
    Path("main.tf").rename("main.tofu")

    assert article.changes() == before


# --- why it improves reliability ------------------------------------------------------


def test_capacity_scales_from_one_artifact(article: Article) -> None:
    image = article.publish(1)
    article.apply()
    article.edit("desired_capacity = 3", "desired_capacity = 6")

    article.apply()

    (group,) = article.groups()
    wait_until(lambda: in_service(article.cloud.region, group["AutoScalingGroupName"]) == 6)
    assert list(article.images().values()) == [image] * 6


def test_a_patch_that_fails_half_way_reaches_nobody(tmp_path: Path) -> None:
    with open_bakery(tmp_path) as bakery:
        make_group(bakery.region)
        before = bakery.everything()

        with pytest.raises(BuildError, match="exit status: 3"):
            bakery.bake(bakery.build(bakery.shell("echo half", "exit 3")))

        bakery.assert_is(before)
        assert in_service(bakery.region, "web") == 3


# --- best practices -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_data", "rule"),
    [
        ("#!/bin/sh\\ndnf install -y nginx", "CT006"),
        ("%05000d", "CT007"),
        ("${timestamp()}", "CT008"),
        ("AKIAIOSFODNN7EXAMPLE", "CT015"),
        ("REGION=us-east-1", None),
    ],
)
def test_everything_is_baked_and_user_data_is_small(
    article: Article, user_data: str, rule: str | None
) -> None:
    plain = article.warned_of()
    given = f'user_data = base64encode(format("{user_data}", 1))'
    if "%" not in user_data:
        given = f'user_data = base64encode("{user_data}")'
    article.edit('instance_type = "t3.micro"', f'instance_type = "t3.micro"\n  {given}')

    assert article.warned_of() - plain == ({rule} if rule else set())


def test_every_image_is_tagged_and_a_plan_can_be_held_to_one(article: Article) -> None:
    old = article.publish(1)
    article.publish(2)

    article.cotta("images", "pin", "data.aws_ami.app", old)

    assert article.changes()[TEMPLATE]["after"]["image_id"] == old
    # The article's own template names its images by time alone.
    assert "CT018" in article.warned_of()


def test_replacements_go_by_the_refresh_with_enough_in_service(article: Article) -> None:
    article.publish(1)
    article.apply()
    article.publish(2)
    article.apply()

    (group,) = article.groups()
    (refresh,) = article.scaling.describe_instance_refreshes(
        AutoScalingGroupName=group["AutoScalingGroupName"]
    )["InstanceRefreshes"]
    assert refresh["Status"] == "Successful"
    assert refresh["Preferences"]["MinHealthyPercentage"] == 90


def test_without_a_refresh_what_runs_stays_as_it_is(article: Article) -> None:
    old = article.publish(1)
    text = Path("main.tf").read_text()
    refresh = re.search(r"  instance_refresh \{.*?\n  \}\n", text, re.DOTALL)
    assert refresh is not None
    article.edit(refresh[0], "")
    article.apply()
    article.publish(2)

    article.apply()

    assert set(article.images().values()) == {old}
    assert "CT009" in article.warned_of()


def test_a_host_is_not_replaced_as_a_fix(article: Article) -> None:
    article.publish(1)
    article.apply()
    before = article.images()

    said = article.apply(f"-replace={GROUP}", status=1)

    assert "CT012" in said
    assert article.images() == before


def test_the_commit_of_the_template_is_on_its_image(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        argv = [witness("git"), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    git("init", "-q")
    (tmp_path / "app.pkr.hcl").write_text("")
    git("add", "app.pkr.hcl")
    git("commit", "-qm", "template")
    with open_bakery(tmp_path) as bakery:
        bakery.bake(bakery.build(bakery.shell("true")))
        (image,) = bakery.images()

    assert image.tags["cotta:commit"] == git("rev-parse", "HEAD").strip()
