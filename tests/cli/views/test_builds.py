"""The screen of builds: Packer's lines for people, its lines for programs, and records."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cotta.builder.artifacts import Artifact
from cotta.cli.outcomes import Outcome
from cotta.cli.views.build_records import JsonBuilds
from cotta.cli.views.builds import BuildsView, MachineBuilds, TextBuilds, Tone
from cotta.cli.views.durations import render_duration

NOON = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)
AMI = Artifact(
    builder_id="mitchellh.amazonebs",
    id="us-east-1:ami-1,us-west-2:ami-2",
    text="AMIs were created:\nus-east-1: ami-1\nus-west-2: ami-2\n",
)
FILE = Artifact(builder_id="packer.file", id="File", text="Stored file: a,b", files=("a,b",))
FINE = Outcome(
    build="amazon-ebs.app",
    took=timedelta(minutes=4, seconds=2, milliseconds=9),
    artifacts=(AMI, FILE),
)
FAILED = Outcome(
    build="null.b", took=timedelta(milliseconds=900, microseconds=61), error="No.\nWhy"
)


def a_run(view: BuildsView) -> None:
    view.begins(["amazon-ebs.app", "null.b"])
    view.line("amazon-ebs.app", Tone.SAY, "Launching a source AWS instance...")
    view.line("amazon-ebs.app", Tone.MESSAGE, "Instance ID: i-1, ready\nand more")
    view.line("null.b", Tone.ERROR, "to stderr")
    view.ended(FAILED)
    view.ended(FINE)
    view.summary([FINE, FAILED], timedelta(minutes=4, seconds=3), was_interrupted=False)


def written_by(make: Any, **settings: Any) -> str:
    texts: list[str] = []
    a_run(make(texts.append, contextlib.nullcontext(), **settings))
    return "".join(texts)


def test_people_read_packer_s_lines() -> None:
    assert (
        written_by(TextBuilds, colour=False)
        == """\
==> amazon-ebs.app: Launching a source AWS instance...
    amazon-ebs.app: Instance ID: i-1, ready
    amazon-ebs.app: and more
==> null.b: to stderr
Build 'null.b' errored after 900 milliseconds 61 microseconds: No.
Why
Build 'amazon-ebs.app' finished after 4 minutes 2 seconds.

==> Wait completed after 4 minutes 3 seconds

==> Some builds didn't complete successfully and had errors:
--> null.b: No.
Why

