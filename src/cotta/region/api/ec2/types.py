"""Instance types: what each has, and that all are offered everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.filters import select
from cotta.region.api.pages import page
from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.wire.errors import ApiError
from cotta.region.zones import ZONES, zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.instance_types import InstanceType
    from cotta.region.store.store import Reading

_OLD: Final = frozenset({"m1", "t2"})


def describe_instance_types(call: Call, _rows: Reading) -> Answer:
    """List instance types."""
    given = call.parameters
    names = given.get("InstanceTypes") or list(INSTANCE_TYPES)
    unknown = [name for name in names if name not in INSTANCE_TYPES]
    if unknown:
        raise ApiError(
            "InvalidInstanceType",
            f"The following supplied instance types do not exist: [{', '.join(unknown)}]",
        )
    chosen = select([INSTANCE_TYPES[name] for name in names], given.get("Filters"), _FIELDS)
    shown, token = page(
        chosen,
        key=lambda it: it.name,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {"InstanceTypes": [_encode_type(one) for one in shown], "NextToken": token}


def _encode_type(it: InstanceType) -> dict[str, Any]:
    cores = it.vcpus // it.threads_per_core
    is_nitro = it.hypervisor == "nitro"
    ena = "required" if is_nitro else "unsupported"
    return {
        "InstanceType": it.name,
        "CurrentGeneration": it.family not in _OLD,
        "FreeTierEligible": it.name in {"t2.micro", "t3.micro"},
        "SupportedUsageClasses": ["on-demand"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": False,
        "Hypervisor": it.hypervisor,
        "ProcessorInfo": {
            "SupportedArchitectures": ["x86_64"],
            "SustainedClockSpeedInGhz": it.clock_ghz,
            "Manufacturer": it.processor_maker,
        },
        "VCpuInfo": {
            "DefaultVCpus": it.vcpus,
            "DefaultCores": cores,
            "DefaultThreadsPerCore": it.threads_per_core,
        },
        "MemoryInfo": {"SizeInMiB": it.memory_mib},
        "InstanceStorageSupported": False,
        "EbsInfo": {
            "EbsOptimizedSupport": "default" if is_nitro else "unsupported",
            "EncryptionSupport": "supported",
            "NvmeSupport": "required" if is_nitro else "unsupported",
        },
        "NetworkInfo": {
            "NetworkPerformance": it.network_performance,
            "MaximumNetworkInterfaces": it.interfaces,
            "MaximumNetworkCards": 1,
            "DefaultNetworkCardIndex": 0,
            "NetworkCards": [
                {
                    "NetworkCardIndex": 0,
                    "NetworkPerformance": it.network_performance,
                    "MaximumNetworkInterfaces": it.interfaces,
                }
            ],
            "Ipv4AddressesPerInterface": it.addresses_per_interface,
            "Ipv6AddressesPerInterface": it.addresses_per_interface,
            "Ipv6Supported": True,
            "EnaSupport": ena,
            "EfaSupported": False,
            "EncryptionInTransitSupported": False,
            "EnaSrdSupported": False,
        },
        "PlacementGroupInfo": {"SupportedStrategies": ["partition", "spread"]},
        "HibernationSupported": False,
        "BurstablePerformanceSupported": it.is_burstable,
        "DedicatedHostsSupported": False,
        "AutoRecoverySupported": False,
        "SupportedBootModes": ["legacy-bios", "uefi"] if is_nitro else ["legacy-bios"],
        "NitroEnclavesSupport": "unsupported",
        "NitroTpmSupport": "unsupported",
        "PhcSupport": "unsupported",
        "SupportedInRegion": True,
    }


_FIELDS: Final[Fields[InstanceType]] = {
    "auto-recovery-supported": lambda _: False,
    "bare-metal": lambda _: False,
    "burstable-performance-supported": lambda it: it.is_burstable,
    "current-generation": lambda it: it.family not in _OLD,
    "dedicated-hosts-supported": lambda _: False,
    "ebs-info.encryption-support": lambda _: "supported",
    "free-tier-eligible": lambda it: it.name in {"t2.micro", "t3.micro"},
    "hibernation-supported": lambda _: False,
    "hypervisor": lambda it: it.hypervisor,
    "instance-storage-supported": lambda _: False,
    "instance-type": lambda it: it.name,
    "memory-info.size-in-mib": lambda it: it.memory_mib,
    "network-info.ena-support": lambda it: (
        "required" if it.hypervisor == "nitro" else "unsupported"
    ),
    "network-info.maximum-network-interfaces": lambda it: it.interfaces,
    "network-info.network-performance": lambda it: it.network_performance,
    "processor-info.supported-architecture": lambda _: "x86_64",
    "processor-info.sustained-clock-speed-in-ghz": lambda it: str(it.clock_ghz),
    "supported-boot-mode": lambda it: (
        ["legacy-bios", "uefi"] if it.hypervisor == "nitro" else "legacy-bios"
    ),
    "supported-root-device-type": lambda _: "ebs",
    "supported-usage-class": lambda _: "on-demand",
    "supported-virtualization-type": lambda _: "hvm",
    "vcpu-info.default-cores": lambda it: it.vcpus // it.threads_per_core,
    "vcpu-info.default-threads-per-core": lambda it: it.threads_per_core,
    "vcpu-info.default-vcpus": lambda it: it.vcpus,
}


def describe_instance_type_offerings(call: Call, _rows: Reading) -> Answer:
    """List where the types are offered: everywhere."""
    given, region = call.parameters, call.region
    kind = given.get("LocationType", "region")
    places = {
        "region": [region],
        "availability-zone": [zone_name(region, letter) for letter in ZONES],
        "availability-zone-id": [zone_id(region, letter) for letter in ZONES],
        "outpost": [],
    }[kind]
    offered = [(name, place) for name in INSTANCE_TYPES for place in places]
    fields: Fields[tuple[str, str]] = {
        "instance-type": lambda offer: offer[0],
        "location": lambda offer: offer[1],
    }
    shown, token = page(
        select(offered, given.get("Filters"), fields),
        key=" ".join,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {
        "InstanceTypeOfferings": [
            {"InstanceType": name, "LocationType": kind, "Location": place} for name, place in shown
        ],
        "NextToken": token,
    }


OPERATIONS: Final[Operations] = {
    "DescribeInstanceTypeOfferings": Reads(describe_instance_type_offerings),
    "DescribeInstanceTypes": Reads(describe_instance_types),
}
