"""The script of a machine's first boot: as it reads, and as it works in a real tree."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.firstboot import FirstBoot, render_first_boot
from tests.region.test_userdata import a_message
from tests.support.base_image import inside, written_over
from tests.support.golden import assert_golden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.base_image import BaseImage

CONFIG: Final = """#cloud-config
hostname: web-1
fqdn: web-1.example.com
timezone: Europe/Berlin
groups:
  - ops: [admin]
users:
  - default
  - name: ann
    groups: ops
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: [ssh-ed25519 AAAAann ann]
ssh_authorized_keys: [ssh-ed25519 AAAAextra extra]
write_files:
  - path: /etc/app/app.conf
    content: "it's $HOME\\n"
    permissions: "0640"
    owner: root:ops
  - path: /etc/app/app.conf
    content: more
    append: true
    permissions: "0640"
    owner: root:ops
  - path: /srv/ann
    content: hers
    owner: ann:ann
    defer: true
bootcmd: ["echo boot >>/srv/boots"]
runcmd:
  - [touch, "/srv/two words"]
  - x=1; echo $x >/srv/x
  - test -s /srv/ann
"""

BOOT: Final = FirstBoot(
    instance_id="i-0123456789abcdef0",
    host_name="ip-172-31-0-10",
    domain="ec2.internal",
    default_user="admin",
    public_keys=("ssh-ed25519 AAAApair my key",),
)


def with_user_data(user_data: str | bytes, instance: str = BOOT.instance_id) -> str:
    raw = user_data.encode() if isinstance(user_data, str) else user_data
    return render_first_boot(
        FirstBoot(
            instance_id=instance,
            host_name=BOOT.host_name,
            domain=BOOT.domain,
            default_user=BOOT.default_user,
            public_keys=BOOT.public_keys,
            user_data=raw,
        )
    )


@pytest.mark.parametrize(
    ("name", "user_data"),
    [
        ("nothing", ""),
        ("config", CONFIG),
        ("refused", "#cloud-config\npackages: [nginx]\nntp: {}\n"),
    ],
)
def test_script_reads_well(name: str, user_data: str) -> None:
    script = with_user_data(user_data)

    assert_golden(f"region/firstboot/{name}.sh", script)
    subprocess.run(["/bin/sh", "-n"], input=script.encode(), check=True)


@pytest.fixture(scope="module")
def machine(base_image: BaseImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a tree of the base image that can be written to, for the tests of this file."""
    folder = tmp_path_factory.mktemp("machine")
    store = base_image.store_in(folder / "images")
    with written_over(store, base_image.digest, folder) as (root, _):
        yield root


def first_boot(root: Path, script: str) -> str:
    """Run both parts of a script in a tree; return what it said."""
    (root / "opt/first-boot").write_text(script)
    said = inside(
        root, "sh /opt/first-boot early; sh /opt/first-boot user-data; true", network=False
    )
    (root / "opt/first-boot").unlink()
    return said


@pytest.mark.boot
@pytest.mark.slow
def test_configuration_is_carried_out_once(machine: Path) -> None:
    message = a_message(
        ("text/cloud-config", "", CONFIG), ("text/x-shellscript", "", "#!/bin/sh\nid -un; exit 0\n")
    )

    said = first_boot(machine, with_user_data(message))
    again = first_boot(machine, with_user_data(message))

    assert said.splitlines() == ["root", "cotta: first boot is done"]
    assert again == ""

    def read(path: str) -> str:
        return (machine / path).read_text()

    assert read("etc/hostname") == "web-1\n"
    assert read("etc/hosts").splitlines()[-1] == "127.0.1.1 web-1.example.com web-1"
    assert read("etc/timezone") == "Europe/Berlin\n"
    assert read("etc/app/app.conf") == "it's $HOME\nmore"
    assert read("home/admin/.ssh/authorized_keys").splitlines() == [
        "ssh-ed25519 AAAApair my key",
        "ssh-ed25519 AAAAextra extra",
    ]
    assert read("home/ann/.ssh/authorized_keys") == "ssh-ed25519 AAAAann ann\n"
    assert read("etc/sudoers.d/90-user-ann") == "ann ALL=(ALL) NOPASSWD:ALL\n"
    assert read("var/lib/cotta/authorized_keys") == "ssh-ed25519 AAAApair my key\n"
    assert read("srv/boots") == "boot\nboot\n", "bootcmd is for every boot"
    assert (machine / "srv/two words").exists()
    assert read("srv/x") == "1\n"
    assert (machine / "var/lib/cloud/instance/boot-finished").exists()
    modes = inside(
        machine,
        "stat -c '%n %a %U:%G' /etc/app/app.conf /home/ann/.ssh/* /srv/ann;"
        "id -nG admin; sudo -l -U ann",
    )
    assert modes.splitlines()[:4] == [
        "/etc/app/app.conf 640 root:ops",
        "/home/ann/.ssh/authorized_keys 600 ann:ann",
        "/srv/ann 644 ann:ann",
        "admin ops",
    ]
    assert "(ALL) NOPASSWD: ALL" in modes


@pytest.mark.boot
@pytest.mark.slow
def test_failures_are_said_and_the_rest_is_done(machine: Path) -> None:
    message = a_message(
        ("text/cloud-config", "", "packages: [nginx]\nntp: {}\nruncmd: ['touch /srv/after']\n"),
        ("text/x-shellscript", "a.sh", "#!/bin/sh\necho from a; exit 3\n"),
    )

    said = first_boot(machine, with_user_data(message, "i-00000000000000002"))

    reason = "packages is not done: packages are part of the image: install them when it is built"
    assert said.splitlines() == [
        f"cotta: user data: {reason}",
        "cotta: user data: the key 'ntp' of #cloud-config is not known here, and left out",
        "from a",
        "cotta: user data: a.sh ended with status 3",
        f"cotta: user data failed: {reason}",
    ]
    assert (machine / "srv/after").exists()
