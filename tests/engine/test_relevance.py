"""Which attributes a plan was decided on; `tests/rehearsals/relevant.txt` asks terraform too.

What is said of blocks here was observed of terraform 1.11.4 with the official AWS provider:
the network is its aws_launch_template, `rule` its block_device_mappings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from cotta.addrs.parse import parse_instance
from cotta.diagnostics import Diagnostics
from cotta.engine.relevance import relevant_attributes
from cotta.plans.changes import Action
from cotta.schemas.model import NestedBlock, Nesting
from cotta.values.paths import render_path
from tests.support.engine import a_configuration
from tests.support.plans import a_change
from tests.support.schemas import a_block, an_attribute

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import ResourceBlock
    from cotta.plans.changes import ResourceChange
    from cotta.schemas.model import Block

NETWORK = """
resource "x_net" "main" {
  name = x_zone.a.name
  rule {
    from = x_zone.b.from
    to   = x_zone.b.to
    disk {
      size = x_zone.g.size
    }
  }
  rule {
    from = x_zone.c.from
  }
  dynamic "port" {
    for_each = x_zone.d.ports
    content {
      number = port.value + x_zone.e.first
    }
  }
  timeouts {
    create = x_zone.f.time
  }
}
resource "x_zone" "a" {}
resource "x_zone" "b" {}
resource "x_zone" "c" {}
resource "x_zone" "d" {}
resource "x_zone" "e" {}
resource "x_zone" "f" {}
resource "x_zone" "g" {}
"""
_ANY: Final = an_attribute("any", optional=True)
_RULE: Final = a_block(**{"from": _ANY, "to": _ANY}, blocks={"disk": a_block(size=_ANY)})
SCHEMA: Final = a_block(
    name=_ANY,
    id=_ANY,
    net=_ANY,
    peer=_ANY,
    blocks={
        "rule": _RULE,
        "port": NestedBlock(nesting=Nesting.SET, block=a_block(number=_ANY)),
        "unused": _RULE,
        "timeouts": NestedBlock(nesting=Nesting.SINGLE, block=a_block(create=_ANY, delete=_ANY)),
    },
)
EVERYTHING: Final = [
    "x_zone.a.name",
    "x_zone.b.from",
    "x_zone.b.to",
    "x_zone.c.from",
    "x_zone.d.ports",
    "x_zone.e.first",
    "x_zone.f.time",
    "x_zone.g.size",
]


def schema_of(_path: ModulePath, _block: ResourceBlock) -> Block:
    return SCHEMA


def changing(address: str) -> ResourceChange:
    found = parse_instance(address, Diagnostics())
    assert found is not None
    return a_change(address=found, action=Action.UPDATE)


def relevant(text: str, address: str = "x_host.web") -> list[str]:
    found = relevant_attributes(a_configuration(text), [changing(address)], [], schema_of)
    return [f"{one.resource}{render_path(one.path)}" for one in found]


@pytest.mark.parametrize(
    ("reference", "through"),
    [
        ("x_net.main.name", ["x_zone.a.name"]),
        ("x_net.main.id", []),
        ("x_net.main", EVERYTHING),
        ("x_net.main.rule", EVERYTHING),
        ("x_net.main.rule[0]", []),
        ("x_net.main.rule[0].to", []),
        ("x_net.main.rule[1].from", []),
        ("x_net.main.rule[7].from", []),
        ("x_net.main.rule[0].disk", []),
        ("x_net.main.rule[0].disk[0].size", []),
        ("x_net.main.port", EVERYTHING),
        ("x_net.main.unused", EVERYTHING),
        ("x_net.main.unused[0].to", []),
        ("x_net.main.timeouts", ["x_zone.f.time"]),
        ("x_net.main.timeouts.create", ["x_zone.f.time"]),
        ("x_net.main.timeouts.delete", []),
    ],
)
def test_a_reference_is_followed_no_wider_than_it_leads(reference: str, through: list[str]) -> None:
    host = f'{NETWORK}\nresource "x_host" "web" {{\n  net = {reference}\n}}\n'

    assert relevant(host) == sorted([reference, *through])


def test_all_of_several_blocks_are_the_name_of_their_type() -> None:
    host = f'{NETWORK}\nresource "x_host" "web" {{\n  net = x_net.main.rule[*].from\n}}\n'

    assert relevant(host) == sorted(["x_net.main.rule", *EVERYTHING])


def test_a_reference_that_goes_in_a_circle_of_blocks_ends() -> None:
    text = """
resource "x_host" "web" { peer = x_host.db }
resource "x_host" "db" { peer = x_host.web }
"""

    assert relevant(text) == ["x_host.db", "x_host.web"]
