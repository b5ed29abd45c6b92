"""VPCs, subnets and what comes with them, interfaces and addresses, through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.launching import let_go
from cotta.region.model import InstanceState
from cotta.region.store.kinds import INSTANCES
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import RunningRegion


def a_vpc(ec2: Any, cidr: str = "10.0.0.0/16", **given: Any) -> str:
    return str(ec2.create_vpc(CidrBlock=cidr, **given)["Vpc"]["VpcId"])


def a_subnet(ec2: Any, vpc_id: str, cidr: str = "10.0.1.0/24", **given: Any) -> str:
    answer = ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr, **given)
    return str(answer["Subnet"]["SubnetId"])


# --- networks -------------------------------------------------------------------------------------


def test_the_default_network_has_a_subnet_in_each_zone(ec2: Any) -> None:
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    filters = [
        {"Name": "vpc-id", "Values": [vpc["VpcId"]]},
        {"Name": "default-for-az", "Values": ["true"]},
    ]
    subnets = ec2.describe_subnets(Filters=filters)["Subnets"]

    by_zone = {one["AvailabilityZone"]: one for one in subnets}
    assert sorted(by_zone) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert by_zone["us-east-1b"]["CidrBlock"] == "172.31.16.0/20"
    assert by_zone["us-east-1b"]["AvailabilityZoneId"] == "use1-az2"
    assert all(one["AvailableIpAddressCount"] == 4091 for one in subnets)
    assert all(one["MapPublicIpOnLaunch"] for one in subnets)


def test_a_network_comes_with_a_route_table_a_group_and_an_access_list(ec2: Any) -> None:
    vpc_id = a_vpc(ec2)
    subnet_id = a_subnet(ec2, vpc_id)
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]

    (table,) = ec2.describe_route_tables(
        Filters=[*of_vpc, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    (access,) = ec2.describe_network_acls(
        Filters=[*of_vpc, {"Name": "default", "Values": ["true"]}]
    )["NetworkAcls"]
    (options,) = ec2.describe_dhcp_options()["DhcpOptions"]
    (vpc,) = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"]

    assert [route["GatewayId"] for route in table["Routes"]] == ["local"]
    assert (group["GroupName"], group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"]) == (
        "default",
        group["GroupId"],
    )
    assert [one["SubnetId"] for one in access["Associations"]] == [subnet_id]
    assert {(one["RuleNumber"], one["RuleAction"]) for one in access["Entries"]} == {
        (100, "allow"),
        (32767, "deny"),
    }
    assert options["DhcpOptionsId"] == vpc["DhcpOptionsId"]
    assert options["DhcpConfigurations"][0]["Values"] == [{"Value": "ec2.internal"}]
    assert ec2.describe_network_acls(NetworkAclIds=[access["NetworkAclId"]])["NetworkAcls"]
    with refused("InvalidNetworkAclID.NotFound"):
        ec2.describe_network_acls(NetworkAclIds=["acl-0"])
    with refused("InvalidDhcpOptionID.NotFound"):
        ec2.describe_dhcp_options(DhcpOptionsIds=["dopt-0"])


def test_the_default_network_has_a_way_out(ec2: Any) -> None:
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    by_gateway = [{"Name": "route.gateway-id", "Values": [gateway["InternetGatewayId"]]}]
    (table,) = ec2.describe_route_tables(Filters=by_gateway)["RouteTables"]

    assert gateway["Attachments"] == [{"State": "available", "VpcId": table["VpcId"]}]
    assert [route["DestinationCidrBlock"] for route in table["Routes"]] == [
        "172.31.0.0/16",
        "0.0.0.0/0",
    ]


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("10.0.0.0/8", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.1/16", "InvalidParameterValue"),
        ("wide", "InvalidParameterValue"),
    ],
)
def test_ranges_that_no_network_has(ec2: Any, cidr: str, code: str) -> None:
    with refused(code, cidr):
        ec2.create_vpc(CidrBlock=cidr)


def test_networks_without_a_range_or_with_ipv6(ec2: Any) -> None:
    with refused("MissingParameter", "cidrBlock"):
        ec2.create_vpc()
    with refused("UnsupportedOperation", "IPv6"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("10.0.1.128/25", "InvalidSubnet.Conflict"),
        ("10.0.0.0/16", "InvalidSubnet.Conflict"),
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.2.0/29", "InvalidSubnet.Range"),
        ("here", "InvalidParameterValue"),
    ],
)
def test_ranges_that_no_subnet_has(ec2: Any, cidr: str, code: str) -> None:
    vpc_id = a_vpc(ec2)
    a_subnet(ec2, vpc_id)

    with refused(code, cidr):
        a_subnet(ec2, vpc_id, cidr)


def test_attributes_of_networks_and_subnets(ec2: Any) -> None:
    vpc_id = a_vpc(ec2)
    subnet_id = a_subnet(ec2, vpc_id, AvailabilityZone="us-east-1c")

    def attribute(name: str) -> Any:
        answer = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
        return answer[name[0].upper() + name[1:]]["Value"]

    assert (attribute("enableDnsHostnames"), attribute("enableDnsSupport")) == (False, True)
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsSupport={"Value": False})
    assert (attribute("enableDnsHostnames"), attribute("enableDnsSupport")) == (True, False)
    assert attribute("enableNetworkAddressUsageMetrics") is False
    ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
    (subnet,) = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    assert (subnet["MapPublicIpOnLaunch"], subnet["AvailabilityZone"]) == (True, "us-east-1c")
    assert subnet["SubnetArn"].endswith(f":subnet/{subnet_id}")
    ec2.modify_subnet_attribute(SubnetId=subnet_id, EnableDns64={"Value": False})
    with refused("UnsupportedOperation", "EnableDns64"):
        ec2.modify_subnet_attribute(SubnetId=subnet_id, EnableDns64={"Value": True})


def test_what_is_in_use_is_not_deleted(ec2: Any, fleet: Fleet) -> None:
    instance = fleet.run()
    vpc_id = a_vpc(ec2)
    subnet_id = a_subnet(ec2, vpc_id)

    with refused("DependencyViolation", vpc_id):
        ec2.delete_vpc(VpcId=vpc_id)
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=instance["SubnetId"])
    ec2.delete_subnet(SubnetId=subnet_id)
    ec2.delete_vpc(VpcId=vpc_id)
    with refused("InvalidSubnetID.NotFound"):
        ec2.delete_subnet(SubnetId=subnet_id)
    with refused("InvalidVpcID.NotFound"):
        ec2.delete_vpc(VpcId=vpc_id)
    assert len(ec2.describe_security_groups()["SecurityGroups"]) == 1
    assert len(ec2.describe_route_tables()["RouteTables"]) == 1


def test_instances_start_where_packets_get_to(ec2: Any, fleet: Fleet) -> None:
    outside = a_subnet(ec2, a_vpc(ec2))
    inside = a_subnet(ec2, a_vpc(ec2, "172.31.128.0/20"), "172.31.128.0/24")

    with refused("UnsupportedOperation", "172.31.0.0/16", "10.0.1.0/24"):
        fleet.run(SubnetId=outside)
    instance = fleet.run(SubnetId=inside)
    assert instance["PrivateIpAddress"] == "172.31.128.4"
    assert "PublicIpAddress" not in instance


# --- interfaces -----------------------------------------------------------------------------------


def end(region: RunningRegion, instance_id: str) -> None:
    """Terminate an instance as the controller would."""
    with region.store.write() as rows:
        instance = rows.find(INSTANCES, instance_id)
        assert instance is not None
        let_go(rows, instance, now=instance.launched_at)


def test_interfaces_are_described(ec2: Any, fleet: Fleet) -> None:
    instance = fleet.run()
    interface_id = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    filters = [{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}]

    (found,) = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

    assert found["NetworkInterfaceId"] == interface_id
    assert found["Status"] == "in-use"
    assert found["PrivateIpAddress"] == instance["PrivateIpAddress"]
    assert found["Association"]["PublicIp"] == instance["PublicIpAddress"]
    assert found["Attachment"]["InstanceId"] == instance["InstanceId"]
    assert found["Attachment"]["DeviceIndex"] == 0
    assert found["RequesterManaged"] is False
    with refused("InvalidNetworkInterfaceID.NotFound", "eni-0"):
        ec2.describe_network_interfaces(NetworkInterfaceIds=["eni-0"])


def test_interfaces_are_changed_and_their_instances_with_them(ec2: Any, fleet: Fleet) -> None:
    instance = fleet.run()
    given = {"NetworkInterfaceId": instance["NetworkInterfaces"][0]["NetworkInterfaceId"]}
    group = ec2.create_security_group(GroupName="web", Description="x")["GroupId"]

    def attribute(name: str) -> Any:
        return ec2.describe_network_interface_attribute(**given, Attribute=name)

    ec2.modify_network_interface_attribute(**given, Groups=[group])
    ec2.modify_network_interface_attribute(**given, Description={"Value": "mine"})
    ec2.modify_network_interface_attribute(**given, SourceDestCheck={"Value": False})
    attachment = attribute("attachment")["Attachment"]
    change = {"AttachmentId": attachment["AttachmentId"], "DeleteOnTermination": False}
    ec2.modify_network_interface_attribute(**given, Attachment=change)

    assert [one["GroupId"] for one in attribute("groupSet")["Groups"]] == [group]
    assert attribute("description")["Description"] == {"Value": "mine"}
    assert attribute("sourceDestCheck")["SourceDestCheck"] == {"Value": False}
    assert attribute("attachment")["Attachment"]["DeleteOnTermination"] is False
    shown = fleet.find(instance["InstanceId"])
    assert [one["GroupId"] for one in shown["SecurityGroups"]] == [group]
    assert shown["SourceDestCheck"] is False
    with refused("InvalidAttachmentID.NotFound"):
        wrong = {"AttachmentId": "eni-attach-0", "DeleteOnTermination": True}
        ec2.modify_network_interface_attribute(**given, Attachment=wrong)
    with refused("InvalidGroup.NotFound"):
        ec2.modify_network_interface_attribute(**given, Groups=["sg-0"])
    with refused("InvalidParameterCombination"):
        ec2.describe_network_interface_attribute(**given)


def test_an_interface_is_gone_with_its_instance_unless_it_is_to_stay(
    region: RunningRegion, ec2: Any, fleet: Fleet
) -> None:
    going = fleet.run()
    staying = fleet.run(NetworkInterfaces=[{"DeviceIndex": 0, "DeleteOnTermination": False}])
    interface_id = staying["NetworkInterfaces"][0]["NetworkInterfaceId"]
    with refused("InvalidParameterValue", "in use"):
        ec2.delete_network_interface(NetworkInterfaceId=interface_id)

    for instance in (going, staying):
        fleet.put(instance["InstanceId"], state=InstanceState.TERMINATED)
        end(region, instance["InstanceId"])

    (left,) = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert (left["NetworkInterfaceId"], left["Status"]) == (interface_id, "available")
    shown = fleet.find(going["InstanceId"])
    assert "PrivateIpAddress" not in shown
    assert shown["NetworkInterfaces"] == []
    with refused("InvalidNetworkInterfaceID.NotFound"):
        gone = going["NetworkInterfaces"][0]["NetworkInterfaceId"]
        ec2.describe_network_interfaces(NetworkInterfaceIds=[gone])
    ec2.delete_network_interface(NetworkInterfaceId=interface_id)
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []


# --- addresses ----------------------------------------------------------------------------------


def test_an_address_goes_from_instance_to_instance(ec2: Any, fleet: Fleet) -> None:
    first, second = fleet.run()["InstanceId"], fleet.run()["InstanceId"]
    address = ec2.allocate_address()
    given = {"AllocationId": address["AllocationId"]}

    ec2.associate_address(**given, InstanceId=first)
    assert fleet.find(first)["PublicIpAddress"] == address["PublicIp"]
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_address(**given, InstanceId=second)
    with refused("InvalidIPAddress.InUse", "disassociate"):
        ec2.release_address(**given)
    ec2.associate_address(**given, InstanceId=second, AllowReassociation=True)

    assert fleet.find(first)["PublicIpAddress"] == fleet.find(first)["PrivateIpAddress"]
    assert fleet.find(second)["PublicIpAddress"] == address["PublicIp"]
    (shown,) = ec2.describe_addresses()["Addresses"]
    assert shown["InstanceId"] == second
    ec2.disassociate_address(AssociationId=shown["AssociationId"])
    (shown,) = ec2.describe_addresses(PublicIps=[address["PublicIp"]])["Addresses"]
    assert "AssociationId" not in shown
    with refused("InvalidAssociationID.NotFound"):
        ec2.disassociate_address(AssociationId="eipassoc-0")
    ec2.release_address(**given)
    with refused("InvalidAllocationID.NotFound"):
        ec2.describe_addresses(AllocationIds=[address["AllocationId"]])


def test_an_address_is_free_when_its_instance_has_ended(
    region: RunningRegion, ec2: Any, fleet: Fleet
) -> None:
    instance_id = fleet.run()["InstanceId"]
    address = ec2.allocate_address()
    ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance_id)

    end(region, instance_id)

    (shown,) = ec2.describe_addresses()["Addresses"]
    assert "InstanceId" not in shown
    with refused("InvalidInstanceID"):
        ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance_id)


def test_there_are_five_addresses(ec2: Any) -> None:
    for _ in range(5):
        ec2.allocate_address(Domain="vpc")

    with refused("AddressLimitExceeded"):
        ec2.allocate_address()
    attributes = ec2.describe_addresses_attribute(Attribute="domain-name")["Addresses"]
    assert len({one["PublicIp"] for one in attributes}) == 5
    filters = [{"Name": "public-ip", "Values": ["203.0.113.3"]}]
    assert len(ec2.describe_addresses(Filters=filters)["Addresses"]) == 1
    with refused("InvalidAddress.NotFound", "8.8.8.8"):
        ec2.describe_addresses(PublicIps=["8.8.8.8"])
    with refused("MissingParameter"):
        ec2.release_address()
