"""The types of EC2's resources that can be given tags, by the API's names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

TAGGED_TYPES: Final = frozenset(
    """
    capacity-reservation capacity-reservation-fleet carrier-gateway client-vpn-endpoint
    coip-pool customer-gateway declarative-policies-report dedicated-host dhcp-options
    egress-only-internet-gateway elastic-gpu elastic-ip export-image-task export-instance-task
    fleet fpga-image host-reservation image import-image-task import-snapshot-task instance
    instance-connect-endpoint instance-event-window internet-gateway ipam
    ipam-external-resource-verification-token ipam-pool ipam-resource-discovery
    ipam-resource-discovery-association ipam-scope ipv4pool-ec2 ipv6pool-ec2 key-pair
    launch-template local-gateway local-gateway-route-table
    local-gateway-route-table-virtual-interface-group-association
    local-gateway-route-table-vpc-association local-gateway-virtual-interface
    local-gateway-virtual-interface-group mac-modification-task natgateway network-acl
    network-insights-access-scope network-insights-access-scope-analysis
    network-insights-analysis network-insights-path network-interface outpost-lag
    placement-group prefix-list replace-root-volume-task reserved-instances route-server
    route-server-endpoint route-server-peer route-table security-group security-group-rule
    service-link-virtual-interface snapshot spot-fleet-request spot-instances-request subnet
    subnet-cidr-reservation traffic-mirror-filter traffic-mirror-filter-rule
    traffic-mirror-session traffic-mirror-target transit-gateway transit-gateway-attachment
    transit-gateway-connect-peer transit-gateway-multicast-domain transit-gateway-policy-table
    transit-gateway-route-table transit-gateway-route-table-announcement
    verified-access-endpoint verified-access-endpoint-target verified-access-group
    verified-access-instance verified-access-policy verified-access-trust-provider volume vpc
    vpc-block-public-access-exclusion vpc-endpoint vpc-endpoint-connection
    vpc-endpoint-connection-device-type vpc-endpoint-service vpc-endpoint-service-permission
    vpc-flow-log vpc-peering-connection vpn-connection vpn-connection-device-type vpn-gateway
    """.split()  # noqa: SIM905 - a name each line would be a page
)


def is_tagged_type(text: str) -> str | None:
    """Allow these types."""
    if text in TAGGED_TYPES:
        return None
    close = get_close_matches(text, sorted(TAGGED_TYPES), 1) or ["instance"]
    return f'needs a type of EC2, such as "{close[0]}", and this is "{text}"'
