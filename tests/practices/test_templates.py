"""Rules on what goes into images."""

from __future__ import annotations

from typing import Any

import pytest

from cotta.practices.checking import check_templates
from cotta.practices.subjects import Command, ImageFacts, Upload
from tests.support.practices import brief


def facts(**changes: Any) -> ImageFacts:
    plain: dict[str, Any] = {"name": "amazon-ebs.app", "kind": "amazon-ebs", "has_tags": True}
    return ImageFacts(**{**plain, **changes})


def upload(destination: str) -> Upload:
    return Upload(source="./dist/", destination=destination)


@pytest.mark.parametrize(
    "kept",
    [
        facts(),
        facts(uploads=(upload("/opt/app"),)),
        facts(uploads=(upload("/tmpfoo"),)),
        facts(
            uploads=(upload("/tmp/app"),), commands=(Command(text="sudo cp -a /tmp/app /opt/app"),)
        ),
        facts(has_lookup=True, owners=("amazon",), names=("al2023-ami-*-x86_64",)),
        facts(kind="null", has_tags=False),
    ],
)
def test_nothing_is_found_where_the_practices_are_kept(kept: ImageFacts) -> None:
    assert check_templates([kept]) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (facts(uploads=(upload("/tmp/app"),)), "CT014"),
        (facts(uploads=(upload("/run/app"),), commands=(Command(text="ls /run/app"),)), "CT014"),
        (facts(has_tags=False), "CT018"),
        (facts(has_lookup=True, names=("al2023-ami-*",)), "CT004"),
        (facts(has_lookup=True, owners=("amazon",), names=("*ami*",)), "CT005"),
        (facts(commands=(Command(text="echo AKIAIOSFODNN7EXAMPLE"),)), "CT015"),
        (facts(secrets=(("var.password goes into /etc/app.conf.", None),)), "CT015"),
    ],
)
def test_finding(broken: ImageFacts, rule: str) -> None:
    assert brief(check_templates([broken])) == [f"{rule} amazon-ebs.app: -"]
