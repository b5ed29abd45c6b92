"""What ship does with pins, and how it says what was shipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cotta.cli.shipping import (
    Moves,
    Report,
    ShippedImage,
    counts_of,
    encode_report,
    move_pins,
    render_report,
)
from cotta.fleets.model import FleetImage, FleetMember, Group, TargetState
from cotta.images.pins import Pin
from cotta.region.balancer.counts import Counts

THEN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
WEB = "data.aws_ami.web"


def image(id_: str, **changes: Any) -> ShippedImage:
    plain: dict[str, Any] = {
        "build": "amazon-ebs.web",
        "name": f"web-{id_}",
        "is_unchanged": False,
        "template": "amazon-ebs.web",
    }
    return ShippedImage(id=id_, **{**plain, **changes})


def pin(id_: str, **changes: Any) -> Pin:
    return Pin(image=id_, since=THEN, **changes)


def test_a_pin_moves_to_what_was_shipped_from_the_same_template() -> None:
    moves = move_pins({WEB: pin("ami-1")}, [image("ami-2")], {"ami-1": "amazon-ebs.web"}, NOW)

    assert moves == Moves({WEB: Pin(image="ami-2", name="web-ami-2", since=NOW, why="shipped")})


def test_a_pin_of_another_template_stays() -> None:
    pins = {WEB: pin("ami-1")}

    assert move_pins(pins, [image("ami-2")], {"ami-1": "amazon-ebs.api"}, NOW) == Moves(pins)
    assert move_pins(pins, [image("ami-2")], {}, NOW) == Moves(pins)


def test_what_was_rolled_back_is_not_brought_back_by_an_unchanged_template() -> None:
    pins = {WEB: pin("ami-1", instead_of="ami-2")}
    templates = {"ami-1": "amazon-ebs.web"}

    assert move_pins(pins, [image("ami-2")], templates, NOW) == Moves(pins, (WEB,))
    assert move_pins(pins, [image("ami-3")], templates, NOW).pins[WEB].image == "ami-3"


def a_report() -> Report:
    members = tuple(
        FleetMember(
            id=f"i-{number}",
            lifecycle="InService",
            health="Healthy",
            zone="a",
            version="2",
            image=FleetImage(id="ami-2"),
        )
        for number in (1, 2)
    )
    group = Group(name="web", minimum=2, maximum=4, desired=2, members=members)
    shipped = image("ami-2", digest="sha256:12", commit="abc")
    return Report(images=(shipped,), groups=(group,), took=timedelta(seconds=41.23))


def test_the_report_for_people() -> None:
    assert render_report(a_report()) == (
        "Shipped in 41.2 s.\n"
        "  image    ami-2  web-ami-2 (baked by amazon-ebs.web)\n"
        "  digest   sha256:12\n"
        "  commit   abc\n"
        "  fleet    web: 2 of 2 in service, template version 2\n"
    )


def test_requests_are_told_where_there_were_any() -> None:
    def last_line(counts: Counts | None) -> str:
        return render_report(replace(a_report(), counts=counts)).splitlines()[-1]

    assert last_line(Counts(12_345, 0)) == "  requests 12,345 during the apply, none failed"
    assert last_line(Counts(12_345, 2)) == "  requests 12,345 during the apply, 2 answered with 5xx"
    assert last_line(Counts()).startswith("  fleet")
    assert last_line(None).startswith("  fleet")


def test_requests_are_those_of_the_groups_since_the_first_look() -> None:
    target = TargetState(target_group="web", state="healthy")
    (group,) = a_report().groups
    members = tuple(replace(one, targets=(target,)) for one in group.members)
    groups = [replace(group, members=members)]
    before = {"web": Counts(10, 1), "other": Counts(5, 5)}

    after = {"web": Counts(110, 4), "other": Counts(50, 50)}
    assert counts_of(groups, before, after) == Counts(100, 3)
    # HAProxy has begun anew.
    assert counts_of(groups, before, {"web": Counts(7, 0)}) == Counts(7, 0)
    assert counts_of(groups, before, {}) == Counts()
    assert counts_of(groups, {}, after) == Counts(110, 4)


def test_the_report_for_programs() -> None:
    record: Any = encode_report(a_report())

    assert record["seconds"] == 41.2
    assert record["images"][0]["digest"] == "sha256:12"
    assert record["groups"][0]["in_service"] == 2
    assert record["groups"][0]["instances"][0] == {
        "id": "i-1",
        "image": "ami-2",
        "version": "2",
        "in_service": True,
    }
