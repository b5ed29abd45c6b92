"""Hosts for boot tests: network namespaces that stand for a machine, and what else it needs."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import socket
from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.networks.bridge import RegionNetwork, add_namespace, remove_namespace
from cotta.region.networks.plan import PREFIX, NetworkPlan, name_region
from cotta.system.kernel import HostSettings
from cotta.system.namespaces import NAMED, inside_network
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTSIDE: Final = "198.51.100.1"
HOST: Final = "198.51.100.2"

# Long enough for a loaded machine to answer, short enough to wait for no answer.
_ANSWER_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 0.4


def needs(*programs: str) -> None:
    """Skip the test, loudly, unless this is root on a machine with these programs."""
    missing = [program for program in programs if shutil.which(program) is None]
    if os.geteuid() != 0:
        missing.insert(0, "root")
    if not missing and not _can_make_namespaces():
        missing.append("permission to make namespaces")
    if missing:
        pytest.skip(f"MISSING FOR BOOT TESTS: {', '.join(missing)} (see .ci/run)")


@functools.cache
def _can_make_namespaces() -> bool:
    try:
        run(["unshare", "--net", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
    except CommandError:
        return False
    return True


@contextlib.contextmanager
def a_host(folder: Path) -> Iterator[RegionNetwork]:
    """Run a block as if on a host of its own, with a way out; give its region's network.

    The calling thread, and all that it starts, is inside a network namespace that
    stands for the host, so nothing of this machine's own network is touched.
    """
    needs("ip", "nft", "nsenter", "unshare", "mount")
    region = name_region(str(folder))
    host, outside = f"t-host-{region}", f"t-out-{region}"
    try:
        for namespace in (host, outside):
            add_namespace(namespace)
            run(["ip", "-n", namespace, "link", "set", "lo", "up"])
        run(f"ip -n {host} link add wan type veth peer name wan netns {outside}".split())
        for namespace, address in ((host, HOST), (outside, OUTSIDE)):
            run(["ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", "wan"])
            run(["ip", "-n", namespace, "link", "set", "wan", "up"])
        run(["ip", "-n", host, "route", "add", "default", "via", OUTSIDE])
        with inside_network(NAMED / host):
            network = RegionNetwork(
                NetworkPlan(region, "172.31.0.0/16"), settings=HostSettings(folder / "settings")
            )
            yield network
    finally:
        for left in NAMED.glob(f"{PREFIX}{region}*"):
            remove_namespace(left.name)
        remove_namespace(host)
        remove_namespace(outside)


def namespace_outside(network: RegionNetwork) -> Path:
    """Return the namespace of what is outside the host."""
    return NAMED / f"t-out-{network.plan.region}"


@contextlib.contextmanager
def listener(namespace: Path | None, port: int = 80) -> Iterator[socket.socket]:
    """Listen on every address of a namespace, or of where the caller is.

    The kernel answers; nobody need accept.
    """
    with inside_network(namespace) if namespace else contextlib.nullcontext():
        server = socket.create_server(("", port))
    server.settimeout(_ANSWER_SECONDS)
    with server:
        yield server


def reaches(namespace: Path | None, address: str, port: int = 80, *, source: str = "") -> bool:
    """Say whether a connection comes about, from a namespace or from where the caller is."""
    with inside_network(namespace) if namespace else contextlib.nullcontext():
        client = socket.socket()
    with client:
        client.settimeout(_SILENCE_SECONDS)
        if source:
            client.bind((source, 0))
        try:
            client.connect((address, port))
        except TimeoutError:
            return False
        return True
