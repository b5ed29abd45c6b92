"""Which cloud a command means, and how it is reached."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.cli.clouds import access_to, cloud_of, provider_options
from cotta.clouds.which import Access, Cloud
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.providers.interface import ProviderDiagnostic
from cotta.region.home import Home, Settings
from tests.support.cli import a_terminal, run_cotta
from tests.support.engine import SCRIPTED
from tests.support.regions import fresh_store
from tests.support.scripted_provider import ScriptedProvider

if TYPE_CHECKING:
    from cotta.providers.options import ProviderOptions


def test_the_local_cloud_is_the_region_of_the_data_folder(tmp_path: Path) -> None:
    Home(tmp_path).write_settings(Settings(network="172.31.0.0/16", port=4580))
    store, account = fresh_store(tmp_path)
    store.close()

    access = access_to(Cloud.LOCAL, a_terminal(environment={"COTTA_HOME": str(tmp_path)}))

    assert (access.endpoint, access.region) == ("http://127.0.0.1:4580", "us-east-1")
    assert access.keys is not None
    assert (access.keys.access_key, access.keys.secret_key) == (
        account.access_key,
        account.secret_key,
    )


def test_without_a_region_the_next_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticsError) as refused:
        access_to(Cloud.LOCAL, a_terminal(environment={"COTTA_HOME": str(tmp_path)}))

    (mistake,) = refused.value.diagnostics
    assert mistake.summary == "There is no region here"
    assert "`cotta region up` makes one" in mistake.detail


def test_aws_is_left_to_its_own_chain() -> None:
    assert access_to(Cloud.AWS, a_terminal()) == Access(cloud=Cloud.AWS)


def test_an_unknown_cloud_is_refused() -> None:
    with pytest.raises(DiagnosticsError) as refused:
        cloud_of(Namespace(cloud="gcp"), a_terminal())

    (mistake,) = refused.value.diagnostics
    assert mistake.summary == "There is no such cloud"
    assert '-cloud is "gcp"' in mistake.detail


def what_providers_hear(*arguments: str) -> ProviderOptions:
    """Run a command on one scripted resource, and return what its provider is told."""
    Path("main.tf").write_text('resource "scripted_thing" "a" { name = "a" }\n', encoding="utf-8")
    heard: list[ProviderOptions] = []

    def make(options: ProviderOptions) -> ScriptedProvider:
        heard.append(options)
        return ScriptedProvider()

    run_cotta(*arguments, stdin="1\n", providers={SCRIPTED: make})

    assert heard
    assert len({(one.waits, one.replaces_refresh) for one in heard}) == 1
    return heard[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("apply", "-auto-approve"),
        ("destroy", "-auto-approve"),
        ("refresh",),
        ("import", "scripted_thing.a", "obj-1"),
        ("console", "-plan"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_that_configures_providers_takes_a_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)

    options = what_providers_hear(*arguments, "-cloud=aws")

    assert options.reach() == Access(cloud=Cloud.AWS)
    assert (options.waits, options.replaces_refresh) == (True, False)


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_what_is_said_of_rolls_reaches_the_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)

    options = what_providers_hear(command, "-no-wait", "-replace-refresh")

    assert (options.waits, options.replaces_refresh) == (False, True)


def test_a_region_is_looked_for_when_a_provider_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal = a_terminal(environment={"COTTA_HOME": str(tmp_path / "none")})

    options = provider_options(Namespace(cloud=None), terminal)

    found = options.reach()
    assert isinstance(found, tuple)
    (complaint,) = found
    assert isinstance(complaint, ProviderDiagnostic)
    assert complaint.summary == "There is no region here"


def test_a_cloud_that_is_none_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text('output "a" { value = 1 }\n', encoding="utf-8")

    ended = run_cotta("plan", "-cloud=gcp")

    assert ended.status == 1
    assert "There is no such cloud" in ended.stderr
