"""Rules on what is asked for at the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Severity
from cotta.practices.model import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REPLACED_BY_HAND: Final = Rule(
    id="CT012",
    title="Member of a fleet replaced by hand",
    severity=Severity.ERROR,
    why="-replace ends what serves before its successor is there, all of it at once, and gives the "
    "same thing again: nothing about it has changed.",
    remedy="Bake a new image and let the group roll, or end one instance and let the group replace "
    "it: `aws autoscaling terminate-instance-in-auto-scaling-group`. With -force-replace it is "
    "done all the same.",
)

# What serves, or what others stand on.
_OF_A_FLEET: Final = frozenset(
    {
        "aws_autoscaling_group",
        "aws_launch_template",
        "aws_instance",
        "aws_lb",
        "aws_lb_target_group",
    }
)


def check_replace(addresses: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Yield what of `-replace` is a member of a fleet, given (resource type, address) of each."""
    for type_, address in addresses:
        if type_ in _OF_A_FLEET:
            yield Finding(
                rule=REPLACED_BY_HAND, detail=f"-replace={address} asks for it.", address=address
            )
