"""Every service that the region provides, by the name that clients sign for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.region.api import sts
from cotta.region.api.autoscaling import operations as autoscaling
from cotta.region.api.ec2 import operations as ec2
from cotta.region.api.elbv2 import operations as elbv2
from cotta.region.api.iam import operations as iam
from cotta.region.api.ssm import operations as ssm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Operations


@dataclass(frozen=True, slots=True)
class Provided:
    """A service: its name in botocore, and the operations that there are here."""

    model: str
    operations: Operations


SERVICES: Final[Mapping[str, Provided]] = {
    "autoscaling": Provided("autoscaling", autoscaling.OPERATIONS),
    "ec2": Provided("ec2", ec2.OPERATIONS),
    "elasticloadbalancing": Provided("elbv2", elbv2.OPERATIONS),
    "iam": Provided("iam", iam.OPERATIONS),
    "ssm": Provided("ssm", ssm.OPERATIONS),
    "sts": Provided("sts", sts.OPERATIONS),
}
