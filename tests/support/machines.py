"""Machines for tests: specs in which everything that does not matter is filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.machines.driver import MachineSpec
from cotta.region.model import InstanceId

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC: Final = MachineSpec(
    id=InstanceId("i-00000000000000001"),
    boot=1,
    image_digest="0" * 64,
    private_ip="172.31.0.10",
    mac="02:00:00:00:00:10",
    subnet_cidr="172.31.0.0/20",
    network_cidr="172.31.0.0/16",
    host_name="ip-172-31-0-10",
    memory_mib=512,
    cpus=1.0,
    pids=512,
    disk_gib=1,
)


def a_spec(number: int = 1, **changes: Any) -> MachineSpec:
    """Return the spec of the machine with a number, which its id, address and names have too."""
    spec = replace(
        SPEC,
        id=InstanceId(f"i-{number:017x}"),
        private_ip=f"172.31.0.{9 + number}",
        mac=f"02:00:00:00:00:{9 + number:02x}",
        host_name=f"ip-172-31-0-{9 + number}",
    )
    return replace(spec, **changes)


def failing_at(acts: Sequence[str], error: Exception) -> Any:
    """Return a hook that raises `error` before the acts with these names."""

    def before_act(name: str) -> None:
        if name in acts:
            raise error

    return before_act
