"""What Packer's templates have under names of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cotta.hcl.functions.go_layout import format_by_layout, layout_of_strftime
from cotta.hcl.functions.instants import parse_rfc3339
from cotta.hcl.functions.tables import packer_functions
from tests.support.calling import result_of
from tests.support.surroundings import a_world

START = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)
FUNCTIONS = packer_functions(
    a_world({"t": "${upper(x)}"}, plan_time=START, environment={"USER": "ada"})
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("legacy_isotime()", "2026-03-04T15:06:07Z"),
        ('legacy_isotime("2006-01-02")', "2026-03-04"),
        ('legacy_strftime("%Y%m%d%H%M%S")', "20260304150607"),
        ('legacy_strftime("%A %q")', "Wednesday %q"),
        ("timestamp()", "2026-01-01T00:00:00Z"),
        ('env("USER")', "ada"),
        ('env("NOTHING")', ""),
        ('rfc3339_parse("2023-07-25 23:43:16.5-07:00").unix', 1690353796),
        ('rfc3339_parse("2023-07-25T23:43:16Z").weekday_name', "Tuesday"),
        ("unix_timestamp_parse(1690328596).rfc3339", "2023-07-25T23:43:16Z"),
        ("unix_timestamp_parse(-1).iso_week", 1),
        ('templatefile("t", {x = "a"})', "A"),
        ('base64encode("a")', "YQ=="),
    ],
)
def test_result(call: str, expected: object) -> None:
    assert result_of(call, FUNCTIONS) == expected


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('consul_key("a/b")', "consul kv get"),
        ('vault("secret/x", "k")', "vault kv get"),
        ('aws_secretsmanager("n", null)', "aws secretsmanager get-secret-value"),
        ('aws_secretsmanager_raw("n")', "PKR_VAR_name"),
        ('legacy_isotime("a", "b")', "no more than one"),
        ('rfc3339_parse("x")', "RFC 3339"),
        ("unix_timestamp_parse(1.5)", "whole number"),
    ],
)
def test_refused_with_what_to_do(call: str, said: str) -> None:
    assert said in str(result_of(call, FUNCTIONS))


@pytest.mark.parametrize("name", ["templatestring", "plantimestamp", "filemd5", "uuid", "timecmp"])
def test_what_packer_lacks(name: str) -> None:
    assert name not in FUNCTIONS


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("Mon Jan _2 15:04:05 2006", "Mon Jul  3 09:05:06 2023"),
        ("Monday, 02-January-06 3:4:5 PM pm", "Monday, 03-July-23 9:5:6 AM am"),
        ("Janet Monkey", "Janet Monkey"),
        ("002 __2 1 01 _2006", "184 184 7 07 _2023"),
        (".000 .999 ,00 .0001", ".120 .12 ,12 .0007"),
        ("Z07:00 Z0700 -07 -0700 -07:00 MST", "+05:30 +0530 +05 +0530 +05:30 +0530"),
    ],
)
def test_a_layout_is_an_example(layout: str, expected: str) -> None:
    instant = parse_rfc3339("2023-07-03T09:05:06.12+05:30")
    assert instant is not None

    assert format_by_layout(instant, layout) == expected


def test_text_between_directives_is_layout_too() -> None:
    assert layout_of_strftime("%Y-15%%x") == "2006-15%x"
