"""Which attributes a plan was decided on; `tests/rehearsals/relevant.txt` asks terraform too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.addrs.parse import parse_instance
from cotta.diagnostics import Diagnostics
from cotta.engine.relevance import relevant_attributes
from cotta.plans.changes import Action
from cotta.values.paths import render_path
from tests.support.engine import a_configuration
from tests.support.plans import a_change

if TYPE_CHECKING:
    from cotta.plans.changes import ResourceChange

NETWORK = """
resource "x_net" "main" {
  name = x_zone.a.name
  rule {
    from = x_zone.b.from
    to   = x_zone.b.to
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
}
resource "x_zone" "a" {}
resource "x_zone" "b" {}
resource "x_zone" "c" {}
resource "x_zone" "d" {}
resource "x_zone" "e" {}
resource "x_zone" "f" {}
"""
A_ZONE = "x_zone.a.name"
PORTS = ["x_zone.d.ports", "x_zone.e.first"]


def changing(address: str) -> ResourceChange:
    found = parse_instance(address, Diagnostics())
    assert found is not None
    return a_change(address=found, action=Action.UPDATE)


def relevant(text: str, address: str = "x_host.web") -> list[str]:
    found = relevant_attributes(a_configuration(text), [changing(address)], [])
    return [f"{one.resource}{render_path(one.path)}" for one in found]


@pytest.mark.parametrize(
    ("reference", "through"),
    [
        ("x_net.main.name", [A_ZONE]),
        ("x_net.main.id", []),
        ("x_net.main", [A_ZONE, "x_zone.b.from", "x_zone.b.to", "x_zone.c.from", *PORTS]),
        ("x_net.main.rule", ["x_zone.b.from", "x_zone.b.to", "x_zone.c.from"]),
        ("x_net.main.rule[0]", ["x_zone.b.from", "x_zone.b.to"]),
        ("x_net.main.rule[0].to", ["x_zone.b.to"]),
        ("x_net.main.rule[1].from", ["x_zone.c.from"]),
        ("x_net.main.rule[7].from", []),
        ("x_net.main.port[0].number", PORTS),
    ],
)
def test_a_reference_is_followed_no_wider_than_it_leads(reference: str, through: list[str]) -> None:
    host = f'{NETWORK}\nresource "x_host" "web" {{\n  net = {reference}\n}}\n'

    assert relevant(host) == sorted([reference, *through])


def test_a_reference_that_goes_in_a_circle_of_blocks_ends() -> None:
    text = """
resource "x_host" "web" { peer = x_host.db }
resource "x_host" "db" { peer = x_host.web }
"""

    assert relevant(text) == ["x_host.db", "x_host.web"]
