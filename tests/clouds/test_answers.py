"""What is read from answers in more than one room."""

from __future__ import annotations

import pytest

from cotta.clouds.groups import template_of
from cotta.clouds.tags import tags_of

TEMPLATE = {"LaunchTemplateId": "lt-1", "Version": "2"}


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"LaunchTemplate": TEMPLATE}, TEMPLATE),
        (
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {"LaunchTemplateSpecification": TEMPLATE, "Overrides": []}
                }
            },
            TEMPLATE,
        ),
        ({"LaunchConfigurationName": "old"}, {}),
    ],
)
def test_a_groups_template_is_found_by_whichever_way_it_was_told(
    group: dict[str, object], expected: dict[str, str]
) -> None:
    assert template_of(group) == expected


def test_tags_are_by_key_and_there_may_be_none() -> None:
    tags = [{"Key": "Name", "Value": "web"}, {"Key": "bare"}]

    assert tags_of({"Tags": tags}) == {"Name": "web", "bare": ""}
    assert tags_of({"Tags": None}) == tags_of({}) == {}
