"""Make a region's network on this machine, and take it away again.

`ip` with `-batch` does the work: a call costs 1.4 ms here whatever the number of its
lines, where loading pyroute2 costs 400 ms once, and it is one dependency less.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.region.networks.filters import (
    SPOOFING,
    elements_of,
    host_rules,
    port_element,
    port_rules,
)
from cotta.region.networks.forwarding import allow_forwarding
from cotta.region.networks.plan import METADATA_ADDRESS, PREFIX, first_address, overlapping
from cotta.region.networks.security import TABLE as SECURITY
from cotta.region.networks.security import security_rules
from cotta.system.kernel import HostSettings
from cotta.system.namespaces import NAMED, inside_network, is_network
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from cotta.region.machines.driver import Exposure
    from cotta.region.networks.plan import NetworkPlan

_BACKLOG: Final = 1024

# Inside the region's namespace: it is a router, answers for every address of the range at
# once (the kernel's own delay is 0.8 s), and never says that there is a shorter way.
_SETTINGS: Final = (
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/conf/{bridge}/send_redirects", "0"),
    ("ipv4/conf/{bridge}/proxy_arp", "1"),
    ("ipv4/conf/{bridge}/proxy_arp_pvlan", "1"),
    ("ipv4/neigh/{bridge}/proxy_delay", "0"),
    # The load balancers' listeners may bind before their address is there.
    ("ipv4/ip_nonlocal_bind", "1"),
)

# Inside a machine's: its root is not the namespace's, which is the host's.  So what only
# root may do elsewhere, everyone in the machine may: low ports, and asking for echoes.
_MACHINE_SETTINGS: Final = (
    ("ipv4/ip_unprivileged_port_start", "0"),
    ("ipv4/ping_group_range", "0 2147483647"),
)


class NetworkError(Exception):
    """The network could not be made or changed: what was tried, what came back."""


def host_ranges() -> list[str]:
    """Return the ranges of addresses that this machine has routes to, the default aside."""
    try:
        routes = json.loads(run(["ip", "-4", "-j", "route", "show", "table", "all"]).stdout)
    except CommandError as error:
        raise NetworkError(f"The machine's routes can't be read: {error}") from None
    return sorted({destination for route in routes if (destination := _destination(route))})


class RegionNetwork:
    """A region's network on this machine.  Everything may be repeated."""

    def __init__(self, plan: NetworkPlan, *, settings: HostSettings | None = None) -> None:
        self.plan = plan
        self._settings = settings or HostSettings()

    @property
    def namespace(self) -> Path:
        """The region's network namespace, as a file."""
        return NAMED / self.plan.namespace

    def is_up(self) -> bool:
        """Say whether the namespace and the way into it are there."""
        return is_network(self.namespace) and self.plan.host_link in _links()

    def up(self) -> tuple[str, ...]:
        """Make what is missing; return what was changed beside it, in sentences.

        `NetworkError` if another route of the host leads to addresses of the range.
        """
        self._check_range()
        add_namespace(self.plan.namespace)
        try:
            self._link()
            self._set_up_inside()
            self._load_rules()
        except (CommandError, OSError) as error:
            raise NetworkError(f"The network of the region can't be made: {error}") from error
        return allow_forwarding(self.plan.host_link, self._settings)

    def down(self) -> None:
        """Take away what `up` has made; machines must have gone before.

        What was changed of the host's settings is put back when no region is left.
        """
        plan = self.plan
        try:
            nft(f"table inet {plan.table} {{}}\ndelete table inet {plan.table}\n")
            if plan.host_link in _links():
                run(["ip", "link", "delete", plan.host_link])
            remove_namespace(plan.namespace)
            if not any(link.startswith(PREFIX) for link in _links()):
                self._settings.restore()
        except (CommandError, OSError) as error:
            raise NetworkError(f"The network of the region can't be removed: {error}") from error

    def listen(self, address: str, port: int) -> socket.socket:
        """Return a TCP socket that listens inside the region; OSError if it can't."""
        with self.entered():
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
        return listener

    def entered(self) -> AbstractContextManager[None]:
        """Return a block in which the calling thread is inside the region."""
        return inside_network(self.namespace)

    def command(self, argv: Sequence[str]) -> list[str]:
        """Return the command that runs `argv` inside the region."""
        return ["nsenter", f"--net={self.namespace}", "--", *argv]

    def hold(self, address: str) -> None:
        """Give the region itself an address of the range: a load balancer's."""
        self._inside(f"addr replace {address}/32 dev {self.plan.bridge}")

    def release(self, address: str) -> None:
        """Take an address away that `hold` gave; nothing happens if it is not there."""
        if address in self.held():
            self._inside(f"addr del {address}/32 dev {self.plan.bridge}")

    def held(self) -> frozenset[str]:
        """Return the addresses that `hold` has given."""
        own = {self.plan.gateway, METADATA_ADDRESS}
        return frozenset(_addresses(self.plan.namespace, self.plan.bridge)) - own

    def attach(self, instance: str, *, address: str, mac: str, subnet: str) -> Path:
        """Give a machine its namespace, with its address on a port of the bridge.

        Returns the namespace's file.  What was left of an earlier attempt is replaced: the
        namespace comes first and goes last, so without it there is nothing.
        """
        plan = self.plan
        port, inside = plan.port(instance), plan.machine_namespace(instance)
        length = subnet.partition("/")[2]
        if (NAMED / inside).exists():
            self.detach(instance)
        add_namespace(inside)
        try:
            with inside_network(NAMED / inside):
                for name, value in _MACHINE_SETTINGS:
                    Path("/proc/sys/net", name).write_text(value)
            self._nft(port_element(port, mac, address))
            self._inside(
                f"link add {port} type veth peer name eth0 address {mac} netns {inside}",
                f"link set {port} master {plan.bridge} up",
                f"link set {port} type bridge_slave isolated on mcast_flood off",
                f"neigh replace {address} lladdr {mac} dev {plan.bridge} nud permanent",
            )
            _batch(
                inside,
                "link set lo up",
                f"addr add {address}/{length} broadcast + dev eth0",
                "link set eth0 up",
                f"route add default via {first_address(subnet)}",
            )
        except (CommandError, OSError) as error:
            raise NetworkError(f"{instance} can't be given its network: {error}") from error
        return NAMED / inside

    def detach(self, instance: str) -> None:
        """Take a machine's port and namespace away; nothing happens if there are none."""
        plan = self.plan
        try:
            if is_network(self.namespace):
                self._forget(plan.port(instance))
            remove_namespace(plan.machine_namespace(instance))
        except (CommandError, OSError) as error:
            raise NetworkError(f"The network of {instance} can't be removed: {error}") from error

    def expose(self, exposures: Sequence[Exposure]) -> None:
        """Let through what the exposures say, and nothing else; all or nothing."""
        try:
            self._nft(security_rules(self.plan, exposures))
        except CommandError as error:
            raise NetworkError(f"The security groups can't be put into effect: {error}") from error

    def _check_range(self) -> None:
        own = {self.plan.host_link}
        routes = json.loads(run(["ip", "-4", "-j", "route", "show", "table", "all"]).stdout)
        taken = [
            destination
            for route in routes
            if route.get("dev") not in own and (destination := _destination(route))
        ]
        if others := overlapping(self.plan.network, taken):
            raise NetworkError(
                f"The region's network {self.plan.network} can't be used on this machine now: it "
                f"has a route to {others[0]} already.  Remove that route, or make a new region."
            )

    def _link(self) -> None:
        plan = self.plan
        if plan.host_link not in _links():
            run(
                f"ip link add {plan.host_link} type veth "
                f"peer name {plan.uplink} netns {plan.namespace}".split()
            )
        _batch(
            None,
            f"addr replace {plan.host_address} peer {plan.gateway} dev {plan.host_link}",
            f"link set {plan.host_link} addrgenmode none up",
        )
        if plan.bridge not in _links(plan.namespace):
            # With an address of its own: else it takes a port's, and machines that have
            # learnt it lose their way when that port goes.
            self._inside(
                f"link add {plan.bridge} address {plan.bridge_mac} "
                "type bridge stp_state 0 mcast_snooping 0"
            )

    def _set_up_inside(self) -> None:
        plan = self.plan
        self._inside(
            "link set lo up",
            f"addr replace {plan.gateway}/{plan.prefix_length} dev {plan.bridge}",
            f"addr replace {METADATA_ADDRESS}/32 dev {plan.bridge}",
            f"link set {plan.bridge} up",
            f"link set {plan.uplink} up",
            f"route replace {plan.host_address}/32 dev {plan.uplink} src {plan.gateway}",
            f"route replace default via {plan.host_address} dev {plan.uplink} onlink "
            f"src {plan.gateway}",
        )
        with self.entered():
            for name, value in _SETTINGS:
                Path("/proc/sys/net", name.format(bridge=plan.bridge)).write_text(value)
        # Last: only now are there answers.
        _batch(
            None,
            f"route replace {plan.network} via {plan.gateway} dev {plan.host_link} "
            f"src {plan.host_address}",
        )

    def _load_rules(self) -> None:
        nft(host_rules(self.plan))
        self._nft(port_rules())
        if f"table inet {SECURITY}" not in self._list_tables():
            # Nobody reaches anything until `expose` says what.
            self._nft(security_rules(self.plan, ()))

    def _list_tables(self) -> list[str]:
        return run(self.command(["nft", "list", "tables"])).stdout.splitlines()

    def _forget(self, port: str) -> None:
        """Take a port, what may be sent from it and its address out of the region."""
        if port in _links(self.plan.namespace):
            self._inside(f"link delete {port}")
        argv = ["nft", "-j", "list", "set", "bridge", SPOOFING, "ports"]
        for mac, address in elements_of(port, run(self.command(argv)).stdout):
            # The element last: it alone tells the address.
            run(["ip", "-n", self.plan.namespace, "neigh", "flush", "to", address, "nud", "all"])
            self._nft("delete " + port_element(port, mac, address).removeprefix("add "))

    def _inside(self, *lines: str) -> None:
        _batch(self.plan.namespace, *lines)

    def _nft(self, rules: str) -> None:
        run(self.command(["nft", "-f", "-"]), stdin=rules)


