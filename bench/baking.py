"""How fast images are baked: from nothing, unchanged, and how fast files are carried.

The first two need root and the Debian packages of `.ci/run`; packer is the peer where it is there.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import paramiko
import pytest

from bench.measure import Figure
from tests.support.base_image import shared_base
from tests.support.booted_region import BootedRegion

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNS: Final = 3
_MEBIBYTE: Final = 1024 * 1024

_TEMPLATE: Final = """
source "amazon-ebs" "app" {
  region                      = "us-east-1"
  custom_endpoint_ec2         = "ENDPOINT"
  skip_region_validation      = true
  skip_metadata_api_check     = true
  skip_credential_validation  = true
  instance_type               = "t3.micro"
  ssh_username                = "admin"
  ami_name                    = "one-{{timestamp}}"
  source_ami_filter {
    filters     = { name = "debian-12-*" }
    owners      = ["136693071363"]
    most_recent = true
  }
  aws_polling {
    delay_seconds = 1
    max_attempts  = 60
  }
}
build {
  sources = ["source.amazon-ebs.app"]
  provisioner "shell" {
    inline = ["echo hello | sudo tee /etc/hello"]
  }
}
"""


def figures() -> list[Figure]:
    """Return the figures."""
    return [*_builds(), *_files()]


def _builds() -> list[Figure]:
    try:
        image = shared_base()
    except pytest.skip.Exception as missing:
        return [Figure("one-line build", str(missing))]
    with TemporaryDirectory() as folder:
        region = BootedRegion(Path(folder) / "home")
        region.up()
        try:
            region.add_debian(image)
            return _measured(region, Path(folder))
        finally:
            region.reset()


def _measured(region: BootedRegion, folder: Path) -> list[Figure]:
    variables = {name: value for name, value in region.aws.items() if name != "AWS_ENDPOINT_URL"}
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "CHECKPOINT_DISABLE": "1",
        **variables,
        **region.environment,
    }
    template = _TEMPLATE.replace("ENDPOINT", region.aws["AWS_ENDPOINT_URL"])
    (folder / "one.pkr.hcl").write_text(template)

    def run(*argv: str) -> tuple[float, str]:
        began = time.perf_counter()
        done = subprocess.run(
            [*argv, "one.pkr.hcl"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return time.perf_counter() - began, done.stdout

    ours = [run(sys.executable, "-m", "cotta", "build", "-force")[0] for _ in range(_RUNS)]
    # One made under the usual key, which then is found.
    unchanged = [run(sys.executable, "-m", "cotta", "build")[0] for _ in range(_RUNS)]
    packer = shutil.which("packer")
    theirs = [run(packer, "build")[0] for _ in range(_RUNS)] if packer is not None else []
    return [
        Figure(
            "build of one line of shell, from nothing",
            f"{statistics.median(ours):.1f} s",
            f"{statistics.median(theirs):.1f} s (packer 1.6.6)" if theirs else "no packer here",
            "≤ 8 s, no slower than packer",
        ),
        Figure("build, unchanged", f"{statistics.median(unchanged):.2f} s", wanted="≤ 0.5 s"),
    ]


# --- files ----------------------------------------------------------------------------------


def _files() -> list[Figure]:
    """Return the rate of carrying a file by our carrier, and by paramiko's own."""
    from cotta.builder.communicators.settings import Login, SshSettings
    from cotta.builder.communicators.ssh import HostKeys, connect
    from cotta.system.clock import SystemClock
    from tests.support.ssh_server import Rules, ssh_server

    size = 128 * _MEBIBYTE
    with TemporaryDirectory() as folder, ssh_server(Rules(password="open")) as server:
        source, target = Path(folder) / "source", Path(folder) / "target"
        source.write_bytes(os.urandom(_MEBIBYTE) * (size // _MEBIBYTE))
        settings = SshSettings(
            login=Login(user="admin", password="open"),
            port=server.port,
        )
        machine = connect(
            lambda: "127.0.0.1", settings, SystemClock(), host_keys=HostKeys(frozenset)
        )
        machine.upload(source, str(target))
        transport = paramiko.Transport(("127.0.0.1", server.port))
        transport.connect(username="admin", password="open")
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        ours, theirs = [], []
        # In turns, so that what else the machine does meets both.
        for _ in range(_RUNS):
            ours.append(_rate(lambda: machine.upload(source, str(target)), size))
            theirs.append(_rate(lambda: client.put(str(source), str(target)), size))
        machine.close()
        transport.close()
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        Figure(
            "a file of 128 MiB by SFTP, both ends in Python",
            f"{statistics.median(ours):.0f} MiB/s ({ratio:.0%})",
            f"{statistics.median(theirs):.0f} MiB/s (paramiko's put)",
            "≥ 80 % of paramiko",
        )
    ]


def _rate(work: Callable[[], object], size: int) -> float:
    began = time.perf_counter()
    work()
    return size / _MEBIBYTE / (time.perf_counter() - began)
