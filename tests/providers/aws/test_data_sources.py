"""Data sources against a region: what is found, and what is said when it is not one thing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.regions import RunningRegion, put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNER = "111122223333"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        for number in (1, 2, 3):
            put_image(
                running.store,
                number=number,
                name=f"web-{number}",
                created_at=datetime(2026, 11, number, tzinfo=UTC),
            )
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path, access_to_region(region), monkeypatch)


def test_the_newest_image_of_those_that_fit_is_found(here: CottaFolder) -> None:
    here.write(
        f"""
        data "aws_ami" "a" {{
          most_recent = true
          owners      = ["{OWNER}"]
          name_regex  = "-(1|2)$"
        }}
        """
    )

    here.apply()

    found = here.attributes("data.aws_ami.a")
    assert (found["id"], found["name"]) == ("ami-00000000000000002", "web-2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            f'owners = ["{OWNER}"]',
            "one; the newest first: web-3 (ami-00000000000000003, 2026-11-03T00:00:00.000Z), web-2",
        ),
        (
            f'owners = ["{OWNER}"]\n name_regex = "^db-"',
            '3 images fit but for "name_regex", which none of their names match: web-3',
        ),
        (
            f'owners = ["{OWNER}"]\n filter {{\n name = "name"\n values = ["db-*"]\n }}',
            "Without them there are 3 of these owners, the newest first: web-3",
        ),
        ('owners = ["999999999999"]', "There is no image owned by 999999999999 in this region"),
        ('name_regex = "("', 'The argument "name_regex" needs a regular expression'),
    ],
)
def test_no_image_and_many_are_mistakes_that_name_what_there_is(
    here: CottaFolder, arguments: str, words: str
) -> None:
    here.write(f'data "aws_ami" "a" {{\n {arguments}\n}}\n')

    ended = here.attempt("plan")

    assert ended.status == 1
    assert words in told(ended)
    assert "main.tf line" in ended.stderr


def test_newest_image_of_anybody_is_warned_of(here: CottaFolder) -> None:
    here.write('data "aws_ami" "a" {\n most_recent = true\n}\n')

    ended = here.attempt("plan")

    assert ended.status == 0
    assert "Warning: Most recent image of anybody" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ('data "aws_vpc" "a" {\n cidr_block = "1.2.3.0/24"\n}', "No VPC found"),
        ('data "aws_subnet" "a" {}', "3 subnets fit the arguments and filters of this block"),
        ('data "aws_subnet" "a" {\n id = "subnet-1"\n}', "No subnet found"),
        ('data "aws_security_group" "a" {\n name = "none"\n}', "No security group found"),
        (
            'data "aws_ssm_parameter" "a" {\n name = "/none"\n}',
            'There is no parameter named "/none" in this account and region.',
        ),
        (
            'data "aws_instances" "a" {\n instance_state_names = ["asleep"]\n}',
            'needs to be one of "pending", "running"',
        ),
        (
            'data "aws_availability_zones" "a" {\n state = "open"\n}',
            'needs to be one of "available"',
        ),
        (
            'data "aws_instances" "a" {\n filter {\n name = "x"\n values = ["y"]\n }\n}',
            "ec2:DescribeInstances was refused. InvalidParameterValue",
        ),
    ],
)
def test_what_is_not_there_is_said_with_the_place(
    here: CottaFolder, block: str, words: str
) -> None:
    here.write(block)

    ended = here.attempt("plan")

    assert ended.status == 1
    assert words in told(ended)
    assert "on main.tf line" in ended.stderr


def test_mistakes_of_a_policy_document_are_all_told_before_anything_is_asked(
    here: CottaFolder,
) -> None:
    here.write(
        """
        data "aws_iam_policy_document" "a" {
          version = "2020-01-01"
          source_policy_documents = ["{"]
          override_json = "x"
          statement {
            sid    = "a-b"
            effect = "Perhaps"
          }
        }
        """
    )

    ended = here.attempt("validate")

    assert ended.status == 1
    said = told(ended)
    for words in (
        '"version" needs to be one of "2008-10-17", "2012-10-17"',
        '"source_policy_documents" needs JSON',
        '"override_json" is no longer used',
        '"sid" can have letters and digits alone',
        '"effect" needs to be one of "Allow", "Deny"',
    ):
        assert words in said


def test_policy_document_that_cannot_be_is_refused_at_its_block(here: CottaFolder) -> None:
    here.write(
        """
        data "aws_iam_policy_document" "a" {
          statement {
            sid = "One"
          }
          statement {
            sid = "One"
          }
        }
        """
    )

    ended = here.attempt("plan")

    assert ended.status == 1
    assert 'Two statements have the sid "One".' in told(ended)
