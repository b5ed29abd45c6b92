"""What a machine is started from, gathered from the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.machines.driver import MachineSpec
from cotta.region.store.kinds import IMAGES, SUBNETS, VOLUMES, VPCS

if TYPE_CHECKING:
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading

# Enough for any service, and few enough that a fork bomb stays its own problem.
_PIDS: Final = 4096
_USUAL_DISK_GIB: Final = 8


def spec_of(rows: Reading, instance: Instance) -> MachineSpec:
    """Return the spec of an instance's machine.

    The image may be gone: its content is named by the instance too.
    """
    image = rows.find(IMAGES, instance.image_id)
    subnet = rows.find(SUBNETS, instance.subnet_id)
    vpc = rows.find(VPCS, instance.vpc_id)
    assert subnet is not None, f"{instance.id} is in a subnet that is not there"
    assert vpc is not None, f"{instance.id} is in a network that is not there"
    kind = INSTANCE_TYPES[instance.instance_type]
    return MachineSpec(
        id=instance.id,
        boot=instance.boot,
        image_digest=instance.image_digest or (image.digest if image is not None else None) or "",
        private_ip=instance.private_ip,
        mac=instance.mac,
        subnet_cidr=subnet.cidr,
        network_cidr=vpc.cidr,
        host_name=f"ip-{instance.private_ip.replace('.', '-')}",
        memory_mib=kind.memory_mib,
        cpus=float(kind.vcpus),
        pids=_PIDS,
        disk_gib=_disk_gib(rows, instance),
        default_user=image.default_user if image is not None else "admin",
    )


def _disk_gib(rows: Reading, instance: Instance) -> int:
    for device in instance.block_devices:
        if device.device_name == instance.root_device_name:
            volume = rows.find(VOLUMES, device.volume_id)
            return volume.size_gib if volume is not None else _USUAL_DISK_GIB
    return _USUAL_DISK_GIB
