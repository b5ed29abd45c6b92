"""After a run of ours that was killed, terraform goes on from the state as if nothing had been."""

from __future__ import annotations

import json
import signal
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta
from tests.support.killed import KillingDisk, run_until_killed

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

_TEXT: Final = """
resource "terraform_data" "a" { triggers_replace = "%s" }
resource "terraform_data" "b" {
  input            = terraform_data.a.id
  triggers_replace = terraform_data.a.id
  lifecycle { create_before_destroy = true }
}
output "b" { value = terraform_data.b.output }
"""
_APPLY: Final = ("apply", "-auto-approve")


def test_terraform_goes_on_after_a_killed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for writes in count():
        folder = tmp_path / str(writes)
        folder.mkdir()
        monkeypatch.chdir(folder)
        Path("main.tf").write_text(_TEXT % "one", encoding="utf-8")
        assert run_cotta(*_APPLY).status == 0
        Path("main.tf").write_text(_TEXT % "two", encoding="utf-8")
        status = run_until_killed(KillingDisk(writes, 0.4), *_APPLY)
        if status == 0:
            break
        assert status == -signal.SIGKILL

        # Any command that takes the lock folds in what the killed one has left.
        assert run_cotta("untaint", "-allow-missing", "terraform_data.none").status == 0

        assert not Path(".terraform.tfstate.journal").exists()
        planned = terraform("plan", "-detailed-exitcode", folder=folder)
        assert planned.returncode in (0, 2), planned.stderr
        applied = terraform(*_APPLY, folder=folder)
        assert applied.returncode == 0, applied.stderr
        state = json.loads(Path("terraform.tfstate").read_text(encoding="utf-8"))
        instances = [one for each in state["resources"] for one in each["instances"]]
        assert len(instances) == 2
        assert run_cotta("plan", "-detailed-exitcode").status == 0
    assert writes > 5
