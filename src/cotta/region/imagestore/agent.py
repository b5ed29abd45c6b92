"""What a base image has in it so that its machines can be told who they are.

The agent knows nothing but where to ask: the instance metadata service gives it a script, made
for this machine by `region/firstboot.py`.  So images that were sealed long ago have the first
boot of today, and no image holds more than this page.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# Where the metadata service has the script, below a version: ours, beside AWS's own tree.
SCRIPT_PATH: Final = "cotta/first-boot"
# Where that script says why user data failed.
REPORT_PATH: Final = "cotta/user-data"

_AGENT: Final = f"""#!/bin/sh
# Ask the instance metadata service what to do at first boot, and do the part named by $1.
script=/run/cotta-first-boot
imds=http://169.254.169.254/latest
if [ ! -e /etc/ssh/ssh_host_ed25519_key ] && command -v ssh-keygen >/dev/null; then
    # One kind of key is enough, and the others take ten times as long to make.
    ssh-keygen -q -t ed25519 -N '' -C "$(uname -n)" -f /etc/ssh/ssh_host_ed25519_key
fi
ask() {{
    curl -s -f --max-time 5 --retry 30 --retry-delay 1 --retry-connrefused "$@"
}}
if [ ! -s "$script" ]; then
    umask 077
    if ! token=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/api/token") ||
        ! ask -H "X-aws-ec2-metadata-token: $token" -o "$script.new" "$imds/{SCRIPT_PATH}"; then
        echo 'cotta: the instance metadata service does not answer: first boot is left out' >&2
        exit 0
    fi
    mv "$script.new" "$script"
    umask 022
fi
exec /bin/sh "$script" "$1"
"""

_EARLY: Final = """[Unit]
Description=First boot: host name, keys, users and files
After=local-fs.target systemd-tmpfiles-setup.service
Before=network-online.target ssh.service sshd.service systemd-user-sessions.service
ConditionPathExists=/usr/lib/cotta/first-boot

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/cotta/first-boot early
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
"""

# What user data starts in the background lives on: hence KillMode.  The machine has booted
# as soon as this has begun, however long it takes: hence the type.
_USER_DATA: Final = """[Unit]
Description=First boot: user data
After=multi-user.target cotta-first-boot.service network-online.target
ConditionPathExists=/usr/lib/cotta/first-boot

[Service]
Type=exec
RemainAfterExit=yes
ExecStart=/usr/lib/cotta/first-boot user-data
StandardOutput=journal+console
StandardError=journal+console
KillMode=process
TasksMax=infinity

[Install]
WantedBy=multi-user.target
"""

# By path: the mode and the content.
_FILES: Final = {
    "usr/lib/cotta/first-boot": (0o755, _AGENT),
    "usr/lib/systemd/system/cotta-first-boot.service": (0o644, _EARLY),
    "usr/lib/systemd/system/cotta-user-data.service": (0o644, _USER_DATA),
}

_ENABLED: Final = ("cotta-first-boot.service", "cotta-user-data.service")
_WANTS: Final = "etc/systemd/system/multi-user.target.wants"


def install_agent(tree: Path) -> None:
    """Put the agent into a tree with systemd, to be started at boot."""
    for path, (mode, content) in _FILES.items():
        write_file(tree, path, content, mode=mode)
    for unit in _ENABLED:
        link = folder_in(tree, _WANTS) / unit
        link.unlink(missing_ok=True)
        link.symlink_to(f"/usr/lib/systemd/system/{unit}")


def write_file(tree: Path, path: str, content: str, *, mode: int = 0o644) -> None:
    """Write a file of root's in a tree, in the place of what is there."""
    folder, _, name = path.rpartition("/")
    place = folder_in(tree, folder) / name
    place.unlink(missing_ok=True)
    place.write_text(content, encoding="utf-8")
    place.chmod(mode)


def folder_in(tree: Path, path: str) -> Path:
    """Return a folder in a tree, made if need be; links in the tree lead nowhere outside.

    `NotADirectoryError` if something else than a folder is in the way.
    """
    place = tree
    for name in filter(None, path.split("/")):
        place /= name
        if not place.is_symlink():
            place.mkdir(mode=0o755, exist_ok=True)
        if place.is_symlink() or not place.is_dir():
            raise NotADirectoryError(f"/{os.path.relpath(place, tree)} is no folder of the image")
    return place
