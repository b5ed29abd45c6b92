"""An instance changed in place: what can be while it runs, and what stops it for a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.connection import timeout
from cotta.providers.aws.ec2_tags import update_tags
from cotta.providers.aws.instances.fields import METADATA
from cotta.providers.aws.instances.finding import INSTANCE
from cotta.providers.aws.instances.launching import user_data_of
from cotta.providers.aws.plain import same_plain
from cotta.providers.aws.tags import as_list, difference
from cotta.providers.aws.wire import to_wire

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_USUAL: Final = timedelta(minutes=10)
# What only an instance that is stopped takes.
WHILE_STOPPED: Final = ("instance_type", "user_data", "user_data_base64")


def change_instance(on: Connection, prior: Fields, wanted: Fields) -> None:
    """Make an instance as it is wanted.  Raises CloudError and WaitEndedError."""
    id_ = prior["id"]
    changed = {name for name in wanted if not same_plain(prior.get(name), wanted[name])}
    update_tags(on, id_, prior, wanted)
    _change_volumes(on, prior, wanted, changed)
    if "iam_instance_profile" in changed:
        _change_profile(on, id_, wanted["iam_instance_profile"])
    if changed & set(WHILE_STOPPED):
        _change_stopped(on, prior, wanted, changed)
    for name, member in (
        ("source_dest_check", "SourceDestCheck"),
        ("disable_api_stop", "DisableApiStop"),
        ("disable_api_termination", "DisableApiTermination"),
        ("instance_initiated_shutdown_behavior", "InstanceInitiatedShutdownBehavior"),
    ):
        if name in changed and wanted[name] is not None:
            _modify(on, id_, **{member: {"Value": wanted[name]}})
    if "vpc_security_group_ids" in changed and wanted["vpc_security_group_ids"]:
        _modify(on, id_, Groups=wanted["vpc_security_group_ids"])
    if "monitoring" in changed:
        operation = "MonitorInstances" if wanted["monitoring"] else "UnmonitorInstances"
        on.call("ec2", operation, InstanceIds=[id_])
    _change_options(on, id_, wanted, changed)


def _modify(on: Connection, id_: str, **attribute: Any) -> None:
    on.call("ec2", "ModifyInstanceAttribute", InstanceId=id_, **attribute)


def _change_options(on: Connection, id_: str, wanted: Fields, changed: set[str]) -> None:
    if "metadata_options" in changed and wanted["metadata_options"]:
        options = to_wire(METADATA.fields, wanted["metadata_options"][0] or {})
        on.call("ec2", "ModifyInstanceMetadataOptions", InstanceId=id_, **options)
    if "credit_specification" in changed and wanted["credit_specification"]:
        credits = wanted["credit_specification"][0]["cpu_credits"]
        on.call(
            "ec2",
            "ModifyInstanceCreditSpecification",
            InstanceCreditSpecifications=[{"InstanceId": id_, "CpuCredits": credits}],
        )
    if "maintenance_options" in changed and wanted["maintenance_options"]:
        recovery = wanted["maintenance_options"][0]["auto_recovery"]
        on.call("ec2", "ModifyInstanceMaintenanceOptions", InstanceId=id_, AutoRecovery=recovery)


def _change_profile(on: Connection, id_: str, name: str | None) -> None:
    filters = [{"Name": "instance-id", "Values": [id_]}]
    found = on.call("ec2", "DescribeIamInstanceProfileAssociations", Filters=filters)
    associations = [
        each["AssociationId"]
        for each in found["IamInstanceProfileAssociations"]
        if each["State"] in ("associating", "associated")
    ]
    if not name:
        for each in associations:
            on.call("ec2", "DisassociateIamInstanceProfile", AssociationId=each)
    elif associations:
        on.call(
            "ec2",
            "ReplaceIamInstanceProfileAssociation",
            AssociationId=associations[0],
            IamInstanceProfile={"Name": name},
        )
    else:
        on.call(
            "ec2",
            "AssociateIamInstanceProfile",
            InstanceId=id_,
            IamInstanceProfile={"Name": name},
        )


def _change_stopped(on: Connection, prior: Fields, wanted: Fields, changed: set[str]) -> None:
    id_, at_most = prior["id"], timeout(wanted, "update", _USUAL)
    on.say(f"{id_}: stopping it for a change of {', '.join(sorted(changed & set(WHILE_STOPPED)))}")
    on.call("ec2", "StopInstances", InstanceIds=[id_])
    wait_for_state(on, id_, "stopped", at_most)
    try:
        if "instance_type" in changed:
            _modify(on, id_, InstanceType={"Value": wanted["instance_type"]})
        if changed & {"user_data", "user_data_base64"}:
            _modify(on, id_, UserData={"Value": user_data_of(on, wanted) or b""})
    finally:
        # Whatever came of the change: it ran before, so it is to run.
        on.call("ec2", "StartInstances", InstanceIds=[id_])
    wait_for_state(on, id_, "running", at_most)


def wait_for_state(on: Connection, id_: str, state: str, at_most: timedelta) -> None:
    """Wait until an instance is in a state."""

    def look() -> bool | None:
        found = on.find(INSTANCE, id_)
        return True if found is not None and found["State"]["Name"] == state else None

    on.wait(look, f"{id_} to be {state}", at_most=at_most, pause=3)


def _change_volumes(on: Connection, prior: Fields, wanted: Fields, changed: set[str]) -> None:
    if (
        "root_block_device" in changed
        and prior["root_block_device"]
        and wanted["root_block_device"]
    ):
        before, after = prior["root_block_device"][0], wanted["root_block_device"][0]
        parameters = {
            member: after[name]
            for name, member in (
                ("volume_size", "Size"),
                ("volume_type", "VolumeType"),
                ("iops", "Iops"),
                ("throughput", "Throughput"),
            )
            if after[name] and after[name] != before[name]
        }
        if parameters:
            on.call("ec2", "ModifyVolume", VolumeId=before["volume_id"], **parameters)
        if before["delete_on_termination"] != after["delete_on_termination"]:
            device = {
                "DeviceName": before["device_name"],
                "Ebs": {"DeleteOnTermination": bool(after["delete_on_termination"])},
            }
            _modify(on, prior["id"], BlockDeviceMappings=[device])
        update_tags(on, before["volume_id"], before, after)
    if "volume_tags" in changed:
        gone, new = difference(prior["volume_tags"] or {}, wanted["volume_tags"] or {})
        ids = [
            each["volume_id"]
            for name in ("root_block_device", "ebs_block_device")
            for each in prior[name] or ()
        ]
        if ids and gone:
            on.call("ec2", "DeleteTags", Resources=ids, Tags=[{"Key": key} for key in gone])
        if ids and new:
            on.call("ec2", "CreateTags", Resources=ids, Tags=as_list(new))
