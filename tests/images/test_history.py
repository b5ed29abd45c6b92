"""Which image to go back to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.images.history import (
    TemplateHistory,
    TemplateVersion,
    names_of_images,
    previous_images,
    read_history,
)
from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.played_groups import (
    IMAGE,
    make_group,
    new_version,
    session_of,
    start_refresh,
)
from tests.support.regions import put_image, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def history(*images: str, **changes: Any) -> TemplateHistory:
    versions = tuple(
        TemplateVersion(number, image, NOON + timedelta(hours=number))
        for number, image in enumerate(images, 1)
    )
    return TemplateHistory(template_id="lt-1", name="web", versions=versions, **changes)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # Nothing but the order of versions is known.
        (history("a", "b", "c"), ["b", "a"]),
        # The newest image was there before: it is not what to go back to.
        (history("a", "b", "a"), ["b"]),
        (history("a"), []),
        (history("a", "a"), []),
        # What serves still, as after a failed roll, is best.
        (history("a", "b", "c", serving={1: 2, 3: 1}), ["a", "b"]),
        (history("a", "b", "c", serving={3: 3}), ["b", "a"]),
        # Then what a refresh ended well with.
        (history("a", "b", "c", "d", succeeded=(2,)), ["b", "c", "a"]),
        # What a refresh failed with comes last.
        (history("a", "b", "c", failed=frozenset({2})), ["a", "b"]),
        # A version without an image says nothing.
        (history("a", "", "c"), ["a"]),
    ],
)
def test_previous_images(known: TemplateHistory, expected: list[str]) -> None:
    assert previous_images(known) == expected


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    with local_cloud(tmp_path) as running:
        yield running


def test_a_history_is_read_from_the_cloud(cloud: LocalCloud) -> None:
    region = cloud.region
    newer = str(put_image(region.store, number=2, name="image-2").id)
    make_group(region)
    start_refresh(region, new_version(region, ImageId=newer))
    groups = region.client("autoscaling")

    def is_over() -> bool:
        described = groups.describe_instance_refreshes(AutoScalingGroupName="web")
        return bool(described["InstanceRefreshes"][0]["Status"] == "Successful")

    wait_until(is_over)
    (template,) = region.client("ec2").describe_launch_templates()["LaunchTemplates"]

    found = read_history(session_of(region), template["LaunchTemplateId"])

    assert [(one.number, one.image) for one in found.versions] == [(1, IMAGE), (2, newer)]
    assert (found.name, found.serving, found.succeeded, found.target) == ("web", {2: 3}, (2,), 2)
    assert previous_images(found) == [IMAGE]


def test_images_that_are_gone_have_no_name(cloud: LocalCloud) -> None:
    gone = "ami-0123456789abcdef0"

    assert names_of_images(session_of(cloud.region), [IMAGE, gone]) == {IMAGE: "image-1"}
