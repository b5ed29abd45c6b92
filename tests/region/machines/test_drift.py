"""What a machine has changed of its image, by its layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.region.machines.drift import MOST, drift_of

if TYPE_CHECKING:
    from pathlib import Path


def write(upper: Path, *paths: str) -> None:
    for path in paths:
        (upper / path).parent.mkdir(parents=True, exist_ok=True)
        (upper / path).write_text("")


def test_machine_that_has_only_worked_has_not_drifted(tmp_path: Path) -> None:
    write(
        tmp_path,
        "var/lib/app/state",
        "home/admin/.ssh/authorized_keys",
        "root/.bash_history",
        "etc/machine-id",
        "etc/hostname",
        "etc/passwd-",
        "etc/resolv.conf",
        "etc/ssh/ssh_host_ed25519_key.pub",
        "etc/sudoers.d/90-cloud",
    )
    (tmp_path / "usr/share").mkdir(parents=True)

    assert drift_of(tmp_path) == ()
    assert drift_of(tmp_path / "never") == ()


def test_what_belongs_to_the_image_is_told(tmp_path: Path) -> None:
    write(tmp_path, "usr/bin/tool", "etc/nginx/nginx.conf", "etc/ssh/sshd_config", "boot/vmlinuz")
    (tmp_path / "usr/lib").mkdir()
    (tmp_path / "usr/lib/link").symlink_to("/")
    (tmp_path / "sbin").symlink_to("usr/sbin")

    assert drift_of(tmp_path) == (
        "/boot/vmlinuz",
        "/etc/nginx/nginx.conf",
        "/etc/ssh/sshd_config",
        "/sbin",
        "/usr/bin/tool",
        "/usr/lib/link",
    )


def test_no_more_than_a_person_reads(tmp_path: Path) -> None:
    write(tmp_path, *(f"usr/{number}" for number in range(MOST + 5)))

    assert len(drift_of(tmp_path)) == MOST
