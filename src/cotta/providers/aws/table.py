"""What the AWS provider has: every type by its name, each from a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.data_sources import (
    ami,
    ami_ids,
    availability_zones,
    caller_identity,
    iam_policy_document,
    instances,
    partition,
    region,
    ssm_parameter,
    subnet,
    subnets,
    vpc,
)
from cotta.providers.aws.data_sources import autoscaling_group as autoscaling_group_data
from cotta.providers.aws.data_sources import launch_template as launch_template_data
from cotta.providers.aws.data_sources import lb as lb_data
from cotta.providers.aws.data_sources import lb_target_group as lb_target_group_data
from cotta.providers.aws.data_sources import security_group as security_group_data
from cotta.providers.aws.resources import (
    autoscaling_attachment,
    iam_instance_profile,
    iam_role,
    iam_role_policy,
    iam_role_policy_attachment,
    instance,
    key_pair,
    lb_listener,
    lb_listener_rule,
    lb_target_group_attachment,
    security_group_rule,
    vpc_security_group_egress_rule,
    vpc_security_group_ingress_rule,
)
from cotta.providers.aws.resources import autoscaling_group as autoscaling_group_resource
from cotta.providers.aws.resources import launch_template as launch_template_resource
from cotta.providers.aws.resources import lb as lb_resource
from cotta.providers.aws.resources import lb_target_group as lb_target_group_resource
from cotta.providers.aws.resources import security_group as security_group_resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import DataSource, Resource

# fmt: off
RESOURCES: Final[Mapping[str, Resource]] = {each.name: each for each in (
    autoscaling_attachment.RESOURCE,
    autoscaling_group_resource.RESOURCE,
    iam_instance_profile.RESOURCE,
    iam_role.RESOURCE,
    iam_role_policy.RESOURCE,
    iam_role_policy_attachment.RESOURCE,
    instance.RESOURCE,
    key_pair.RESOURCE,
    launch_template_resource.RESOURCE,
    *lb_resource.RESOURCES,
    *lb_listener.RESOURCES,
    *lb_listener_rule.RESOURCES,
    *lb_target_group_resource.RESOURCES,
    *lb_target_group_attachment.RESOURCES,
    security_group_resource.RESOURCE,
    security_group_rule.RESOURCE,
    vpc_security_group_egress_rule.RESOURCE,
    vpc_security_group_ingress_rule.RESOURCE,
)}

DATA_SOURCES: Final[Mapping[str, DataSource]] = {each.name: each for each in (
    ami.DATA_SOURCE,
    ami_ids.DATA_SOURCE,
    autoscaling_group_data.DATA_SOURCE,
    availability_zones.DATA_SOURCE,
    caller_identity.DATA_SOURCE,
    iam_policy_document.DATA_SOURCE,
    instances.DATA_SOURCE,
    launch_template_data.DATA_SOURCE,
    *lb_data.DATA_SOURCES,
    *lb_target_group_data.DATA_SOURCES,
    partition.DATA_SOURCE,
    region.DATA_SOURCE,
    security_group_data.DATA_SOURCE,
    ssm_parameter.DATA_SOURCE,
    subnet.DATA_SOURCE,
    subnets.DATA_SOURCE,
    vpc.DATA_SOURCE,
)}
# fmt: on
