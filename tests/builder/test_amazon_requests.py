"""What an option of `amazon-ebs` is for: the parameter of a request in which it arrives.

The steps run against a cloud that answers at once and whose requests are checked by botocore's own
models, so that what no service of the tests' has (the spot market, keys of KMS) is looked at too.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import botocore.session
import jmespath  # type: ignore[import-untyped] # it has no types
import pytest
from botocore.validate import ParamValidator

from cotta.builder.build import heading_of
from cotta.builder.journal import Heading, journal_of
from cotta.builder.options.amazon import ACCESS
from cotta.builder.options.amazon_ebs import AMAZON_EBS
from cotta.builder.options.communicators import COMMUNICATOR
from cotta.builder.provisioners.provisioning import Deadline
from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import Cloud
from cotta.builder.sources.amazon.connecting import Connect, Provision, RemoveKeys
from cotta.builder.sources.amazon.imaging import Candidate, tell_progress
from cotta.builder.sources.amazon.work import Work
from cotta.builder.sources.amazon_ebs import steps_of
from cotta.builder.sources.baking import Baking
from cotta.clouds.which import Access, Keys
from cotta.clouds.which import Cloud as Which
from cotta.system.clock import SystemClock
from tests.support.builds import Heard, a_build, a_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cotta.system.clock import Clock

_TIME: Final = "2026-01-01T00:00:00.000Z"
_DEVICE: Final = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1"}}
_IMAGE: Final = {
    "ImageId": "ami-1", "Name": "base", "OwnerId": "1", "CreationDate": _TIME,
    "Architecture": "x86_64", "VirtualizationType": "hvm", "State": "available",
    "BlockDeviceMappings": [_DEVICE],
}  # fmt: skip
_SUBNETS: Final = [
    {"SubnetId": f"subnet-{n}", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a",
     "AvailableIpAddressCount": n}
    for n in (1, 2)
]  # fmt: skip


@dataclass
class RecordingCloud:
    """A cloud in which everything succeeds at once, and that keeps what it was asked."""

    region: str = "us-east-1"
    is_local: bool = False
    is_undoing: bool = False
    clock: Clock = field(default_factory=SystemClock)
    states: list[str] = field(default_factory=lambda: ["running", "stopped"])
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def ask(
        self, operation: str, *, service: str = "ec2", region: str = "", **given: Any
    ) -> dict[str, Any]:
        """Keep a request that AWS would take, and answer."""
        sent = {name: value for name, value in given.items() if value is not None}
        model = _model(service).operation_model(operation)
        report = ParamValidator().validate(sent, model.input_shape)
        assert not report.has_errors(), (operation, report.generate_report())
        self.requests.append((operation, {**sent, "region": region or self.region}))
        return self._answer(operation, sent)

    call = ask

    def pages(self, operation: str, key: str, **given: Any) -> list[dict[str, Any]]:
        return list(self.ask(operation, **given)[key])

    def persist(self, codes: Sequence[str], act: Callable[[], Any], what: str) -> Any:
        return act()

    def wait(self, look: Callable[[], Any], what: str, at_most: object) -> Any:
        found = look()
        assert found is not None, what
        return found

    def _answer(self, operation: str, sent: dict[str, Any]) -> dict[str, Any]:
        match operation:
            case "DescribeImages":
                names = [one["Values"] for one in sent.get("Filters", []) if one["Name"] == "name"]
                return {"Images": [] if names == [["golden"]] else [_IMAGE]}
            case "DescribeInstances":
                one = {"InstanceId": "i-1", "State": {"Name": self.states.pop(0)}}
                return {"Reservations": [{"Instances": [one]}]}
            case "DescribeSubnets":
                return {"Subnets": _SUBNETS[: len(sent.get("SubnetIds", _SUBNETS))]}
            case "CreateFleet":
                return {"FleetId": "fleet-1", "Instances": [{"InstanceIds": ["i-1"]}]}
        answers: dict[str, dict[str, Any]] = {
            "DescribeRegions": {"Regions": [{"RegionName": one} for one in ("us-east-1", "eu-1")]},
            "DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8"}]},
            "DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]},
            "CreateKeyPair": {"KeyPairId": "key-1", "KeyMaterial": "private"},
            "CreateSecurityGroup": {"GroupId": "sg-1"},
            "RunInstances": {"Instances": [{"InstanceId": "i-1"}]},
            "CreateLaunchTemplate": {"LaunchTemplate": {"LaunchTemplateId": "lt-1"}},
            "CreateImage": {"ImageId": "ami-2"},
            "CopyImage": {"ImageId": "ami-3"},
            "DescribeSnapshots": {"Snapshots": [{"Progress": "40%"}, {"Progress": ""}]},
        }
        return answers.get(operation, {})


@cache
def _model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def requests_of(folder: Path, written: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the requests of a build, in order; nothing is done on its machine."""
    plain = {
        "ami_name": "golden",
        "instance_type": "t3.micro",
        "source_ami": "ami-1",
        "ssh_username": "ec2-user",
        "temporary_security_group_source_cidrs": ["192.0.2.1/32"],
    }
    every = {**plain, **written}
    chosen = {name: value for name, value in every.items() if value is not None}
    build = a_build(kind="amazon-ebs", **chosen)
    run = a_run(folder, access=lambda: Access(cloud=Which.AWS, region="us-east-1"))
    cloud = RecordingCloud()
    if "spot_price" in written:
        cloud.states = ["running"]
    with journal_of(run.home, heading_of(build, run)) as journal:
        baking = Baking(
            build=build,
            run=run,
            ui=Heard(),
            journal=journal,
            deadline=Deadline(run.clock, run.cancelled),
        )
        for step in steps_of(Work(baking, cloud)):  # type: ignore[arg-type] # a stand-in
            if step.name not in _ON_THE_MACHINE:
                step.run()
    return cloud.requests