def add_namespace(name: str) -> None:
    """Make a network namespace with a name, unless there is one."""
    path = NAMED / name
    if is_network(path):
        return
    try:
        # Left by a machine that was switched off where /run is on a disk, or by a crash.
        path.unlink(missing_ok=True)
        run(["ip", "netns", "add", name])
    except (CommandError, OSError) as error:
        raise NetworkError(f"The network namespace {name} can't be made: {error}") from error


def remove_namespace(name: str) -> None:
    """Remove a network namespace's name, and with it what is in it once nobody runs there."""
    path = NAMED / name
    if is_network(path):
        run(["ip", "netns", "delete", name])
    path.unlink(missing_ok=True)


def nft(rules: str) -> None:
    """Put rules into effect in the host's own namespace, in one transaction."""
    run(["nft", "-f", "-"], stdin=rules)


def _batch(namespace: str | None, *lines: str) -> None:
    where = ["-n", namespace] if namespace is not None else []
    run(["ip", *where, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _links(namespace: str | None = None) -> set[str]:
    where = ["-n", namespace] if namespace is not None else []
    return {link["ifname"] for link in json.loads(run(["ip", *where, "-j", "link"]).stdout)}


def _addresses(namespace: str, link: str) -> list[str]:
    found = run(["ip", "-n", namespace, "-4", "-j", "addr", "show", "dev", link]).stdout
    return [str(address["local"]) for address in json.loads(found)[0]["addr_info"]]


def _destination(route: dict[str, Any]) -> str | None:
    """Return where a route leads; None for the default and for what never leaves the machine."""
    if route.get("type", "unicast") in {"local", "broadcast", "multicast"}:
        return None
    destination = str(route["dst"])
    return None if destination == "default" else destination
