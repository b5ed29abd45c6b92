"""The instance types: what each has, which is also what limits its machine.

Sizes are AWS's own.  All are of x86_64; a machine runs on this host's processors, so a
family says nothing of its speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """One instance type."""

    name: str
    vcpus: int
    memory_mib: int
    is_burstable: bool
    threads_per_core: int
    # xen before nitro
    hypervisor: str
    processor_maker: str
    clock_ghz: float
    network_performance: str
    interfaces: int
    addresses_per_interface: int

    @property
    def family(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class _Family:
    """What the types of a family have in common; `sizes`: (vCPUs, memory in MiB)."""

    sizes: Mapping[str, tuple[int, int]]
    clock_ghz: float
    maker: str = "Intel"
    is_burstable: bool = False
    hypervisor: str = "nitro"


_LARGE: Final = {
    "large": 2,
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "12xlarge": 48,
    "16xlarge": 64,
    "24xlarge": 96,
}
_BURSTABLE: Final = {
    "nano": (2, 512),
    "micro": (2, 1024),
    "small": (2, 2048),
    "medium": (2, 4096),
    "large": (2, 8192),
    "xlarge": (4, 16384),
    "2xlarge": (8, 32768),
}


def _sizes(gib_per_vcpu: int, **special: int) -> dict[str, tuple[int, int]]:
    """Return a family's sizes from `large` up; `special` are sizes with vCPUs of their own."""
    vcpus = {name: count for name, count in _LARGE.items() if name not in special} | special
    return {name: (count, count * gib_per_vcpu * 1024) for name, count in vcpus.items() if count}


# Of the generation before the last: 9xlarge and 18xlarge in the place of 8 and 16.
_C5: Final = {"8xlarge": 0, "16xlarge": 0, "9xlarge": 36, "18xlarge": 72}

_FAMILIES: Final[Mapping[str, _Family]] = {
    # What a request without a type gets.
    "m1": _Family({"small": (1, 1740)}, 2.0, hypervisor="xen"),
    "t2": _Family(
        {**_BURSTABLE, "nano": (1, 512), "micro": (1, 1024), "small": (1, 2048)},
        2.3,
        is_burstable=True,
        hypervisor="xen",
    ),
    "t3": _Family(_BURSTABLE, 2.5, is_burstable=True),
    "t3a": _Family(_BURSTABLE, 2.2, "AMD", is_burstable=True),
    "m5": _Family(_sizes(4), 3.1),
    "m5a": _Family(_sizes(4), 2.5, "AMD"),
    "m6a": _Family(_sizes(4), 3.6, "AMD"),
    "m6i": _Family(_sizes(4), 3.5),
    "m7a": _Family({"medium": (1, 4096), **_sizes(4)}, 3.7, "AMD"),
    "m7i": _Family(_sizes(4), 3.2),
    "c5": _Family(_sizes(2, **_C5), 3.4),
    "c5a": _Family(_sizes(2), 3.3, "AMD"),
    "c6a": _Family(_sizes(2), 3.6, "AMD"),
    "c6i": _Family(_sizes(2), 3.5),
    "c7a": _Family({"medium": (1, 2048), **_sizes(2)}, 3.7, "AMD"),
    "c7i": _Family(_sizes(2), 3.2),
    "r5": _Family(_sizes(8), 3.1),
    "r6i": _Family(_sizes(8), 3.5),
    "r7i": _Family(_sizes(8), 3.2),
}


def _type(family_name: str, size: str, family: _Family) -> InstanceType:
    vcpus, memory_mib = family.sizes[size]
    is_small = vcpus <= 2
    return InstanceType(
        name=f"{family_name}.{size}",
        vcpus=vcpus,
        memory_mib=memory_mib,
        is_burstable=family.is_burstable,
        # AMD's 7a families give whole cores, as does everything with one vCPU.
        threads_per_core=1 if vcpus == 1 or family_name.endswith("7a") else 2,
        hypervisor=family.hypervisor,
        processor_maker=family.maker,
        clock_ghz=family.clock_ghz,
        network_performance="Up to 5 Gigabit" if family.is_burstable else "Up to 12.5 Gigabit",
        interfaces=3 if is_small else 4 if vcpus <= 8 else 8,
        addresses_per_interface=10 if is_small else 15 if vcpus <= 8 else 30,
    )


INSTANCE_TYPES: Final[Mapping[str, InstanceType]] = {
    found.name: found
    for found in (
        _type(name, size, family) for name, family in _FAMILIES.items() for size in family.sizes
    )
}