_ON_THE_MACHINE: Final = (Connect.name, Provision.name, RemoveKeys.name)

NOTHING: Final = None
_DISK: Final = {"device_name": "/dev/xvdb"}
_SPOT: Final = {"spot_price": "0.05", "instance_type": None, "spot_instance_types": ["t3.micro"]}


def _filter(name: str) -> dict[str, Any]:
    return {"filters": {"tag:A": "b"}, "filter": [{"name": name, "values": ["c"]}]}


_FILTERS: Final = [{"Name": "tag:A", "Values": ["b"]}, {"Name": "x", "Values": ["c"]}]


# Option; what is written; the operation; where in its request; what is there.
CASES: Final[list[tuple[str, dict[str, Any], str, str, Any]]] = [
    ("ami_name", {}, "CreateImage", "Name", "golden"),
    ("ami_description", {"ami_description": "d {{ .SourceAMI }}"}, "CreateImage", "Description",
     "d ami-1"),
    ("ami_users", {"ami_users": ["1"]}, "ModifyImageAttribute", "LaunchPermission.Add",
     [{"UserId": "1"}]),
    ("ami_groups", {"ami_groups": ["all"]}, "ModifyImageAttribute", "LaunchPermission.Add",
     [{"Group": "all"}]),
    ("ami_org_arns", {"ami_org_arns": ["arn:o"]}, "ModifyImageAttribute", "LaunchPermission.Add",
     [{"OrganizationArn": "arn:o"}]),
    ("ami_ou_arns", {"ami_ou_arns": ["arn:u"]}, "ModifyImageAttribute", "LaunchPermission.Add",
     [{"OrganizationalUnitArn": "arn:u"}]),
    ("ami_product_codes", {"ami_product_codes": ["p"]}, "ModifyImageAttribute", "ProductCodes",
     ["p"]),
    ("imds_support", {"imds_support": "v2.0"}, "ModifyImageAttribute", "ImdsSupport.Value",
     "v2.0"),
    ("ami_regions", {"ami_regions": ["eu-1"]}, "CopyImage", "[region, SourceRegion, Name]",
     ["eu-1", "us-east-1", "golden"]),
    ("snapshot_copy_duration_minutes",
     {"ami_regions": ["eu-1"], "snapshot_copy_duration_minutes": 15}, "CopyImage",
     "SnapshotCopyCompletionDurationMinutes", 15),
    ("tags", {"tags": {"A": "{{ .SourceAMI }}"}}, "CreateTags", "[Resources, Tags]",
     [["ami-2", "snap-1"], [{"Key": "A", "Value": "ami-1"}]]),
    ("tag", {"tag": [{"key": "A", "value": "b"}]}, "CreateImage",
     "TagSpecifications[].Tags[] | [?Key=='A'].Value", ["b", "b"]),
    ("snapshot_tags", {"snapshot_tags": {"A": "b"}}, "CreateTags", "[Resources, Tags]",
     [["snap-1"], [{"Key": "A", "Value": "b"}]]),
    ("snapshot_tag", {"snapshot_tag": [{"key": "A", "value": "b"}]}, "CreateTags", "Resources",
     ["snap-1"]),
    ("snapshot_users", {"snapshot_users": ["1"]}, "ModifySnapshotAttribute",
     "CreateVolumePermission.Add", [{"UserId": "1"}]),
    ("snapshot_groups", {"snapshot_groups": ["all"]}, "ModifySnapshotAttribute",
     "CreateVolumePermission.Add", [{"Group": "all"}]),
    ("ena_support", {"ena_support": True}, "ModifyInstanceAttribute", "EnaSupport.Value", True),
    ("sriov_support", {"sriov_support": True}, "ModifyInstanceAttribute", "SriovNetSupport.Value",
     "simple"),
    ("encrypt_boot", {"encrypt_boot": True}, "CopyImage", "[Encrypted, KmsKeyId, region]",
     [True, None, "us-east-1"]),
    ("kms_key_id", {"kms_key_id": "alias/k"}, "CopyImage", "[Encrypted, KmsKeyId]",
     [True, "alias/k"]),
    ("region_kms_key_ids",
     {"ami_regions": ["eu-1"], "region_kms_key_ids": {"eu-1": "alias/e"}, "encrypt_boot": True},
     "CopyImage", "[region, KmsKeyId]", ["eu-1", "alias/e"]),
    ("deprecate_at", {"deprecate_at": "2027-01-31T00:00:00Z"}, "EnableImageDeprecation",
     "ImageId", "ami-2"),
    ("deregistration_protection.enabled", {"deregistration_protection": {"enabled": True}},
     "EnableImageDeregistrationProtection", "[ImageId, WithCooldown]", ["ami-2", None]),
    ("deregistration_protection.with_cooldown",
     {"deregistration_protection": {"enabled": True, "with_cooldown": True}},
     "EnableImageDeregistrationProtection", "WithCooldown", True),
    ("skip_create_ami", {"skip_create_ami": True}, "CreateImage", "", NOTHING),
    ("skip_save_build_region", {"ami_regions": ["eu-1"], "skip_save_build_region": True},
     "CreateImage", "Name=='golden'", False),
    ("skip_ami_run_tags", {"run_tags": {"A": "b"}, "skip_ami_run_tags": True}, "CreateImage",
     "TagSpecifications[].Tags[] | [?Key=='A']", []),
    ("skip_region_validation", {"ami_regions": ["eu-1"], "skip_region_validation": True},
     "DescribeRegions", "", NOTHING),
    # --- the image to begin with
    ("source_ami", {}, "RunInstances", "ImageId", "ami-1"),
    ("source_ami_filter.filters",
     {"source_ami": None, "source_ami_filter": {**_filter("x"), "owners": ["self"]}},
     "DescribeImages", "[Owners, Filters]", [["self"], _FILTERS]),
    ("source_ami_filter.include_deprecated",
     {"source_ami": None, "source_ami_filter": {
         **_filter("x"), "owners": ["self"], "include_deprecated": True}},
     "DescribeImages", "IncludeDeprecated", True),
    # --- the machine
    ("instance_type", {}, "RunInstances", "InstanceType", "t3.micro"),
    ("associate_public_ip_address", {"associate_public_ip_address": True}, "RunInstances",
     "NetworkInterfaces[0].[AssociatePublicIpAddress, Groups]", [True, ["sg-1"]]),
    ("availability_zone", {"availability_zone": "us-east-1b"}, "RunInstances",
     "Placement.AvailabilityZone", "us-east-1b"),
    ("disable_stop_instance", {"disable_stop_instance": True}, "StopInstances", "", NOTHING),
    ("ebs_optimized", {"ebs_optimized": True}, "RunInstances", "EbsOptimized", True),
    ("enable_nitro_enclave", {"enable_nitro_enclave": True}, "RunInstances",
     "EnclaveOptions.Enabled", True),
    ("enable_t2_unlimited", {"enable_t2_unlimited": True}, "RunInstances",
     "CreditSpecification.CpuCredits", "unlimited"),
    ("enable_unlimited_credits", {"enable_unlimited_credits": True}, "RunInstances",
     "CreditSpecification.CpuCredits", "unlimited"),
    ("iam_instance_profile", {"iam_instance_profile": "p"}, "RunInstances",
     "IamInstanceProfile.Name", "p"),
    ("skip_profile_validation", {"iam_instance_profile": "p", "skip_profile_validation": True},
     "GetInstanceProfile", "", NOTHING),
    ("temporary_iam_instance_profile_policy_document",
     {"temporary_iam_instance_profile_policy_document": {"Statement": [
         {"Sid": "S", "Effect": "Deny", "Action": ["a:b"], "Resource": ["*"]}]}},
     "PutRolePolicy", "PolicyDocument",
     ('{"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Deny", '
     '"Action": ["a:b"], "Resource": ["*"]}]}')),
    ("shutdown_behavior", {"shutdown_behavior": "terminate"}, "RunInstances",
     "InstanceInitiatedShutdownBehavior", "terminate"),
    ("security_group_id", {"security_group_id": "sg-9"}, "RunInstances", "SecurityGroupIds",
     ["sg-9"]),
    ("security_group_ids", {"security_group_ids": ["sg-8", "sg-9"]}, "RunInstances",
     "SecurityGroupIds", ["sg-8", "sg-9"]),
    ("security_group_filter.filters", {"security_group_filter": _filter("x")},
     "DescribeSecurityGroups", "Filters", _FILTERS),
    ("temporary_security_group_source_cidrs", {}, "AuthorizeSecurityGroupIngress",
     "IpPermissions[0].[FromPort, IpRanges[0].CidrIp]", [22, "192.0.2.1/32"]),
    ("subnet_id", {"subnet_id": "subnet-1"}, "RunInstances", "SubnetId", "subnet-1"),
    ("subnet_filter.filters", {"subnet_filter": {**_filter("x"), "most_free": True}},
     "DescribeSubnets", "Filters", _FILTERS),
    ("subnet_filter.most_free", {"subnet_filter": {**_filter("x"), "most_free": True}},
     "RunInstances", "SubnetId", "subnet-2"),
    ("subnet_filter.random", {"subnet_filter": {**_filter("x"), "random": True}},
     "RunInstances", "SubnetId!=null", True),
    ("vpc_id", {"vpc_id": "vpc-9"}, "CreateSecurityGroup", "VpcId", "vpc-9"),
    ("vpc_filter.filters", {"vpc_filter": _filter("x")}, "DescribeVpcs", "Filters", _FILTERS),
    ("tenancy", {"tenancy": "dedicated"}, "RunInstances", "Placement.Tenancy", "dedicated"),
    ("placement.tenancy", {"placement": {"tenancy": "host"}}, "RunInstances", "Placement.Tenancy",
     "host"),
    ("placement.host_id", {"placement": {"host_id": "h-1"}}, "RunInstances", "Placement.HostId",
     "h-1"),
    ("placement.host_resource_group_arn", {"placement": {"host_resource_group_arn": "arn:h"}},
     "RunInstances", "Placement.HostResourceGroupArn", "arn:h"),
    ("temporary_key_pair_name", {"temporary_key_pair_name": "k"}, "CreateKeyPair", "KeyName", "k"),
    ("temporary_key_pair_type", {"temporary_key_pair_type": "rsa"}, "CreateKeyPair", "KeyType",
     "rsa"),
    ("ssh_keypair_name", {"ssh_keypair_name": "own", "ssh_private_key_file": "own.pem"},
     "RunInstances", "KeyName", "own"),
    ("ssh_port", {"ssh_port": 2222}, "AuthorizeSecurityGroupIngress",
     "IpPermissions[0].[FromPort, ToPort]", [2222, 2222]),
    ("run_tags", {"run_tags": {"A": "b"}}, "RunInstances",
     "TagSpecifications[?Tags[?Key=='A']].ResourceType", ["instance", "network-interface"]),
    ("run_tag", {"run_tag": [{"key": "A", "value": "b"}]}, "CreateKeyPair",
     "TagSpecifications[].Tags[] | [?Key=='A'].Value", ["b"]),
    ("run_volume_tags", {"run_volume_tags": {"A": "b"}}, "RunInstances",
     "TagSpecifications[?Tags[?Key=='A']].ResourceType", ["volume"]),
    ("run_volume_tag", {"run_volume_tag": [{"key": "A", "value": "b"}]}, "RunInstances",
     "TagSpecifications[?Tags[?Key=='A']].ResourceType", ["volume"]),
    ("user_data", {"user_data": "#!/bin/sh\n"}, "RunInstances", "UserData", "#!/bin/sh\n"),
    ("user_data_file", {"user_data_file": "USER_DATA"}, "RunInstances", "UserData", "from a file"),
    ("metadata_options.http_endpoint", {"metadata_options": {"http_endpoint": "disabled"}},
     "RunInstances", "MetadataOptions.HttpEndpoint", "disabled"),
    ("metadata_options.http_tokens", {"metadata_options": {"http_tokens": "optional"}},
     "RunInstances", "MetadataOptions.HttpTokens", "optional"),
    ("metadata_options.http_put_response_hop_limit",
     {"metadata_options": {"http_put_response_hop_limit": 2}}, "RunInstances",
     "MetadataOptions.HttpPutResponseHopLimit", 2),
    ("metadata_options.instance_metadata_tags",
     {"metadata_options": {"instance_metadata_tags": "enabled"}}, "RunInstances",
     "MetadataOptions.InstanceMetadataTags", "enabled"),
    ("capacity_reservation.capacity_reservation_preference",
     {"capacity_reservation": {"capacity_reservation_preference": "open"}}, "RunInstances",
     "CapacityReservationSpecification.CapacityReservationPreference", "open"),
    ("capacity_reservation.capacity_reservation_id",
     {"capacity_reservation": {"capacity_reservation_id": "cr-1"}}, "RunInstances",
     "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId", "cr-1"),
    ("capacity_reservation.capacity_reservation_group_arn",
     {"capacity_reservation": {"capacity_reservation_group_arn": "arn:g"}}, "RunInstances",
     ("CapacityReservationSpecification.CapacityReservationTarget"
     ".CapacityReservationResourceGroupArn"), "arn:g"),
    ("license_specifications.license_configuration_arn",
     {"license_specifications": [{"license_configuration_arn": "arn:l"}]}, "RunInstances",
     "LicenseSpecifications", [{"LicenseConfigurationArn": "arn:l"}]),
    # --- the spot market
    ("spot_price", _SPOT, "CreateFleet", "LaunchTemplateConfigs[0].Overrides",
     [{"InstanceType": "t3.micro", "MaxPrice": "0.05"}]),
    ("spot_instance_types",
     {**_SPOT, "spot_price": "auto", "spot_instance_types": ["t3.micro", "t3a.micro"]},
     "CreateFleet", "LaunchTemplateConfigs[0].Overrides",
     [{"InstanceType": "t3.micro"}, {"InstanceType": "t3a.micro"}]),
    ("spot_allocation_strategy", {**_SPOT, "spot_allocation_strategy": "lowest-price"},
     "CreateFleet", "SpotOptions.AllocationStrategy", "lowest-price"),
    ("spot_tags", {**_SPOT, "spot_tags": {"A": "b"}}, "CreateLaunchTemplate",
     "LaunchTemplateData.TagSpecifications[?Tags[?Key=='A']].ResourceType",
     ["spot-instances-request"]),
    ("spot_tag", {**_SPOT, "spot_tag": [{"key": "A", "value": "b"}]}, "CreateLaunchTemplate",
     "LaunchTemplateData.TagSpecifications[?Tags[?Key=='A']].ResourceType",
     ["spot-instances-request"]),
    ("fleet_tags", {**_SPOT, "fleet_tags": {"A": "b"}}, "CreateFleet",
     "TagSpecifications[?Tags[?Key=='A']].ResourceType", ["fleet"]),
    ("fleet_tag", {**_SPOT, "fleet_tag": [{"key": "A", "value": "b"}]}, "CreateFleet",
     "TagSpecifications[?Tags[?Key=='A']].ResourceType", ["fleet"]),
    ("user_data", {**_SPOT, "user_data": "#!/bin/sh\n"}, "CreateLaunchTemplate",
     "LaunchTemplateData.UserData", "IyEvYmluL3NoCg=="),
    # --- disks
    *(
        (f"{block}.{name}", {block: [{**_DISK, **more, name: value}]}, operation,
         f"BlockDeviceMappings[0].{path}", sent)
        for block, operation in (("launch_block_device_mappings", "RunInstances"),
                                 ("ami_block_device_mappings", "CreateImage"))
        for name, value, more, path, sent in (
            ("device_name", "/dev/xvdb", {}, "DeviceName", "/dev/xvdb"),
            ("delete_on_termination", False, {}, "Ebs.DeleteOnTermination", False),
            ("encrypted", True, {}, "Ebs.Encrypted", True),
            ("iops", 4000, {}, "Ebs.Iops", 4000),
            ("kms_key_id", "alias/k", {"encrypted": True}, "Ebs.KmsKeyId", "alias/k"),
            ("no_device", True, {}, "NoDevice", ""),
            ("snapshot_id", "snap-9", {}, "Ebs.SnapshotId", "snap-9"),
            ("throughput", 200, {}, "Ebs.Throughput", 200),
            ("virtual_name", "ephemeral0", {}, "VirtualName", "ephemeral0"),
            ("volume_type", "gp3", {}, "Ebs.VolumeType", "gp3"),
            ("volume_size", 20, {}, "Ebs.VolumeSize", 20),
            ("volume_initialization_rate", 100, {}, "Ebs.VolumeInitializationRate", 100),
        )
    ),
]  # fmt: skip

