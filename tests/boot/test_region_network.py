"""A region's network for real, with namespaces in place of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.machines.driver import Exposure, Permission
from cotta.region.networks.bridge import NetworkError, RegionNetwork
from cotta.region.networks.plan import METADATA_ADDRESS, NetworkPlan, name_region
from cotta.system.kernel import HostSettings
from cotta.system.namespaces import NAMED
from cotta.system.processes import run
from tests.support.hosts import HOST, OUTSIDE, a_host, listener, namespace_outside, reaches

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.boot

ALL: Final = Permission(protocol="-1", from_port=None, to_port=None, peers=("0.0.0.0/0",))
# In different subnets.
FIRST: Final = "172.31.0.10"
SECOND: Final = "172.31.16.11"
# In the first one's.
THIRD: Final = "172.31.0.12"
MACS: Final = {
    address: f"02:00:00:00:00:{n:02x}" for n, address in enumerate((FIRST, SECOND, THIRD))
}


@pytest.fixture
def network(tmp_path: Path) -> Iterator[RegionNetwork]:
    with a_host(tmp_path) as network:
        network.up()
        yield network


def a_machine(network: RegionNetwork, address: str) -> Path:
    """Return the namespace of a new machine."""
    third = address.split(".")[2]
    return network.attach(
        f"i-{address.replace('.', '0')}",
        address=address,
        mac=MACS[address],
        subnet=f"172.31.{third}.0/20",
    )


def an_exposure(
    address: str, *ingress: Permission, egress: tuple[Permission, ...] = (ALL,)
) -> Exposure:
    return Exposure(private_ip=address, mac=MACS.get(address, ""), ingress=ingress, egress=egress)


def web(*peers: str) -> Permission:
    return Permission(protocol="tcp", from_port=80, to_port=80, peers=peers)


def test_nothing_is_reached_before_the_security_groups_are_known(network: RegionNetwork) -> None:
    first, second = a_machine(network, FIRST), a_machine(network, SECOND)

    with listener(second), network.listen(METADATA_ADDRESS, 80) as metadata:
        assert not reaches(None, SECOND)
        assert not reaches(first, SECOND)
        assert reaches(first, METADATA_ADDRESS)
        assert peer_of(metadata) == FIRST, "a machine is known by its address"


def test_groups_say_who_reaches_whom(network: RegionNetwork) -> None:
    first, second, third = (a_machine(network, address) for address in (FIRST, SECOND, THIRD))
    network.expose([an_exposure(FIRST), an_exposure(SECOND, web(FIRST)), an_exposure(THIRD)])

    with listener(second), listener(second, 81), listener(first), listener(third):
        assert reaches(first, SECOND)
        assert not reaches(first, SECOND, 81)
        assert not reaches(third, SECOND)
        assert not reaches(None, SECOND), "the host is a peer like any other"
        assert not reaches(second, FIRST)
        assert not reaches(first, THIRD)

        host = web(f"{network.plan.host_address}/32")
        network.expose([an_exposure(FIRST), an_exposure(SECOND, host), an_exposure(THIRD, host)])

        assert reaches(None, SECOND)
        assert reaches(None, THIRD)
        assert not reaches(first, SECOND)


def test_machine_that_may_send_nothing_still_answers(network: RegionNetwork) -> None:
    first, second = a_machine(network, FIRST), a_machine(network, SECOND)
    network.expose([an_exposure(FIRST, ALL, egress=()), an_exposure(SECOND, ALL)])

    with listener(first), listener(second):
        assert not reaches(first, SECOND)
        assert reaches(second, FIRST)


def test_load_balancer_has_an_address_and_groups_of_its_own(network: RegionNetwork) -> None:
    first, second = a_machine(network, FIRST), a_machine(network, SECOND)
    balancer = "172.31.0.200"
    network.hold(balancer)
    network.expose(
        [
            an_exposure(balancer, web(FIRST)),
            an_exposure(FIRST),
            an_exposure(SECOND, web(balancer)),
        ]
    )

    assert network.held() == {balancer}
    with listener(network.namespace), listener(second):
        assert reaches(first, balancer)
        assert not reaches(second, balancer)
        assert not reaches(None, balancer)
        assert reaches(network.namespace, SECOND, source=balancer)
        assert not reaches(network.namespace, SECOND)
    network.release(balancer)
    network.release(balancer)
    assert network.held() == frozenset()


def test_machine_gets_out_under_the_address_of_the_host(network: RegionNetwork) -> None:
    first = a_machine(network, FIRST)
    network.expose([an_exposure(FIRST, ALL)])
    outside = namespace_outside(network)
    run(["ip", "-n", outside.name, "route", "add", network.plan.network, "via", HOST])

    with listener(outside) as server, listener(first), listener(None):
        assert reaches(first, OUTSIDE)
        assert peer_of(server) == HOST
        assert not reaches(outside, FIRST), "nobody gets in through the host"
        assert not reaches(first, HOST), "the host itself is out of reach"
        assert not reaches(first, network.plan.host_address)


def test_packets_with_a_forged_source_are_dropped(network: RegionNetwork) -> None:
    first, second = a_machine(network, FIRST), a_machine(network, SECOND)
    network.expose([an_exposure(FIRST, ALL), an_exposure(SECOND, ALL), an_exposure(THIRD, ALL)])

    with listener(second):
        assert reaches(first, SECOND)
        run(["ip", "-n", first.name, "addr", "add", f"{THIRD}/20", "dev", "eth0"])
        assert not reaches(first, SECOND, source=THIRD)
        assert reaches(first, SECOND, source=FIRST)
        run(["ip", "-n", first.name, "link", "set", "eth0", "address", MACS[THIRD]])
        assert not reaches(first, SECOND, source=FIRST)


def test_attaching_again_replaces_what_was_there(network: RegionNetwork) -> None:
    a_machine(network, FIRST)

    first = a_machine(network, FIRST)

    with network.listen(METADATA_ADDRESS, 80):
        assert reaches(first, METADATA_ADDRESS)


def test_regions_live_side_by_side_and_leave_nothing(
    network: RegionNetwork, tmp_path: Path
) -> None:
    plan = NetworkPlan(name_region(str(tmp_path / "other")), "172.30.0.0/16")
    before = seen_on_host()
    other = RegionNetwork(plan, settings=HostSettings(tmp_path / "settings"))
    other.up()
    other.up()
    assert other.is_up()
    machine = other.attach("i-1", address="172.30.0.10", mac=MACS[FIRST], subnet="172.30.0.0/20")
    other.expose([an_exposure("172.30.0.10", ALL)])
    first = a_machine(network, FIRST)
    network.expose([an_exposure(FIRST, ALL)])

    with listener(machine), listener(first):
        assert reaches(None, "172.30.0.10")
        assert reaches(None, FIRST)
        assert not reaches(first, "172.30.0.10"), "regions are strangers"

    other.detach("i-1")
    other.down()
    other.down()
    assert not other.is_up()
    assert seen_on_host() == before
    assert not list(NAMED.glob(f"{plan.namespace}*"))
    assert forwarding() == "1", "the other region still needs it"


def test_what_was_changed_on_the_host_is_put_back(tmp_path: Path) -> None:
    with a_host(tmp_path) as network:
        before = seen_on_host()
        assert forwarding() == "0"

        assert [said.partition(" ")[0] for said in network.up()] == ["net.ipv4.conf.wan.forwarding"]
        assert network.up() == ()
        assert forwarding() == "1"

        network.down()
        assert forwarding() == "0"
        assert seen_on_host() == before


def test_range_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with a_host(tmp_path) as network:
        run(["ip", "route", "add", "172.31.7.0/24", "via", OUTSIDE])

        with pytest.raises(NetworkError, match=r"has a route to 172\.31\.7\.0/24 already"):
            network.up()

        assert not network.is_up()


def test_file_of_a_lost_namespace_is_no_hindrance(tmp_path: Path) -> None:
    with a_host(tmp_path) as network:
        network.namespace.write_text("")

        network.up()

        assert network.is_up()


def peer_of(server: socket.socket) -> str:
    """Return the address that the next connection comes from."""
    connection, address = server.accept()
    connection.close()
    return str(address[0])


def seen_on_host() -> list[str]:
    """Return all of the host's links, routes and rules."""
    commands = (["ip", "-br", "link"], ["ip", "route"], ["nft", "list", "ruleset"])
    return [run(argv).stdout for argv in commands]


def forwarding() -> str:
    return run(["cat", "/proc/sys/net/ipv4/conf/wan/forwarding"]).stdout.strip()
