"""Write down new instances, with all that belongs to each; and take it away again.

Nothing is booted here: rows say what is wanted, and the controller acts.  RunInstances and Auto
Scaling both launch so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.launching.addresses import free_addresses, mac_of
from cotta.region.launching.choices import choose
from cotta.region.lifecycle import Event, advance
from cotta.region.model import (
    Address,
    Attachment,
    BlockDevice,
    Instance,
    InstanceId,
    InstanceState,
    NetworkInterface,
    NetworkInterfaceId,
    StateReason,
    Volume,
    VolumeId,
)
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import ADDRESSES, INSTANCES, NETWORK_INTERFACES, VOLUMES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cotta.region.launching.choices import Chosen
    from cotta.region.launching.requests import LaunchRequest
    from cotta.region.model import Account, ImageDevice
    from cotta.region.store.store import Reading, Writing
    from cotta.system.ids import IdSource

# An instance in one of these has a machine, or is about to.
ALIVE: Final = frozenset({InstanceState.PENDING, InstanceState.RUNNING, InstanceState.STOPPING})

BY_REQUEST: Final = StateReason(
    "Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown"
)


def launch(
    rows: Writing, wanted: LaunchRequest, *, now: datetime, ids: IdSource, account: Account
) -> list[Instance]:
    """Write `pending` instances, their interfaces and volumes; return the instances.

    There are `wanted.most` of them, or as many as there is room for, but never less than
    `wanted.least`: then, and for whatever else AWS would refuse, `ApiError`.
    """
    chosen = choose(rows, wanted)
    room = _room(rows, account, wanted.instance_type)
    if room < wanted.least:
        raise _no_room(account, wanted, room)
    count = min(wanted.most, room)
    addresses = free_addresses(rows, chosen.subnet, count, wanted=wanted.private_ip)
    if len(addresses) < wanted.least:
        raise ApiError(
            "InsufficientFreeAddressesInSubnet",
            f"There are not enough free addresses in subnet '{chosen.subnet.id}' to satisfy the "
            "requested number of instances.",
        )
    reservation = new_id("r", ids)
    return [
        _write(rows, wanted, chosen, address, index, reservation, now=now, ids=ids)
        for index, address in enumerate(addresses)
    ]


def check_room(rows: Reading, account: Account, instance_type: str) -> None:
    """Refuse with `ApiError` if this machine has no room for one more instance of a type."""
    if _room(rows, account, instance_type) < 1:
        raise ApiError(
            "InsufficientInstanceCapacity",
            f"There is not enough capacity for an instance of the type {instance_type}. "
            "Terminate or stop others first.",
        )


def _room(rows: Reading, account: Account, instance_type: str) -> int:
    """Return how many more instances of a type there is room for."""
    if account.most_instances is None and account.most_memory_mib is None:
        return 1_000
    alive = [instance for state in ALIVE for instance in rows.all(INSTANCES, state=state.value)]
    rooms = []
    if account.most_instances is not None:
        rooms.append(account.most_instances - len(alive))
    if account.most_memory_mib is not None:
        used = sum(INSTANCE_TYPES[instance.instance_type].memory_mib for instance in alive)
        free = account.most_memory_mib - used
        rooms.append(free // INSTANCE_TYPES[instance_type].memory_mib)
    return max(min(rooms), 0)


def _no_room(account: Account, wanted: LaunchRequest, room: int) -> ApiError:
    if account.most_instances is not None and wanted.least > account.most_instances:
        return ApiError(
            "InstanceLimitExceeded",
            f"You have requested more instances ({wanted.least}) than your current instance limit "
            f"of {account.most_instances} allows for the specified instance type.",
        )
    return ApiError(
        "InsufficientInstanceCapacity",
        f"There is capacity for {room} more instances of the type {wanted.instance_type}, and "
        f"{wanted.least} were requested. Terminate others first, or take a smaller type.",
    )


# --- one instance ---------------------------------------------------------------------


def _write(
    rows: Writing,
    wanted: LaunchRequest,
    chosen: Chosen,
    address: str,
    index: int,
    reservation: str,
    *,
    now: datetime,
    ids: IdSource,
) -> Instance:
    """Write one instance with its interface and volumes."""
    instance_id = InstanceId(new_id("i", ids))
    interface = NetworkInterface(
        id=NetworkInterfaceId(new_id("eni", ids)),
        vpc_id=chosen.subnet.vpc_id,
        subnet_id=chosen.subnet.id,
        zone=chosen.subnet.zone,
        private_ip=address,
        public_ip=address if chosen.with_public_ip else None,
        mac=mac_of(address),
        created_at=now,
        security_groups=chosen.security_groups,
        description=wanted.interface_description,
        instance_id=instance_id,
        attachment_id=new_id("eni-attach", ids),
        attached_at=now,
        delete_on_termination=wanted.interface_ends_with_instance,
        tags=wanted.tags.get("network-interface", {}),
    )
    rows.add(NETWORK_INTERFACES, interface)
    devices = tuple(
        _write_volume(rows, wanted, chosen, device, instance_id, now=now, ids=ids)
        for device in chosen.devices
    )
    instance = Instance(
        id=instance_id,
        image_id=chosen.image.id,
        instance_type=wanted.instance_type,
        state=InstanceState.PENDING,
        launched_at=now,
        state_changed_at=now,
        reservation_id=reservation,
        zone=interface.zone,
        subnet_id=interface.subnet_id,
        vpc_id=interface.vpc_id,
        network_interface_id=interface.id,
        private_ip=address,
        public_ip=interface.public_ip,
        mac=interface.mac,
        security_groups=chosen.security_groups,
        launch_index=index,
        key_name=wanted.key_name,
        instance_profile=chosen.instance_profile,
        user_data=wanted.user_data,
        client_token=wanted.client_token,
        image_digest=chosen.image.digest,
        architecture=chosen.image.architecture,
        root_device_name=chosen.image.root_device_name,
        block_devices=devices,
        shutdown_behavior=wanted.shutdown_behavior,
        monitoring="enabled" if wanted.monitoring else "disabled",
        ebs_optimized=wanted.ebs_optimized,
        disable_api_termination=wanted.disable_api_termination,
        disable_api_stop=wanted.disable_api_stop,
        ena_support=chosen.image.ena_support,
        credit_specification=chosen.credit_specification,
        metadata=chosen.metadata,
        launched_from=wanted.launched_from,
        tags={**wanted.tags.get("instance", {}), **_template_tags(wanted)},
    )
    rows.add(INSTANCES, instance)
    return instance


def _template_tags(wanted: LaunchRequest) -> dict[str, str]:
    """Return the tags by which AWS says which template an instance was started from."""
    source = wanted.launched_from
    if source is None:
        return {}
    return {
        "aws:ec2launchtemplate:id": source.template_id,
        "aws:ec2launchtemplate:version": str(source.version),
    }


def _write_volume(
    rows: Writing,
    wanted: LaunchRequest,
    chosen: Chosen,
    device: ImageDevice,
    instance_id: InstanceId,
    *,
    now: datetime,
    ids: IdSource,
) -> BlockDevice:
    """Write the volume of a device; return the device."""
    volume = Volume(
        id=VolumeId(new_id("vol", ids)),
        zone=chosen.subnet.zone,
        size_gib=device.size_gib,
        created_at=now,
        volume_type=device.volume_type,
        iops=device.iops,
        throughput=device.throughput,
        encrypted=device.encrypted,
        snapshot_id=device.snapshot_id,
        attachment=Attachment(
            instance_id=instance_id,
            device_name=device.device_name,
            attached_at=now,
            delete_on_termination=device.delete_on_termination,
        ),
        tags=wanted.tags.get("volume", {}),
    )
    rows.add(VOLUMES, volume)
    return BlockDevice(
        device_name=device.device_name,
        volume_id=volume.id,
        attached_at=now,
        delete_on_termination=device.delete_on_termination,
    )


# --- the end ---------------------------------------------------------------------------


def terminate(
    rows: Writing, ids: Iterable[str], now: datetime, reason: StateReason = BY_REQUEST
) -> list[tuple[Instance, Instance]]:
    """Have instances shut down for good; return each as it was and as it is now.

    Whether a person may do that is not asked here.  Every id must be an instance's.
    """
    changed = []
    for instance_id in dict.fromkeys(ids):
        before = rows.find(INSTANCES, instance_id)
        assert before is not None, f"{instance_id} is no instance"
        after = advance(before, Event.TERMINATE_REQUESTED, now=now, reason=reason)
        if after is not before:
            after = replace(after, transition_reason=transition_reason(now))
            rows.put(INSTANCES, after)
        changed.append((before, after))
    return changed


def transition_reason(now: datetime) -> str:
    """Return why an instance changed its state, as the API says it of a request."""
    return f"User initiated ({now:%Y-%m-%d %H:%M:%S} GMT)"


def let_go(rows: Writing, instance: Instance, *, now: datetime) -> None:
    """Take away what belonged to an instance that has become `terminated`.

    Volumes that don't end with it become available.  Its interface stays, with the time,
    where it ends with the instance: the address is nobody else's for a while, as targets drain.
    """
    for device in instance.block_devices:
        volume = rows.find(VOLUMES, device.volume_id)
        if volume is None:
            continue
        if device.delete_on_termination:
            rows.remove(VOLUMES, volume.id)
        else:
            rows.put(VOLUMES, replace(volume, state="available", attachment=None))
    interface = rows.find(NETWORK_INTERFACES, instance.network_interface_id)
    if interface is not None and interface.instance_id == instance.id:
        released_at = now if interface.delete_on_termination else None
        free = replace(
            interface,
            released_at=released_at,
            instance_id=None,
            attachment_id=None,
            attached_at=None,
        )
        rows.put(NETWORK_INTERFACES, free)
    for address in rows.all(ADDRESSES, instance_id=instance.id):
        rows.put(
            ADDRESSES,
            Address(
                allocation_id=address.allocation_id,
                public_ip=address.public_ip,
                tags=address.tags,
            ),
        )
