"""The options of the source `amazon-ebs`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cotta.builder.options.amazon import ACCESS, IMAGE_FILTER, KEY_AND_VALUE, NAMED_VALUES
from cotta.builder.options.communicators import COMMUNICATOR
from cotta.builder.options.declare import Group, Kind, Mistake, Option, Reads, Role, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.values import Options

_NAME, _MACHINERY = Role.NAME, Role.MACHINERY

# Why some options do nothing.
_WINDOWS: Final = "it is for Windows, which is not supported"
_NO_SSM: Final = "the session manager is not supported"


# --- what images are called, and who may see them -----------------------------


def _check_ami_name(name: str) -> str:
    if not 3 <= len(name) <= 128:
        return f"An image's name has 3 to 128 characters; this one has {len(name)}."
    wrong = sorted(set(re.sub(r"[A-Za-z0-9 ()\[\]./\-'@_]", "", name)))
    if wrong:
        return (
            f"An image's name has letters, digits, spaces and ()[]./-'@_ only, not "
            f"{' '.join(wrong)}. The function clean_resource_name of the "
            "{{ }} layer replaces what is not allowed."
        )
    return ""


def _check_time(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return f'"{text}" is no time such as 2027-01-31T00:00:00Z.'
    return ""


_IMAGE: Final = Schema(
    options=(
        Option(name="ami_name", required=True, role=_NAME, rule=_check_ami_name),
        Option(name="ami_description", role=_NAME, held=True),
        Option(name="ami_virtualization_type", default="hvm", choices=("hvm", "paravirtual")),
        Option(name="ami_users", kind=Kind.TEXTS, role=_NAME),
        Option(name="ami_groups", kind=Kind.TEXTS, role=_NAME),
        Option(name="ami_org_arns", kind=Kind.TEXTS, role=_NAME),
        Option(name="ami_ou_arns", kind=Kind.TEXTS, role=_NAME),
        Option(name="ami_product_codes", kind=Kind.TEXTS, role=_NAME),
        Option(name="ami_regions", kind=Kind.TEXTS, role=_NAME),
        Option(name="tags", kind=Kind.MAPPING, role=_NAME, held=True),
        Option(name="snapshot_tags", kind=Kind.MAPPING, role=_NAME, held=True),
        Option(name="snapshot_users", kind=Kind.TEXTS, role=_NAME),
        Option(name="snapshot_groups", kind=Kind.TEXTS, role=_NAME),
        Option(name="snapshot_copy_duration_minutes", kind=Kind.NUMBER, role=_MACHINERY),
        Option(name="ena_support", kind=Kind.TRILEAN),
        Option(name="sriov_support", kind=Kind.FLAG),
        Option(name="encrypt_boot", kind=Kind.TRILEAN, role=_NAME),
        Option(name="kms_key_id", role=_NAME),
        Option(name="region_kms_key_ids", kind=Kind.MAPPING, role=_NAME),
        Option(name="imds_support", choices=("", "v2.0"), role=_NAME),
        Option(name="deprecate_at", role=_NAME, rule=_check_time),
        Option(name="force_deregister", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="force_delete_snapshot", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="skip_create_ami", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="skip_save_build_region", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="skip_ami_run_tags", kind=Kind.FLAG, role=_NAME),
        Option(name="no_ephemeral", kind=Kind.FLAG, role=_MACHINERY, ignored=_WINDOWS),
    ),
    groups=(
        Group(name="tag", schema=KEY_AND_VALUE, role=_NAME),
        Group(name="snapshot_tag", schema=KEY_AND_VALUE, role=_NAME),
        Group(
            name="deregistration_protection",
            schema=Schema(
                options=(
                    Option(name="enabled", kind=Kind.FLAG, role=_NAME),
                    Option(name="with_cooldown", kind=Kind.FLAG, role=_NAME),
                )
            ),
            single=True,
            role=_NAME,
        ),
    ),
    absent=(
        ("fast_launch", "Fast launch is for Windows, which is not supported."),
        *(
            (name, "An image that is made of a machine has this from the image it begins with.")
            for name in ("boot_mode", "tpm_support", "uefi_data")
        ),
    ),
)

# --- disks --------------------------------------------------------------------

_DEVICE: Final = Schema(
    options=(
        Option(name="device_name"),
        Option(name="delete_on_termination", kind=Kind.FLAG),
        Option(name="encrypted", kind=Kind.TRILEAN),
        Option(name="iops", kind=Kind.NUMBER),
        Option(name="kms_key_id"),
        Option(name="no_device", kind=Kind.FLAG),
        Option(name="snapshot_id"),
        Option(name="throughput", kind=Kind.NUMBER),
        Option(name="virtual_name"),
        Option(
            name="volume_type",
            choices=("standard", "gp2", "gp3", "io1", "io2", "sc1", "st1"),
        ),
        Option(name="volume_size", kind=Kind.NUMBER),
        Option(name="volume_initialization_rate", kind=Kind.NUMBER),
    )
)


def _check_devices(options: Options) -> Iterator[Mistake]:
    for name in ("launch_block_device_mappings", "ami_block_device_mappings"):
        for device in options.blocks(name):
            if not device.text("device_name"):
                yield Mistake(
                    name,
                    "Disk without a name",
                    f'Each {name} block needs a device_name, such as "/dev/xvda".',
                )
            if device.text("kms_key_id") and device.maybe_flag("encrypted") is not True:
                yield Mistake(
                    name,
                    "Key without encryption",
                    "A disk that has a kms_key_id must be encrypted: set encrypted = true.",
                )


# --- the machine on which the image is made -----------------------------------

_FILTER_OF_ONE: Final = Schema(
    options=(Option(name="filters", kind=Kind.MAPPING, role=_MACHINERY),),
    groups=(Group(name="filter", schema=NAMED_VALUES, role=_MACHINERY),),
)
_SUBNET_FILTER: Final = Schema(
    options=(
        Option(name="filters", kind=Kind.MAPPING, role=_MACHINERY),
        Option(name="most_free", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="random", kind=Kind.FLAG, role=_MACHINERY),
    ),
    groups=(Group(name="filter", schema=NAMED_VALUES, role=_MACHINERY),),
)
_STATEMENT: Final = Schema(
    options=(
        Option(name="Sid"),
        Option(name="Effect", default="Allow", choices=("Allow", "Deny")),
        Option(name="Action", kind=Kind.TEXTS, required=True),
        Option(name="Resource", kind=Kind.TEXTS, required=True),
    )
)
_POLICY: Final = Schema(
    options=(Option(name="Version", default="2012-10-17"),),
    groups=(Group(name="Statement", schema=_STATEMENT, required=True),),
)
_METADATA: Final = Schema(
    options=(
        Option(name="http_endpoint", default="enabled", choices=("enabled", "disabled")),
        # Packer leaves version 1 open; here it must be asked for (docs/compatibility.md).
        Option(name="http_tokens", default="required", choices=("optional", "required")),
        Option(name="http_put_response_hop_limit", kind=Kind.NUMBER, default=1),
        Option(name="instance_metadata_tags", choices=("enabled", "disabled")),
    )
)
_PLACEMENT: Final = Schema(
    options=(
        Option(name="host_resource_group_arn", role=_MACHINERY),
        Option(name="host_id", role=_MACHINERY),
        Option(name="tenancy", role=_MACHINERY, choices=("default", "dedicated", "host")),
    )
)
_CAPACITY: Final = Schema(
    options=tuple(
        Option(name=f"capacity_reservation_{name}", role=_MACHINERY)
        for name in ("preference", "id", "group_arn")
    )
)
_LICENSE: Final = Schema(options=(Option(name="license_configuration_arn", required=True),))

_MACHINE: Final = Schema(
    options=(
        Option(name="source_ami"),
        Option(name="instance_type"),
        Option(name="associate_public_ip_address", kind=Kind.TRILEAN, role=_MACHINERY),
        Option(name="availability_zone", role=_MACHINERY),
        Option(
            name="block_duration_minutes",
            kind=Kind.NUMBER,
            role=_MACHINERY,
            ignored="AWS has ended spot machines of a fixed time",
        ),
        Option(name="disable_stop_instance", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="ebs_optimized", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="enable_nitro_enclave", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="enable_t2_unlimited", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="enable_unlimited_credits", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="iam_instance_profile"),
        Option(name="skip_profile_validation", kind=Kind.FLAG, role=_MACHINERY),
        Option(
            name="shutdown_behavior",
            default="stop",
            choices=("stop", "terminate"),
            role=_MACHINERY,
        ),
        Option(name="security_group_id", role=_MACHINERY),
        Option(name="security_group_ids", kind=Kind.TEXTS, role=_MACHINERY),
        Option(name="temporary_security_group_source_cidrs", kind=Kind.TEXTS, role=_MACHINERY),
        Option(name="temporary_security_group_source_public_ip", kind=Kind.FLAG, role=_MACHINERY),
        Option(name="subnet_id", role=_MACHINERY),
        Option(name="vpc_id", role=_MACHINERY),
        Option(name="tenancy", role=_MACHINERY, choices=("default", "dedicated", "host")),
        Option(name="temporary_key_pair_name", role=_MACHINERY),
        Option(
            name="ssh_interface",
            role=_MACHINERY,
            choices=("public_ip", "private_ip", "public_dns", "private_dns", "session_manager"),
        ),
        Option(name="pause_before_ssm", kind=Kind.DURATION, role=_MACHINERY, ignored=_NO_SSM),
        Option(name="session_manager_port", kind=Kind.NUMBER, role=_MACHINERY, ignored=_NO_SSM),
        Option(name="run_tags", kind=Kind.MAPPING, role=_NAME, held=True),
        Option(name="run_volume_tags", kind=Kind.MAPPING, role=_MACHINERY, held=True),
        Option(name="user_data"),
        Option(name="user_data_file", reads=Reads.FILE),
        Option(
            name="windows_password_timeout",
            kind=Kind.DURATION,
            role=_MACHINERY,
            ignored=_WINDOWS,
        ),
        Option(name="spot_price", role=_MACHINERY),
        Option(
            name="spot_price_auto_product",
            role=_MACHINERY,
            ignored="the market is told which image it is for",
        ),
        Option(name="spot_instance_types", kind=Kind.TEXTS),
        Option(name="spot_allocation_strategy", role=_MACHINERY),
        Option(name="spot_tags", kind=Kind.MAPPING, role=_MACHINERY, held=True),
        Option(name="fleet_tags", kind=Kind.MAPPING, role=_MACHINERY, held=True),
    ),
    groups=(
        Group(name="source_ami_filter", schema=IMAGE_FILTER, single=True),
        Group(name="launch_block_device_mappings", schema=_DEVICE),
        Group(name="ami_block_device_mappings", schema=_DEVICE),
        Group(name="run_tag", schema=KEY_AND_VALUE, role=_NAME),
        Group(name="run_volume_tag", schema=KEY_AND_VALUE, role=_MACHINERY),
        Group(name="spot_tag", schema=KEY_AND_VALUE, role=_MACHINERY),
        Group(name="fleet_tag", schema=KEY_AND_VALUE, role=_MACHINERY),
        Group(name="security_group_filter", schema=_FILTER_OF_ONE, single=True, role=_MACHINERY),
        Group(name="subnet_filter", schema=_SUBNET_FILTER, single=True, role=_MACHINERY),
        Group(name="vpc_filter", schema=_FILTER_OF_ONE, single=True, role=_MACHINERY),
        Group(name="temporary_iam_instance_profile_policy_document", schema=_POLICY, single=True),
        Group(name="metadata_options", schema=_METADATA, single=True),
        Group(name="placement", schema=_PLACEMENT, single=True, role=_MACHINERY),
        Group(name="capacity_reservation", schema=_CAPACITY, single=True, role=_MACHINERY),
        Group(name="license_specifications", schema=_LICENSE, role=_MACHINERY),
    ),
)


def _check_source_image(options: Options) -> Iterator[Mistake]:
    found = options.block("source_ami_filter")
    if found is not None and not found.texts("owners"):
        yield Mistake(
            "source_ami_filter",
            "Images of anybody's",
            "source_ami_filter needs owners, or an image that a stranger named so would be "
            'taken. Say owners = ["amazon"], ["self"], or account numbers.',
        )


def _check_machine(options: Options) -> Iterator[Mistake]:
    if not options.text("instance_type") and not options.texts("spot_instance_types"):
        yield Mistake(
            "instance_type",
            "Missing instance type",
            'Set instance_type, such as "t3.micro", or spot_instance_types.',
        )
    if options.text("ssh_interface") == "session_manager":
        yield Mistake(
            "ssh_interface",
            "Way to the machine that is not native",
            "The session manager is not supported. Use public_ip or private_ip, with "
            "ssh_bastion_host where the machine can't be reached directly.",
        )


def _check_spot(options: Options) -> Iterator[Mistake]:
    if options.is_set("spot_price") or not (
        options.texts("spot_instance_types") or options.text("spot_allocation_strategy")
    ):
        return
    yield Mistake(
        "spot_instance_types",
        "Missing spot price",
        'With spot_instance_types, spot_price must be set: an amount in dollars or "auto".',
    )


def _check_encryption(options: Options) -> Iterator[Mistake]:
    keys = options.mapping("region_kms_key_ids")
    if (keys or options.text("kms_key_id")) and options.maybe_flag("encrypt_boot") is False:
        yield Mistake(
            "encrypt_boot",
            "Key without encryption",
            "A KMS key is given and encrypt_boot is false. Leave out one of the two.",
        )
    if keys and set(keys) - {options.text("region")} != set(options.texts("ami_regions")) - {
        options.text("region")
    }:
        yield Mistake(
            "region_kms_key_ids",
            "Keys for other regions than the copies",
            "region_kms_key_ids must have exactly the regions of ami_regions: there it has "
            f"{_listed(keys)}, here {_listed(options.texts('ami_regions'))}.",
        )
    shared = options.texts("ami_users") or options.texts("snapshot_users")
    if shared and options.maybe_flag("encrypt_boot") and not options.text("kms_key_id"):
        yield Mistake(
            "encrypt_boot",
            "Image that nobody else could read",
            "An image encrypted with the account's default key can't be shared. Set kms_key_id "
            "to a key of your own, or leave out ami_users and snapshot_users.",
        )


def _listed(names: object) -> str:
    assert isinstance(names, dict | tuple)
    return ", ".join(sorted(names)) or "none"


AMAZON_EBS: Final = Schema(
    exclusive=(
        ("source_ami", "source_ami_filter"),
        ("user_data", "user_data_file"),
        ("security_group_id", "security_group_ids", "security_group_filter"),
        ("temporary_security_group_source_cidrs", "temporary_security_group_source_public_ip"),
        ("iam_instance_profile", "temporary_iam_instance_profile_policy_document"),
        ("ssh_keypair_name", "temporary_key_pair_name"),
        ("instance_type", "spot_instance_types"),
    ),
    one_of=(("source_ami", "source_ami_filter"),),
    checks=(_check_source_image, _check_machine, _check_spot, _check_devices, _check_encryption),
).joined(_IMAGE, _MACHINE, ACCESS, COMMUNICATOR)
