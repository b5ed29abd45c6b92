"""The script that a machine's agent fetches and runs: what first boot is, for this machine.

Pure: rows and user data to a POSIX shell script, which needs a shell and what every
Debian has.  `early` is done before SSH answers, `user-data` when everything has
started; each once for an instance, except for bootcmd, which cloud-init runs at every boot
too.  What the script says is on the machine's console.
"""

from __future__ import annotations

import base64
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.region.cloudconfig import decode_cloud_config
from cotta.region.userdata import Script, parse_user_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.cloudconfig import CloudConfig, File, User
    from cotta.region.userdata import UserData

# What is seen of it on a console; the rest of the line says why.
_FAILED: Final = "cotta: user data failed: "

# What every script begins with.
_TOOLS: Final = r"""#!/bin/sh
# First boot of one instance, made for it by the instance metadata service.
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
state=/var/lib/cotta
failed=

say() { echo "cotta: $*"; }

fail() {
    say "user data: $*"
    [ -n "$failed" ] || failed=$*
}

# Tell the region why user data failed; it may be down, and the console has it too.
report() {
    imds=http://169.254.169.254/latest
    token=$(curl -s -f --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
        "$imds/api/token") || return
    curl -s --max-time 5 -o /dev/null -X PUT -H "X-aws-ec2-metadata-token: $token" \
        --data-raw "$1" "$imds/cotta/user-data"
}

# Add lines to the keys of a user; a user that is not there gets none.
give_keys() {
    home=$(getent passwd "$1" | cut -d: -f6)
    if [ -z "$home" ]; then
        fail "there is no user $1 to be given a key"
        return
    fi
    mkdir -p "$home/.ssh"
    chmod 700 "$home/.ssh"
    printf '%s\n' "$2" >>"$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
    chown -R "$1:" "$home/.ssh"
}

# Write what base64 stands for: path, owner, mode, how (> or >>), text.
write_file() {
    mkdir -p "$(dirname "$1")"
    if [ "$4" = '>>' ]; then
        printf '%s' "$5" | base64 -d >>"$1"
    else
        printf '%s' "$5" | base64 -d >"$1"
    fi || { fail "$1 can't be written"; return; }
    chmod "$3" "$1"
    chown "$2" "$1" || fail "$1 can't be given to $2"
}

# Run a program made of base64: name, text.
run_script() {
    mkdir -p "$state/scripts"
    printf '%s' "$2" | base64 -d >"$state/scripts/$1"
    chmod 700 "$state/scripts/$1"
    "$state/scripts/$1"
    status=$?
    [ "$status" = 0 ] || fail "$1 ended with status $status"
}
"""