==> Builds finished. The artifacts of successful builds are:
--> amazon-ebs.app: AMIs were created:
us-east-1: ami-1
us-west-2: ami-2
--> amazon-ebs.app: Stored file: a,b
"""
    )


def test_each_build_has_a_colour() -> None:
    lines = written_by(TextBuilds, colour=True).split("\n")

    assert lines[:3] == [
        "\x1b[1;32mamazon-ebs.app: output will be in this color.\x1b[0m",
        "\x1b[1;36mnull.b: output will be in this color.\x1b[0m",
        "",
    ]
    assert lines[3] == "\x1b[1;32m==> amazon-ebs.app: Launching a source AWS instance...\x1b[0m"
    assert lines[4].startswith("\x1b[0;32m    amazon-ebs.app: Instance")
    assert lines[6] == "\x1b[1;31m==> null.b: to stderr\x1b[0m"


def test_lines_begin_with_the_time_if_asked() -> None:
    text = written_by(TextBuilds, colour=False, stamp=lambda: NOON)

    local = NOON.astimezone().isoformat(timespec="seconds")
    assert text.startswith(f"{local}: ==> amazon-ebs.app: Launching")


def test_programs_read_packer_s_lines() -> None:
    lines = written_by(MachineBuilds, now=lambda: NOON).splitlines()

    assert {line.partition(",")[0] for line in lines} == {"1772627405"}
    assert [line.partition(",")[2] for line in lines] == [
        ",ui,say,==> amazon-ebs.app: Launching a source AWS instance...",
        (",ui,message,    amazon-ebs.app: Instance ID: i-1%!(PACKER_COMMA) ready\\n"
        "    amazon-ebs.app: and more"),
        ",ui,error,==> null.b: to stderr",
        ",ui,error,Build 'null.b' errored after 900 milliseconds 61 microseconds: No.\\nWhy",
        ",ui,say,Build 'amazon-ebs.app' finished after 4 minutes 2 seconds.",
        ",ui,say,\\n==> Wait completed after 4 minutes 3 seconds",
        ",error-count,1",
        ",ui,error,\\n==> Some builds didn't complete successfully and had errors:",
        "null.b,error,No.\\nWhy",
        ",ui,error,--> null.b: No.\\nWhy",
        ",ui,say,\\n==> Builds finished. The artifacts of successful builds are:",
        "amazon-ebs.app,artifact-count,2",
        "amazon-ebs.app,artifact,0,builder-id,mitchellh.amazonebs",
        "amazon-ebs.app,artifact,0,id,us-east-1:ami-1%!(PACKER_COMMA)us-west-2:ami-2",
        ("amazon-ebs.app,artifact,0,string,AMIs were created:\\nus-east-1: ami-1\\n"
        "us-west-2: ami-2\\n"),
        "amazon-ebs.app,artifact,0,files-count,0",
        "amazon-ebs.app,artifact,0,end",
        ",ui,say,--> amazon-ebs.app: AMIs were created:\\nus-east-1: ami-1\\nus-west-2: ami-2\\n",
        "amazon-ebs.app,artifact,1,builder-id,packer.file",
        "amazon-ebs.app,artifact,1,id,File",
        "amazon-ebs.app,artifact,1,string,Stored file: a%!(PACKER_COMMA)b",
        "amazon-ebs.app,artifact,1,files-count,1",
        "amazon-ebs.app,artifact,1,file,0,a%!(PACKER_COMMA)b",
        "amazon-ebs.app,artifact,1,end",
        ",ui,say,--> amazon-ebs.app: Stored file: a%!(PACKER_COMMA)b",
    ]  # fmt: skip


def test_records_have_every_fact() -> None:
    records = [json.loads(line) for line in written_by(JsonBuilds, now=lambda: NOON).splitlines()]

    assert [record["type"] for record in records] == [
        "builds_start",
        "build_output",
        "build_output",
        "build_output",
        "build_errored",
        "build_complete",
        "builds_complete",
    ]
    assert records[0]["@timestamp"] == "2026-03-04T12:30:05.000000Z"
    assert (records[3]["@level"], records[3]["build"], records[3]["tone"]) == (
        "error",
        "null.b",
        "error",
    )
    assert records[5]["artifacts"][0] == {
        "builder_id": "mitchellh.amazonebs",
        "id": "us-east-1:ami-1,us-west-2:ami-2",
        "text": AMI.text,
        "files": [],
    }
    assert records[6]["@message"] == "1 of 2 builds succeeded"
    assert [one["error"] for one in records[6]["builds"]] == ["", "No.\nWhy"]


@pytest.mark.parametrize(
    ("took", "expected"),
    [
        (timedelta(), "0 microseconds"),
        (timedelta(microseconds=1), "1 microsecond"),
        (timedelta(seconds=1, milliseconds=658, microseconds=3), "1 second 658 milliseconds"),
        (timedelta(hours=2, seconds=5), "2 hours 5 seconds"),
        (timedelta(days=8), "1 week 1 day"),
    ],
)
def test_durations_are_packer_s(took: timedelta, expected: str) -> None:
    assert render_duration(took) == expected


class _Passing:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def moves(self, view: BuildsView, *shares: int) -> None:
        """Tell of a transfer every five seconds."""
        for share in shares:
            view.moves("null.b", "Uploading a => /b", share * 1000, 100_000)
            self.time += timedelta(seconds=5)


def test_lines_tell_of_what_takes_long_now_and_then() -> None:
    texts: list[str] = []
    clock = _Passing()
    view = TextBuilds(texts.append, contextlib.nullcontext(), colour=False, now=clock.now)

    clock.moves(view, 1, 20, 30, 40, 50, 60, 70, 80)
    view.moves("null.b", "Downloading c => d", 17_000_000, 0)

    assert texts == [
        "    null.b: Uploading a => /b: 40 %\n",
        "    null.b: Uploading a => /b: 70 %\n",
    ]


def test_records_tell_of_progress_each_second_and_of_its_end() -> None:
    texts: list[str] = []
    clock = _Passing()
    view = JsonBuilds(texts.append, contextlib.nullcontext(), clock.now)

    view.moves("null.b", "Uploading a => /b", 1000, 4000)
    view.moves("null.b", "Uploading a => /b", 2000, 4000)
    view.moves("null.b", "Uploading a => /b", 4000, 4000)
    clock.moves(view, 1, 20)

    records = [json.loads(text) for text in texts]
    assert {record["type"] for record in records} == {"build_progress"}
    assert [record["@message"] for record in records] == [
        f"Uploading a => /b: {share} %" for share in (25, 100, 20)
    ]
    assert [(record["build"], record["done"], record["total"]) for record in records[:2]] == [
        ("null.b", 1000, 4000),
        ("null.b", 4000, 4000),
    ]


def test_programs_that_expect_packer_s_lines_get_no_others() -> None:
    texts: list[str] = []
    clock = _Passing()

    clock.moves(MachineBuilds(texts.append, contextlib.nullcontext(), clock.now), 1, 20, 40, 100)

    assert texts == []
