"""The operations of EC2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.ec2 import (
    addresses,
    consoles,
    image_answers,
    image_attributes,
    images,
    instance_attributes,
    instance_profiles,
    instance_states,
    instances,
    interfaces,
    key_pairs,
    launch_template_contents,
    launch_templates,
    places,
    routing,
    security_group_rules,
    security_groups,
    snapshots,
    subnets,
    tagging,
    types,
    volumes,
    vpcs,
)

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **addresses.OPERATIONS,
    **consoles.OPERATIONS,
    **image_answers.OPERATIONS,
    **image_attributes.OPERATIONS,
    **images.OPERATIONS,
    **instance_attributes.OPERATIONS,
    **instance_profiles.OPERATIONS,
    **instance_states.OPERATIONS,
    **instances.OPERATIONS,
    **interfaces.OPERATIONS,
    **key_pairs.OPERATIONS,
    **launch_template_contents.OPERATIONS,
    **launch_templates.OPERATIONS,
    **places.OPERATIONS,
    **routing.OPERATIONS,
    **security_group_rules.OPERATIONS,
    **security_groups.OPERATIONS,
    **snapshots.OPERATIONS,
    **subnets.OPERATIONS,
    **tagging.OPERATIONS,
    **types.OPERATIONS,
    **volumes.OPERATIONS,
    **vpcs.OPERATIONS,
}
