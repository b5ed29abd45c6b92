"""The machine on which an image is made: launched, and ended with everything it leaves."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import tag_specifications
from cotta.builder.sources.amazon.work import Instance
from cotta.clouds.errors import CloudError
from cotta.clouds.tags import RUN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.builder.options.values import Options
    from cotta.builder.sources.amazon.work import Work
    from cotta.builder.steps import Outcome

_STARTING: Final = timedelta(minutes=10)
# Our own code for a profile that is not known everywhere yet.
_YOUNG_PROFILE: Final = "Cotta.YoungProfile"


class Launch:
    """The machine."""

    name = "launching the instance"

    def __init__(self, work: Work) -> None:
        self._work = work

    def run(self) -> None:
        """Launch it and wait until it runs."""
        work = self._work
        work.ui.say("Launching a source AWS instance...")
        for key, value in sorted(work.tags("run_tags", "run_tag").items()):
            work.ui.message(f'Adding tag: "{key}": "{value}"')
        token = f"cotta-{work.baking.run.ids.hexadecimal(32)}"
        number = work.making("instance", token, **kept_devices(work.options))
        work.instance_number = number
        parameters = launch_parameters(work)
        # The same request twice, because its first answer was lost say, is one machine.
        launched = _persist(work, parameters, token)
        instance = launched["Instances"][0]["InstanceId"]
        work.baking.journal.is_made(number, instance)
        work.ui.message(f"Instance ID: {instance}")
        wait_until_running(work, instance)

    def undo(self, _: Outcome) -> None:
        """End it, and delete the volumes that it leaves."""
        if self._work.instance_number is not None:
            self._work.ui.say("Terminating the source AWS instance...")
            self._work.remove(self._work.instance_number)
            self._work.ui.say("Cleaning up any extra volumes...")
            self._work.instance_number = None


def _persist(work: Work, parameters: dict[str, Any], token: str) -> dict[str, Any]:
    def launch() -> dict[str, Any]:
        try:
            return work.cloud.ask(
                "RunInstances", MinCount=1, MaxCount=1, ClientToken=token, **parameters
            )
        except CloudError as error:
            # A profile that was made just now.
            if work.profile and "iamInstanceProfile" in error.message:
                raise CloudError("ec2", "RunInstances", _YOUNG_PROFILE, error.message) from error
            raise

    return work.cloud.persist(_young(work), launch, "what the instance needs")


def _young(work: Work) -> list[str]:
    """Return the codes by which AWS refuses what this build made a moment ago.

    It is not known everywhere at once.  What the template names is, or is a mistake.
    """
    options, codes = work.options, []
    if work.private_key:
        codes.append("InvalidKeyPair.NotFound")
    names = ("security_group_id", "security_group_ids", "security_group_filter")
    if not any(options.is_set(name) for name in names):
        codes += ["InvalidGroup.NotFound", "InvalidGroupId"]
    if options.block("temporary_iam_instance_profile_policy_document") is not None:
        codes.append(_YOUNG_PROFILE)
    return codes


def wait_until_running(work: Work, instance: str) -> None:
    """Wait for an instance to run, and note how it is reached."""
    work.ui.say(f"Waiting for instance ({instance}) to become ready...")

    def look() -> Instance | None:
        found = described(work, instance)
        if found is None or found["State"]["Name"] == "pending":
            return None
        if found["State"]["Name"] != "running":
            reason = found.get("StateReason", {}).get("Message", "no reason was given")
            raise BuildError(
                f"The instance {instance} is {found['State']['Name']} instead of running: {reason}"
            )
        return Instance(
            id=instance,
            public_ip=found.get("PublicIpAddress", ""),
            private_ip=found.get("PrivateIpAddress", ""),
            public_dns=found.get("PublicDnsName", ""),
            private_dns=found.get("PrivateDnsName", ""),
        )

    work.instance = work.cloud.wait(look, f"The instance {instance}", _STARTING)
    for name, value in (
        ("Public DNS", work.instance.public_dns),
        ("Public IP", work.instance.public_ip),
        ("Private IP", work.instance.private_ip),
    ):
        if value and work.baking.run.debug:
            work.ui.message(f"{name}: {value}")


def described(work: Work, instance: str) -> dict[str, Any] | None:
    """Return an instance as it is described; None if it is not known (yet)."""
    try:
        answer = work.cloud.ask("DescribeInstances", InstanceIds=[instance])
    except CloudError as error:
        if error.is_missing:
            return None
        raise
    found = [one for each in answer["Reservations"] for one in each["Instances"]]
    return found[0] if found else None


# --- the request ----------------------------------------------------------------------------


def launch_parameters(work: Work) -> dict[str, Any]:
    """Return what RunInstances is given."""
    options = work.options
    return {
        "ImageId": work.need_image().id,
        "InstanceType": work.baking.instance_type or options.text("instance_type") or None,
        "KeyName": work.key_name or None,
        "BlockDeviceMappings": devices_of(options.blocks("launch_block_device_mappings")) or None,
        "EbsOptimized": options.flag("ebs_optimized") or None,
        "IamInstanceProfile": {"Name": work.profile} if work.profile else None,
        "InstanceInitiatedShutdownBehavior": options.text("shutdown_behavior"),
        "MetadataOptions": metadata_options(options),
        "TagSpecifications": run_tag_specifications(work),
        "UserData": user_data_of(options) or None,
        **_network(work),
        **_placement(work),
        **_extras(options),
    }


def run_tag_specifications(work: Work) -> list[dict[str, Any]]:
    """Return the tags of everything that comes with the machine."""
    volumes = {
        **work.tags("run_volume_tags", "run_volume_tag"),
        RUN_TAG: work.baking.run_tag,
    }
    return [
        *(tag_specifications(work.run_tags, "instance", "network-interface") or []),
        *(tag_specifications(volumes, "volume") or []),
    ]


def _network(work: Work) -> dict[str, Any]:
    public = work.options.maybe_flag("associate_public_ip_address")
    if public is None:
        return {
            "SecurityGroupIds": work.security_groups or None,
            "SubnetId": work.subnet_id or None,
        }
    interface = {
        "DeviceIndex": 0,
        "AssociatePublicIpAddress": public,
        "DeleteOnTermination": True,
        "Groups": work.security_groups,
        **({"SubnetId": work.subnet_id} if work.subnet_id else {}),
    }
    return {"NetworkInterfaces": [interface]}


def _placement(work: Work) -> dict[str, Any]:
    block = work.options.block("placement")
    tenancy = block.text("tenancy") if block is not None else ""
    found = {
        "AvailabilityZone": work.zone,
        "Tenancy": tenancy or work.options.text("tenancy"),
        "HostId": block.text("host_id") if block is not None else "",
        "HostResourceGroupArn": (
            block.text("host_resource_group_arn") if block is not None else ""
        ),
    }
    said = {name: value for name, value in found.items() if value}
    return {"Placement": said} if said else {}


def metadata_options(options: Options) -> dict[str, Any]:
    """Return how the metadata service answers: to tokens alone, unless the template says else."""
    block = options.block("metadata_options")
    if block is None:
        return {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    found: dict[str, Any] = {
        "HttpEndpoint": block.text("http_endpoint"),
        "HttpTokens": block.text("http_tokens"),
        "HttpPutResponseHopLimit": block.number("http_put_response_hop_limit"),
    }
    if block.text("instance_metadata_tags"):
        found["InstanceMetadataTags"] = block.text("instance_metadata_tags")
    return found


def _extras(options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if options.flag("enable_unlimited_credits") or options.flag("enable_t2_unlimited"):
        found["CreditSpecification"] = {"CpuCredits": "unlimited"}
    if options.flag("enable_nitro_enclave"):
        found["EnclaveOptions"] = {"Enabled": True}
    licences = [
        one.text("license_configuration_arn") for one in options.blocks("license_specifications")
    ]
    if licences:
        found["LicenseSpecifications"] = [{"LicenseConfigurationArn": one} for one in licences]
    reservation = options.block("capacity_reservation")
    if reservation is not None:
        found["CapacityReservationSpecification"] = _reservation(reservation)
    return found


def _reservation(block: Options) -> dict[str, Any]:
    prefix = "capacity_reservation"
    target = {
        "CapacityReservationId": block.text(f"{prefix}_id"),
        "CapacityReservationResourceGroupArn": block.text(f"{prefix}_group_arn"),
    }
    target = {name: value for name, value in target.items() if value}
    if target:
        return {"CapacityReservationTarget": target}
    return {"CapacityReservationPreference": block.text(f"{prefix}_preference") or "none"}


def user_data_of(options: Options) -> str:
    """Return user data as text: what is base64 already is what it stands for."""
    text = options.text("user_data")
    if options.text("user_data_file"):
        try:
            text = Path(options.text("user_data_file")).read_text()
        except (OSError, ValueError) as error:
            raise BuildError(f"{options.text('user_data_file')} can't be read: {error}") from error
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text


def devices_of(blocks: Iterable[Options]) -> list[dict[str, Any]]:
    """Return block device mappings as calls take them; what is not said is AWS's to choose.

    A volume goes with its machine unless the template says that it does not: what Packer does by
    itself leaves volumes behind.
    """
    found = []
    for one in blocks:
        mapping: dict[str, Any] = {"DeviceName": one.text("device_name")}
        if one.flag("no_device"):
            mapping["NoDevice"] = ""
        elif one.text("virtual_name"):
            mapping["VirtualName"] = one.text("virtual_name")
        else:
            mapping["Ebs"] = _disk(one)
        found.append(mapping)
    return found


def _disk(one: Options) -> dict[str, Any]:
    is_kept = one.is_set("delete_on_termination") and not one.flag("delete_on_termination")
    disk: dict[str, Any] = {
        "DeleteOnTermination": not is_kept,
        "Encrypted": one.maybe_flag("encrypted"),
        "Iops": one.number("iops") or None,
        "KmsKeyId": one.text("kms_key_id") or None,
        "SnapshotId": one.text("snapshot_id") or None,
        "Throughput": one.number("throughput") or None,
        "VolumeInitializationRate": one.number("volume_initialization_rate") or None,
        "VolumeSize": one.number("volume_size") or None,
        "VolumeType": one.text("volume_type") or None,
    }
    return {name: value for name, value in disk.items() if value is not None}


def kept_devices(options: Options) -> dict[str, str]:
    """Return what the template wants to stay when the machine goes, for the journal."""
    kept = [
        one.text("device_name")
        for one in options.blocks("launch_block_device_mappings")
        if one.is_set("delete_on_termination") and not one.flag("delete_on_termination")
    ]
    return {"kept_devices": " ".join(kept)} if kept else {}
