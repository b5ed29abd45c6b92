"""Groups by their names, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.reading import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.reading import Item

# As many names as a call takes.
_MOST: Final = 50


def _ask(session: Session, names: Sequence[str]) -> Iterable[Item]:
    return session.pages(
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
        AutoScalingGroupNames=list(names),
    )


GROUP: Final = Lookup(ask=_ask, identify=lambda item: str(item["AutoScalingGroupName"]), most=_MOST)
