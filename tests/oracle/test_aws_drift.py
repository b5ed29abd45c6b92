"""What has changed behind its back, as terraform shows it in a plan, and as we show the same plan.

What terraform planned and showed is kept in `tests/cli/views/recorded_drift.json`, so that ours is
held to it without terraform too; this test writes it if COTTA_GOLDEN=write.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.oracle.official_provider import region_workspace
from tests.support.drifting import CONFIGURATION, PLANS, change_behind
from tests.support.recorded_plans import kept, mode_of, shown, shown_by_terraform
from tests.support.regions import running_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.official_provider import Workspace

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

RECORDS: Final = Path(__file__).parents[1] / "cli" / "views" / "recorded_drift.json"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("drift")
    with running_region(folder) as region:
        (folder / "work").mkdir()
        workspace = region_workspace(folder / "work", region)
        workspace.write(CONFIGURATION)
        workspace.init()
        workspace.run("apply", "-auto-approve")
        change_behind(region)
        yield workspace


@pytest.fixture(scope="module")
def records() -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}
    yield found
    if os.environ.get("COTTA_GOLDEN") == "write":
        lines = [
            f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False, separators=(',', ':'))}"
            for name, one in found.items()
        ]
        RECORDS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


@pytest.mark.parametrize("name", PLANS)
def test_what_has_changed_is_shown_as_terraform_shows_it(
    name: str, workspace: Workspace, records: dict[str, Any]
) -> None:
    configuration, *flags = PLANS[name]
    workspace.write(configuration)
    theirs = shown_by_terraform(workspace.run("plan", "-out=plan", *flags))
    record = kept(
        json.loads(workspace.run("show", "-json", "plan")),
        is_refresh_only="-refresh-only" in flags,
    )
    records[name] = {"flags": flags, "plan": record, "text": theirs}

    assert shown(record, mode_of(flags)) == theirs
