"""A whole fleet applied while one of its calls fails: nothing is made twice, nothing forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.store.kinds import (
    AUTO_SCALING_GROUPS,
    INSTANCE_PROFILES,
    LAUNCH_TEMPLATES,
    LISTENERS,
    LOAD_BALANCERS,
    ROLES,
    SECURITY_GROUPS,
    TARGET_GROUPS,
)
from tests.support.aws_faults import apply_through
from tests.support.aws_fleets import a_web_fleet
from tests.support.fault_proxy import DropAfter, Fault, ServerError, ServerErrorAfter

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.region.store.kinds import Kind
    from tests.support.regions import RunningRegion

pytestmark = pytest.mark.slow

WRITES = "(?!Describe|Get|List).*"
KINDS: dict[str, Kind[Any]] = {
    "groups": AUTO_SCALING_GROUPS,
    "instance profiles": INSTANCE_PROFILES,
    "launch templates": LAUNCH_TEMPLATES,
    "listeners": LISTENERS,
    "load balancers": LOAD_BALANCERS,
    "roles": ROLES,
    "security groups": SECURITY_GROUPS,
    "target groups": TARGET_GROUPS,
}


def things(region: RunningRegion) -> dict[str, int]:
    """Return how many there are of each kind, but for what there was from the start."""
    with region.store.read() as rows:
        found = {name: rows.all(kind) for name, kind in KINDS.items()}
    # Those of services are made by these.
    found["roles"] = [one for one in found["roles"] if one.path == "/"]
    found["security groups"] = [one for one in found["security groups"] if one.name != "default"]
    return {name: len(each) for name, each in found.items()}


WHOLE = dict.fromkeys(KINDS, 1)
NOTHING = dict.fromkeys(KINDS, 0)


@pytest.mark.parametrize("at", range(1, 14))
@pytest.mark.parametrize(
    ("kind", "times"), [(DropAfter, 1), (DropAfter, 2), (ServerError, 2), (ServerErrorAfter, 2)]
)
def test_a_rerun_converges(
    kind: type[Fault], times: int, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = kind(WRITES, at=at, times=times)

    outcome, _ = apply_through(fault, a_web_fleet(), things, tmp_path, monkeypatch)

    assert outcome.met > 0
    assert outcome.statuses[1:] == (0, 0)
    assert (outcome.things, outcome.left) == (WHOLE, NOTHING)
