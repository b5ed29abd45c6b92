"""`instance_requirements`: instance types described rather than named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import at_least, each, one_of
from cotta.providers.aws.declare import block, optional, required
from cotta.values.types import BOOL, NUMBER, STRING, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Field, Nested

_NAMES: Final = SetType(STRING)


def _range(wire: str = "", *, fractions: bool = False) -> Nested:
    return block(
        {
            "max": optional(NUMBER, at_least(0), fractions=fractions),
            "min": optional(NUMBER, at_least(0), fractions=fractions, keeps_zero=True),
        },
        wire=wire,
    )


def _needed_range(wire: str) -> Nested:
    return block(
        {
            "max": optional(NUMBER, at_least(1)),
            "min": required(NUMBER, at_least(1), keeps_zero=True),
        },
        at_least=1,
        wire=wire,
    )


def instance_requirements(*, is_needed: bool) -> dict[str, Field]:
    """Return the fields; `is_needed`: a range of processors and of memory has to be given."""
    needed = _needed_range if is_needed else _range
    return {
        "accelerator_manufacturers": optional(
            _NAMES, each(one_of("amazon-web-services", "amd", "habana", "nvidia", "xilinx"))
        ),
        "accelerator_names": optional(_NAMES),
        "accelerator_types": optional(_NAMES, each(one_of("fpga", "gpu", "inference"))),
        "allowed_instance_types": optional(_NAMES, conflicts_with=("excluded_instance_types",)),
        "bare_metal": optional(STRING, one_of("included", "excluded", "required")),
        "burstable_performance": optional(STRING, one_of("included", "excluded", "required")),
        "cpu_manufacturers": optional(_NAMES),
        "excluded_instance_types": optional(_NAMES),
        "instance_generations": optional(_NAMES, each(one_of("current", "previous"))),
        "local_storage": optional(STRING, one_of("included", "excluded", "required")),
        "local_storage_types": optional(_NAMES, each(one_of("hdd", "ssd"))),
        "max_spot_price_as_percentage_of_optimal_on_demand_price": optional(
            NUMBER,
            at_least(1),
            conflicts_with=("spot_max_price_percentage_over_lowest_price",),
        ),
        "on_demand_max_price_percentage_over_lowest_price": optional(NUMBER, at_least(1)),
        "require_hibernate_support": optional(BOOL),
        "spot_max_price_percentage_over_lowest_price": optional(NUMBER, at_least(1)),
        "accelerator_count": _range(),
        "accelerator_total_memory_mib": _range("AcceleratorTotalMemoryMiB"),
        "baseline_ebs_bandwidth_mbps": _range(),
        "memory_gib_per_vcpu": _range("MemoryGiBPerVCpu", fractions=True),
        "memory_mib": needed("MemoryMiB"),
        "network_bandwidth_gbps": _range(fractions=True),
        "network_interface_count": _range(),
        "total_local_storage_gb": _range("TotalLocalStorageGB", fractions=True),
        "vcpu_count": needed("VCpuCount"),
    }
