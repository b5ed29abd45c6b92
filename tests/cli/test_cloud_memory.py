"""A folder's state belongs to one cloud, and the other is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.cli.cloud_memory import forget_cloud, refuse_other_cloud, remember_cloud
from cotta.clouds.which import Cloud
from cotta.diagnostics.diagnostics import DiagnosticsError
from tests.support.cli import a_terminal
from tests.support.local_cloud import LocalCloud, local_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p0yGmVVqGdNQ2pqBqGQd4dGgk3yq4Rb3NKY9xN0bE"
_TEXT = f"""\
resource "aws_key_pair" "a" {{
  key_name   = "a"
  public_key = "{_KEY}"
}}
"""


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("main.tf").write_text(_TEXT)
    with local_cloud(tmp_path / "home") as running:
        yield running


def test_either_cloud_will_do_before_anything_is_made(cloud: LocalCloud) -> None:
    cloud.cotta("plan")

    refuse_other_cloud(Cloud.AWS, a_terminal())


def test_what_was_made_in_one_cloud_is_not_looked_for_in_the_other(cloud: LocalCloud) -> None:
    assert cloud.cotta("apply", "-auto-approve").status == 0

    for command in (["plan"], ["apply", "-auto-approve"], ["destroy", "-auto-approve"]):
        ended = cloud.cotta(*command, "-cloud=aws")

        assert ended.status == 1
        assert "The state belongs to another cloud" in ended.stderr
        assert "-cloud=local" in ended.stderr
    assert cloud.cotta("plan", "-detailed-exitcode").status == 0


def test_when_everything_is_gone_either_will_do_again(cloud: LocalCloud) -> None:
    cloud.cotta("apply", "-auto-approve")
    cloud.cotta("destroy", "-auto-approve")

    refuse_other_cloud(Cloud.AWS, a_terminal())


def test_each_workspace_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here, there = a_terminal(), a_terminal(environment={"TF_WORKSPACE": "aws"})

    remember_cloud(Cloud.LOCAL, here)
    remember_cloud(Cloud.AWS, there)

    refuse_other_cloud(Cloud.LOCAL, here)
    refuse_other_cloud(Cloud.AWS, there)
    with pytest.raises(DiagnosticsError):
        refuse_other_cloud(Cloud.AWS, here)
    forget_cloud(here)
    refuse_other_cloud(Cloud.AWS, here)
    with pytest.raises(DiagnosticsError):
        refuse_other_cloud(Cloud.LOCAL, there)


def test_a_damaged_note_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".terraform").mkdir()
    Path(".terraform/cotta.clouds.json").write_text("{")

    with pytest.raises(DiagnosticsError) as refused:
        refuse_other_cloud(Cloud.LOCAL, a_terminal())

    (mistake,) = refused.value.diagnostics
    assert mistake.summary == "The folder's cloud can't be read"