# What is no parameter of a request of a build, and where it is looked at.
ELSEWHERE: Final = {
    "ami_virtualization_type": "what the source image must be",
    "force_deregister": "test_amazon_ebs.py",
    "force_delete_snapshot": "test_amazon_ebs.py",
    "source_ami_filter.owners": "with source_ami_filter.filters",
    "source_ami_filter.filter": "with source_ami_filter.filters",
    "source_ami_filter.most_recent": "test_amazon_ebs.py",
    "security_group_filter.filter": "with security_group_filter.filters",
    "subnet_filter.filter": "with subnet_filter.filters",
    "vpc_filter.filter": "with vpc_filter.filters",
    "ssh_interface": "the address that SSH asks for",
    "temporary_security_group_source_public_ip": "asks the internet",
}


@pytest.mark.parametrize(
    ("written", "operation", "path", "expected"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]}-{case[2]}" for case in CASES],
)
def test_the_option_is_sent(
    tmp_path: Path, written: dict[str, Any], operation: str, path: str, expected: Any
) -> None:
    if "user_data_file" in written:
        (tmp_path / "user").write_text("from a file")
        written = {"user_data_file": str(tmp_path / "user")}

    requests = requests_of(tmp_path, written)

    sent = [given for name, given in requests if name == operation]
    if expected is NOTHING:
        assert sent == []
    else:
        assert expected in [jmespath.search(path, given) for given in sent], sent


