"""Terraform with its official AWS provider, working against a region."""

from __future__ import annotations

import functools
import os
import subprocess
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.oracle.witnesses import witness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.regions import RunningRegion

VERSION: Final = "5.100.0"
_PLACE: Final = f"registry.terraform.io/hashicorp/aws/{VERSION}/linux_amd64"

_PROVIDER: Final = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}
"""
# Asks nobody anything before a resource does.
_UNASKING: Final = _PROVIDER.replace(
    'region = "us-east-1"',
    """region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true""",
)


@functools.cache
def provider_mirror() -> Path | None:
    """Return the folder of plugins on this machine that has the provider, if there is one."""
    named = os.environ.get("COTTA_TEST_PLUGINS")
    wanted = f"registry.terraform.io/hashicorp/aws/{VERSION}"
    if named is not None:
        return Path(named) if (Path(named) / wanted).is_dir() else None
    found = subprocess.run(
        ["find", "/", "-xdev", "-maxdepth", "8", "-path", f"*/{wanted}", "-print", "-quit"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return Path(found.removesuffix(wanted)) if found else None


class Workspace:
    """A folder in which terraform and the official provider work; `reach` is how they call."""

    def __init__(self, folder: Path, reach: Mapping[str, str], provider: str = _PROVIDER) -> None:
        self._terraform = witness("terraform")
        mirror = provider_mirror()
        if mirror is None:
            pytest.skip(
                f"MISSING WITNESS: the official AWS provider {VERSION} is in no plugin mirror on "
                "this machine; name one in COTTA_TEST_PLUGINS"
            )
        self.folder = folder
        configuration = folder / "mirror.tfrc"
        configuration.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(configuration),
            "CHECKPOINT_DISABLE": "1",
            "TF_INPUT": "0",
            "TF_CLI_ARGS": "-no-color",
            # Nobody else's settings, and no metadata service of the machine that tests run on.
            "AWS_CONFIG_FILE": str(folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            **reach,
        }
        (folder / "provider.tf").write_text(provider)
        self._provider = mirror / _PLACE

    @functools.cached_property
    def _attached(self) -> str:
        """Where the provider is, started once: terraform would do that twice or more a command.

        It ends with this object, and with this process however that ends.
        """
        (program,) = self._provider.glob("terraform-provider-aws_*")
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(program), "-debug"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        weakref.finalize(self, _end, process)
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.strip().partition("=")
            if name == "TF_REATTACH_PROVIDERS":
                return value.strip("'")
        raise AssertionError("the provider doesn't start")

    def write(self, configuration: str) -> None:
        """Have the folder say this."""
        (self.folder / "main.tf").write_text(configuration)

    def init(self) -> None:
        """Install the provider."""
        self.run("init")

    def run(self, *arguments: str) -> str:
        """Run a command of terraform's, and return what it printed; an error fails the test."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of terraform's to its end, whatever that is."""
        environment = self._environment
        if arguments[0] != "init":
            environment = {**environment, "TF_REATTACH_PROVIDERS": self._attached}
        return subprocess.run(
            [self._terraform, *arguments],
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            env=environment,
            timeout=300,
        )

    def assert_no_changes(self) -> None:
        """Plan again: nothing is to be done."""
        done = self.attempt("plan", "-detailed-exitcode")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _end(process: subprocess.Popen[str]) -> None:
    with process:
        process.kill()


def region_workspace(folder: Path, region: RunningRegion, endpoint: str = "") -> Workspace:
    """Return a folder in which terraform works with a region; `endpoint`: by another way."""
    return Workspace(
        folder,
        {
            "AWS_ENDPOINT_URL": endpoint or region.endpoint,
            "AWS_ACCESS_KEY_ID": region.account.access_key,
            "AWS_SECRET_ACCESS_KEY": region.account.secret_key,
        },
    )


def official_workspace(folder: Path, endpoint: str = "http://127.0.0.1:9") -> Workspace:
    """Return one that works with any AWS at `endpoint`, by default with none at all."""
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    return Workspace(folder, {"AWS_ENDPOINT_URL": endpoint, **keys}, _UNASKING)
