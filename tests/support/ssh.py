"""Log in to machines as a person would: by OpenSSH's client."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def make_key(ec2: Any, name: str, folder: Path) -> Path:
    """Have the region make a key pair, and return the file of its private half."""
    if shutil.which("ssh") is None:
        pytest.skip("MISSING: ssh (apt-get install openssh-client); nobody logs in")
    key = folder / f"{name}.pem"
    key.write_text(ec2.create_key_pair(KeyName=name, KeyType="ed25519")["KeyMaterial"])
    key.chmod(0o600)
    return key


def ssh(address: str, key: Path, command: str, *, user: str = "admin", seconds: float = 60) -> str:
    """Run a command on a machine as soon as it lets us in, and return what it writes."""
    argv = [
        "ssh",
        *("-i", str(key), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
        *("-o", "ConnectTimeout=5", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"),
        f"{user}@{address}",
        command,
    ]
    deadline = time.monotonic() + seconds
    while True:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode == 0:
            return done.stdout
        # 255 is ssh's own: it was not let in, yet.
        assert done.returncode == 255, done
        assert time.monotonic() < deadline, done
        time.sleep(0.2)
