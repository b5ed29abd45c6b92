"""`aws_vpc_security_group_ingress_rule`: one rule of a security group, with an id of its own."""

from __future__ import annotations

from typing import Final

from cotta.providers.aws.firewalls.rules import INGRESS
from cotta.providers.aws.firewalls.single_rule import single_rule

RESOURCE: Final = single_rule(INGRESS)
