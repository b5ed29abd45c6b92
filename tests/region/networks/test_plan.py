"""Names and addresses of a region's network."""

from __future__ import annotations

import pytest

from cotta.region.networks.plan import (
    NetworkPlan,
    first_address,
    free_network,
    is_inside,
    name_region,
    overlapping,
)

PLAN = NetworkPlan("0123abcd", "172.31.0.0/16")


def test_region_has_the_first_addresses_of_its_range() -> None:
    assert (PLAN.gateway, PLAN.host_address, PLAN.prefix_length) == ("172.31.0.1", "172.31.0.3", 16)
    assert first_address("172.31.16.0/20") == "172.31.16.1"
    assert is_inside("172.31.255.255", PLAN.network)
    assert not is_inside("172.30.0.1", PLAN.network)


def test_names_of_links_are_short_enough_for_the_kernel() -> None:
    names = [PLAN.host_link, PLAN.uplink, PLAN.bridge, PLAN.port("i-0123456789abcdef0")]

    assert [name for name in names if len(name) > 15] == []


def test_regions_and_instances_have_names_of_their_own() -> None:
    assert name_region("/var/lib/cotta") == name_region("/var/lib/cotta")
    assert name_region("/var/lib/cotta") != name_region("/var/lib/other")
    assert PLAN.port("i-00000000000000001") != PLAN.port("i-00000000000000002")
    assert PLAN.machine_namespace("i-1") == "cotta-0123abcd-i-1"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "172.31.0.0/16"),
        (["192.0.2.0/24", "172.31.4.5"], "172.30.0.0/16"),
        (["172.16.0.0/12"], "10.255.0.0/16"),
        (["172.16.0.0/12", "10.128.0.0/9"], "10.127.0.0/16"),
        (["0.0.0.0/1"], "172.31.0.0/16"),
    ],
)
def test_range_is_one_that_the_host_does_not_route(taken: list[str], expected: str) -> None:
    assert free_network(taken) == expected


def test_no_range_left() -> None:
    with pytest.raises(ValueError, match="every private range"):
        free_network(["10.0.0.0/8", "172.16.0.0/12"])


def test_overlapping_ranges() -> None:
    taken = ["172.31.9.0/24", "10.0.0.0/8", "172.0.0.0/8"]

    assert overlapping(PLAN.network, taken) == ["172.31.9.0/24", "172.0.0.0/8"]
