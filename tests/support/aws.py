"""The native AWS provider in tests: a folder in which `cotta` works with a region."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.session import Session
from cotta.clouds.which import Access, Cloud, Keys
from cotta.providers.aws.provider import AwsProvider
from cotta.providers.options import ProviderOptions
from cotta.providers.registry import AWS
from cotta.system.clock import SystemClock
from tests.support.cli import Ended, run_cotta

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pytest

    from cotta.providers.interface import Provider
    from tests.support.regions import RunningRegion

PROVIDER = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}
"""


def access_to_region(region: RunningRegion, **changes: Any) -> Access:
    """Return how a region of a test is reached."""
    return access_to_endpoint(
        region.endpoint, Keys(region.account.access_key, region.account.secret_key), **changes
    )


_ANY_KEYS: Final = Keys("any", "any")


def access_to_endpoint(endpoint: str, keys: Keys = _ANY_KEYS, **changes: Any) -> Access:
    """Return how whatever answers at an address is reached."""
    plain: dict[str, Any] = {
        "cloud": Cloud.LOCAL,
        "region": "us-east-1",
        "endpoint": endpoint,
        "keys": keys,
        "attempts": 3,
    }
    return Access(**{**plain, **changes})


def told(ended: Ended) -> str:
    """Return what was said on stderr as running text, without boxes and line breaks."""
    return " ".join(ended.stderr.translate(str.maketrans("╷│╵", "   ")).split())


@dataclass(frozen=True, slots=True)
class CottaFolder:
    """A folder of configuration, and the program working in it."""

    folder: Path
    access: Access
    monkeypatch: pytest.MonkeyPatch

    def write(self, configuration: str, *, provider: str = PROVIDER) -> None:
        """Have the folder say this."""
        if not (self.folder / "provider.tf").exists():
            (self.folder / "provider.tf").write_text(provider)
        (self.folder / "main.tf").write_text(configuration)

    def attempt(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
        """Run a command to its end, whatever that is."""
        self.monkeypatch.chdir(self.folder)

        def make(options: ProviderOptions) -> Provider:
            reached: Callable[[], Access] = lambda: self.access  # noqa: E731
            mine = ProviderOptions(
                access=reached,
                waits=options.waits,
                replaces_refresh=options.replaces_refresh,
                contents=options.contents,
            )
            return AwsProvider(mine, SystemClock())

        return run_cotta(*arguments, environment=environment, providers={AWS: make})

    def run(self, *arguments: str) -> str:
        """Run a command, and return what it printed; an error fails the test."""
        ended = self.attempt(*arguments)
        assert ended.status == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def apply(self, *arguments: str) -> str:
        """Make it so."""
        return self.run("apply", "-auto-approve", *arguments)

    def assert_no_changes(self) -> None:
        """Plan again: nothing is to be done."""
        ended = self.attempt("plan", "-detailed-exitcode")
        assert ended.status == 0, f"{ended.stdout}\n{ended.stderr}"

    def assert_no_drift(self) -> None:
        """Look at what there is: all is as the state has it, null told from zero."""
        ended = self.attempt("plan", "-refresh-only", "-detailed-exitcode")
        assert ended.status == 0, f"{ended.stdout}\n{ended.stderr}"

    def planned(self, *arguments: str) -> dict[str, Any]:
        """Return the plan's changes by address, as plan JSON has them."""
        self.run("plan", "-out=next.plan", *arguments)
        shown = json.loads(self.run("show", "-json", "next.plan"))
        return {each["address"]: each["change"] for each in shown["resource_changes"]}

    def attributes(self, address: str) -> dict[str, Any]:
        """Return what the state has of an object."""
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        for resource in state["resources"]:
            for instance in resource["instances"]:
                module = f"{resource['module']}." if "module" in resource else ""
                mode = "data." if resource["mode"] == "data" else ""
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                if f"{module}{mode}{resource['type']}.{resource['name']}{index}" == address:
                    found: dict[str, Any] = instance["attributes"]
                    return found
        raise AssertionError(f"{address} is not in the state")

    @property
    def session(self) -> Session:
        """A session of its own with the cloud."""
        return Session(self.access)


def cotta_folder(folder: Path, access: Access, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    """Return a new folder in which nothing is written yet."""
    folder.mkdir(parents=True, exist_ok=True)
    return CottaFolder(folder, access, monkeypatch)