def test_every_option_is_looked_at() -> None:
    tested = {case[0] for case in CASES} | ELSEWHERE.keys()
    others = {*ACCESS.by_name, *ACCESS.groups_by_name, *COMMUNICATOR.by_name}

    assert [
        name
        for name in _names(AMAZON_EBS)
        if name not in tested
        and name.partition(".")[0] not in others
        and name.partition(".")[0] not in tested
    ] == []


def _names(schema: Any, prefix: str = "") -> list[str]:
    """Return the options of a schema that do something, those of nested blocks with theirs."""
    found = [prefix + one.name for one in schema.options if not one.ignored]
    for group in schema.groups:
        if group.name in ("tag", "filter") or group.name.endswith("_tag"):
            found.append(prefix + group.name)
        else:
            found += _names(group.schema, f"{prefix}{group.name}.")
    return found


class _Refusing(BaseHTTPRequestHandler):
    """Refuses what EC2 is asked, in code, and reads the code where STS is."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, text = 403, _REFUSAL
        if "Action=DecodeAuthorizationMessage" in asked:
            assert "EncodedMessage=c0de" in asked
            status, text = 200, _DECODED
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


_REFUSAL: Final = (
    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized. "
    "Encoded authorization failure message: c0de</Message></Error></Errors></Response>"
)
_DECODED: Final = (
    '<DecodeAuthorizationMessageResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<DecodeAuthorizationMessageResult><DecodedMessage>no policy allows it</DecodedMessage>"
    "</DecodeAuthorizationMessageResult></DecodeAuthorizationMessageResponse>"
)


@pytest.mark.parametrize(("decodes", "reason"), [(True, "no policy allows it"), (False, "c0de")])
def test_decode_authorization_messages(decodes: bool, reason: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        access = Access(
            cloud=Which.AWS,
            region="us-east-1",
            endpoint=f"http://127.0.0.1:{server.server_port}",
            keys=Keys("key", "secret"),
            attempts=1,
        )
        cloud = Cloud(access, SystemClock(), decodes=decodes)
        with pytest.raises(BuildError) as caught:
            cloud.call("RunInstances", MinCount=1, MaxCount=1)
        cloud.close()
        server.shutdown()

    assert reason in str(caught.value)
    assert "The caller needs the permission ec2:RunInstances." in str(caught.value)


def test_a_pending_image_is_as_far_as_its_snapshots(tmp_path: Path) -> None:
    ui, cloud = Heard(), RecordingCloud()
    build = a_build(kind="amazon-ebs", ami_name="golden")
    run = a_run(tmp_path)
    with journal_of(run.home, Heading(run="r", build="b", began="")) as journal:
        deadline = Deadline(run.clock, run.cancelled)
        baking = Baking(build=build, run=run, ui=ui, journal=journal, deadline=deadline)
        work = Work(baking, cloud)  # type: ignore[arg-type] # a stand-in

        tell_progress(work, Candidate("us-east-1", "golden", 1, "ami-1"), _IMAGE)
        tell_progress(work, Candidate("us-east-1", "golden", 1, "ami-1"), {})

    assert ui.moves == [("Snapshot of the image ami-1 in us-east-1", 20, 100)]
