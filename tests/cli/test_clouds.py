"""Which cloud a command means, and how it is reached."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from cotta.cli.clouds import access_to, cloud_of
from cotta.clouds.which import Access, Cloud
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.region.home import Home, Settings
from tests.support.cli import a_terminal
from tests.support.regions import fresh_store

if TYPE_CHECKING:
    from pathlib import Path


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
