"""The catalogue tells images, where they came from, and who uses them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.cli.views.images import encode_image, render_image, render_list
from cotta.clouds.session import Session
from cotta.clouds.which import Access, Cloud, Keys
from cotta.images.catalogue import CatalogueImage, UnknownImageError, Use, find_image, list_images
from tests.support.regions import put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.regions import RunningRegion


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with running_region(tmp_path) as running:
        yield running


def session_of(region: RunningRegion) -> Session:
    account = region.account
    return Session(
        Access(
            cloud=Cloud.LOCAL,
            region="us-east-1",
            endpoint=region.endpoint,
            keys=Keys(account.access_key, account.secret_key),
        )
    )


def test_images_are_listed_newest_first_with_who_uses_them(region: RunningRegion) -> None:
    own = region.account.id
    put_image(region.store, number=1, name="theirs")
    old = put_image(region.store, number=2, name="app-1", owner_id=own)
    new = put_image(
        region.store,
        number=3,
        name="app-2",
        owner_id=own,
        created_at=datetime(2026, 11, 2, tzinfo=UTC),
        tags={"aws:cotta:digest": "d" * 64, "cotta:key": "k", "cotta:commit": "c0ffee", "a": "b"},
    )
    ec2, groups = region.client("ec2"), region.client("autoscaling")
    made = ec2.run_instances(ImageId=old.id, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={"ImageId": new.id, "InstanceType": "t3.micro"},
    )
    groups.create_auto_scaling_group(
        AutoScalingGroupName="fleet",
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
        MinSize=0,
        MaxSize=1,
        AvailabilityZones=["us-east-1a"],
    )
    session = session_of(region)

    listed = list_images(session)

    assert [image.id for image in listed] == [new.id, old.id]
    assert listed[0].digest == "d" * 64
    assert (listed[0].key, listed[0].commit) == ("k", "c0ffee")
    assert listed[0].use == Use(template_versions=("web v1",), groups=("fleet",))
    assert listed[1].use == Use(instances=(made["Instances"][0]["InstanceId"],))
    assert [one.id for one in list_images(session, ["app-1"])] == [old.id]
    assert find_image(session, "dddddddddd").id == new.id
    assert find_image(session, new.id).id == new.id
    with pytest.raises(UnknownImageError, match="theirs"):
        find_image(session, "theirs")


IMAGE = CatalogueImage(
    id="ami-1",
    name="app-2",
    state="available",
    created=datetime(2026, 11, 2, tzinfo=UTC),
    digest="d" * 64,
    key="v1:" + "e" * 64,
    commit="c0ffee" * 6 + "-dirty",
    snapshots=("snap-1",),
    tags={"Name": "app", "cotta:key": "k"},
    use=Use(instances=("i-1", "i-2"), groups=("fleet",)),
)


def test_a_list_has_a_line_for_each_image() -> None:
    text = render_list([IMAGE], IMAGE.created + timedelta(hours=3))

    assert text == (
        "IMAGE  NAME   AGE  DIGEST        KEY           COMMIT              STATE      USED BY\n"
        "ami-1  app-2  3 h  dddddddddddd  eeeeeeeeeeee  c0ffeec0ffee-dirty  available  "
        "2 instances, 1 group\n"
    )


def test_a_page_has_what_is_known() -> None:
    text = render_image(IMAGE, None)

    assert "Digest:            " + "d" * 64 in text
    assert "Contents:          not recorded here" in text
    assert "  Name = app\n" in text
    assert "cotta:key" not in text
    assert encode_image(IMAGE)["used_by"] == {
        "instances": ["i-1", "i-2"],
        "template_versions": [],
        "groups": ["fleet"],
    }