_ONCE: Final = r"""
done_already() { [ "$(cat "$state/$1" 2>/dev/null)" = "$instance" ]; }

case $1 in
early)
    every_boot
    done_already early && exit 0
    mkdir -p "$state"
    chmod 700 "$state"
    early
    echo "$failed" >"$state/failed"
    echo "$instance" >"$state/early"
    ;;
user-data)
    done_already user-data && exit 0
    mkdir -p "$state"
    chmod 700 "$state"
    failed=$(cat "$state/failed" 2>/dev/null)
    user_data
    # Many wait for this file, which cloud-init leaves.
    mkdir -p "/var/lib/cloud/instances/$instance"
    ln -sfn "instances/$instance" /var/lib/cloud/instance
    date >"/var/lib/cloud/instances/$instance/boot-finished"
    echo "$failed" >"$state/failed"
    echo "$instance" >"$state/user-data"
    if [ -n "$failed" ]; then
        say "user data failed: $failed"
        report "$failed"
        exit 1
    fi
    say "first boot is done"
    ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstBoot:
    """What the region knows of a machine that boots; `user_data` is as the API was given it."""

    instance_id: str
    host_name: str
    domain: str
    default_user: str
    public_keys: tuple[str, ...] = ()
    user_data: bytes = b""


def render_first_boot(boot: FirstBoot) -> str:
    """Return the script for a machine; whatever its user data is, there is one."""
    data = parse_user_data(boot.user_data)
    config = decode_cloud_config(data.config)
    parts = [
        _TOOLS,
        f"instance={shlex.quote(boot.instance_id)}\n",
        _function("every_boot", _commands("bootcmd", config.boot_commands)),
        _function("early", _early(boot, data, config)),
        _function("user_data", _user_data(data, config)),
        _ONCE,
    ]
    return "".join(parts)


def _function(name: str, lines: Iterator[str]) -> str:
    body = "".join(f"{line}\n" for line in lines)
    return f"\n{name}() {{\n{body}:\n}}\n"


def _early(boot: FirstBoot, data: UserData, config: CloudConfig) -> Iterator[str]:
    for problem in (*data.problems, *config.problems):
        yield f"fail {shlex.quote(problem)}"
    for note in (*data.notes, *config.notes):
        yield f"say {shlex.quote(f'user data: {note}')}"
    yield from _names(boot, config)
    if config.time_zone is not None:
        yield from _time_zone(config.time_zone)
    # cloud-init writes files before it adds users; this way they can be a new user's.
    for group, members in config.groups.items():
        yield f"getent group {shlex.quote(group)} >/dev/null || groupadd {shlex.quote(group)}"
        for member in members:
            yield f"usermod -aG {shlex.quote(group)} {shlex.quote(member)}"
    for user in config.users:
        yield from _user(user)
    for file in config.files:
        if not file.late:
            yield _file(file)
    yield from _keys(boot, config)


def _names(boot: FirstBoot, config: CloudConfig) -> Iterator[str]:
    fqdn = config.fqdn or (config.host_name if "." in (config.host_name or "") else None)
    short = (config.host_name or (fqdn or boot.host_name)).partition(".")[0]
    full = fqdn or f"{short}.{boot.domain}"
    yield f"echo {shlex.quote(short)} >/etc/hostname"
    yield f"hostname {shlex.quote(short)} 2>/dev/null || echo {shlex.quote(short)} >/proc/sys/kernel/hostname"  # noqa: E501
    yield f"echo {shlex.quote(f'127.0.1.1 {full} {short}')} >>/etc/hosts"


def _time_zone(zone: str) -> Iterator[str]:
    place = f"/usr/share/zoneinfo/{zone}"
    yield f"if [ -f {shlex.quote(place)} ]; then"
    yield f"    ln -sf {shlex.quote(place)} /etc/localtime"
    yield f"    echo {shlex.quote(zone)} >/etc/timezone"
    yield f"else fail {shlex.quote(f'there is no time zone {zone}')}; fi"


def _file(file: File) -> str:
    how = ">>" if file.appended else ">"
    words = (file.path, file.owner, f"{file.mode:04o}", how, _base64(file.content))
    return f"write_file {shlex.join(words)}"


def _user(user: User) -> Iterator[str]:
    name = shlex.quote(user.name)
    yield f"if ! getent passwd {name} >/dev/null; then"
    yield f"    useradd {shlex.join((*user.options, user.name))} || fail {shlex.quote(f'the user {user.name} was not added')}"  # noqa: E501
    yield "fi"
    if user.sudo:
        rules = "".join(f"{user.name} {rule}\n" for rule in user.sudo)
        place = f"/etc/sudoers.d/90-user-{user.name.replace('.', '_')}"
        yield f"write_file {shlex.join((place, 'root:root', '0440', '>', _base64(rules.encode())))}"
    if user.keys:
        yield f"give_keys {name} {shlex.quote(chr(10).join(user.keys))}"


def _keys(boot: FirstBoot, config: CloudConfig) -> Iterator[str]:
    """Give the default user the key pair's key, and note it: it does not go into an image."""
    if boot.public_keys:
        given = "\n".join(boot.public_keys)
        yield f"""printf '%s\\n' {shlex.quote(given)} >"$state/authorized_keys\""""
    keys = (*boot.public_keys, *config.keys)
    if keys and config.has_default_user:
        yield f"give_keys {shlex.quote(boot.default_user)} {shlex.quote(chr(10).join(keys))}"
    if keys and not config.disable_root:
        yield f"give_keys root {shlex.quote(chr(10).join(keys))}"


def _user_data(data: UserData, config: CloudConfig) -> Iterator[str]:
    for file in config.files:
        if file.late:
            yield _file(file)
    # By name, as cloud-init has it: part-001 comes before runcmd.
    for script in data.scripts:
        if script.name < "runcmd":
            yield _script(script)
    yield from _commands("runcmd", config.run_commands)
    for script in data.scripts:
        if script.name >= "runcmd":
            yield _script(script)
    if config.final_message is not None:
        yield f"say {shlex.quote(config.final_message)}"


def _commands(name: str, commands: tuple[str, ...]) -> Iterator[str]:
    """Yield the line that runs commands as one script: they share its shell."""
    if commands:
        lines = "".join(f"{command}\n" for command in commands)
        yield _script(Script(name, f"#!/bin/sh\n{lines}".encode()))


def _script(script: Script) -> str:
    return f"run_script {shlex.join((script.name, _base64(script.content)))}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
