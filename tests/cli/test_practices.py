"""The practices where plans are made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta
from tests.support.local_cloud import LocalCloud, local_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = """\
resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  instance_type = "t3.micro"
}
"""


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("main.tf").write_text(_TEXT)
    with local_cloud(tmp_path / "home") as running:
        yield running


def test_a_plan_tells_in_short_what_is_not_kept(cloud: LocalCloud) -> None:
    said = cloud.cotta("plan").stdout

    assert (
        "Practices that are not kept; cotta check explains them:\n"
        "  warning: CT017 Instance metadata without a token: aws_launch_template.web (main.tf "
        "line 1)\n" in said
    )


def test_a_plan_says_which_cloud_it_is_about(cloud: LocalCloud) -> None:
    said = cloud.cotta("plan").stdout
    records = [json.loads(line) for line in cloud.cotta("plan", "-json").stdout.splitlines()]

    account, endpoint = cloud.region.account.id, cloud.region.endpoint
    line = f"Cloud: the local region, account {account}, region us-east-1, at {endpoint}"
    assert f"\n{line}\n" in said
    assert [one["@message"] for one in records if one["type"] == "cloud"] == [line]


def test_a_type_that_is_not_native_is_refused_with_what_to_do(cloud: LocalCloud) -> None:
    Path("main.tf").write_text('resource "aws_s3_bucket" "a" {\n}\n')

    ended = cloud.cotta("plan")

    assert ended.status == 1
    said = ended.stderr.replace("\n│ ", " ")
    assert 'has no resource type "aws_s3_bucket".' in said
    assert "docs/compatibility.md lists" in said


def test_a_misspelt_type_is_suggested(cloud: LocalCloud) -> None:
    Path("main.tf").write_text('data "aws_amy" "a" {\n}\n')

    assert 'Did you mean "aws_ami"?' in cloud.cotta("plan").stderr.replace("\n│ ", " ")


def test_a_plan_without_changes_tells_nothing(cloud: LocalCloud) -> None:
    assert cloud.cotta("apply", "-auto-approve").status == 0

    assert "Practices" not in cloud.cotta("plan").stdout


def test_what_a_comment_allows_is_not_told(cloud: LocalCloud) -> None:
    Path("main.tf").write_text("# cotta:allow CT017: a lab without roles\n" + _TEXT)

    assert "Practices" not in cloud.cotta("plan").stdout


def test_machines_get_a_record(cloud: LocalCloud) -> None:
    records = [json.loads(line) for line in cloud.cotta("plan", "-json").stdout.splitlines()]

    (record,) = [one for one in records if one["type"] == "practice"]
    assert (record["@level"], record["practice"]["rule"]) == ("warn", "CT017")
    assert (record["practice"]["filename"], record["practice"]["line"]) == ("main.tf", 1)


def test_members_of_a_fleet_are_replaced_by_hand_only_by_force(cloud: LocalCloud) -> None:
    cloud.cotta("apply", "-auto-approve")

    refused = cloud.cotta("plan", "-replace=aws_launch_template.web")
    forced = cloud.cotta("plan", "-replace=aws_launch_template.web", "-force-replace")

    assert refused.status == 1
    assert "CT012 Member of a fleet replaced by hand" in refused.stderr
    assert forced.status == 0
    assert "will be replaced, as requested" in forced.stdout


def test_what_serves_nobody_may_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text('resource "terraform_data" "a" {\n}\n')

    assert run_cotta("plan", "-replace=terraform_data.a").status == 0
