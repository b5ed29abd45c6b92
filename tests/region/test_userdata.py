"""User data: what it asks for, and what is said of what is not done."""

from __future__ import annotations

import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.region.cloudconfig import CloudConfig, File, User, decode_cloud_config
from cotta.region.firstboot import FirstBoot, render_first_boot
from cotta.region.userdata import Script, UserData, parse_user_data

KEYS_ONLY = "nobody logs in with a password: use ssh_authorized_keys"
SCRIPT = b"#!/bin/sh\necho hello\n"


def a_message(*parts: tuple[str, str, str], boundary: str = "==x==") -> bytes:
    """Return a MIME message of parts: type, name, text."""
    message = MIMEMultipart(boundary=boundary)
    for kind, name, text in parts:
        part = MIMEText(text, kind.partition("/")[2])
        if name:
            part.add_header("Content-Disposition", "attachment", filename=name)
        message.attach(part)
    return message.as_bytes()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", UserData()),
        (b"\n \n", UserData()),
        (SCRIPT, UserData(scripts=(Script("part-001", SCRIPT),))),
        (gzip.compress(SCRIPT, mtime=0), UserData(scripts=(Script("part-001", SCRIPT),))),
        (b"#cloud-config\n", UserData()),
        (b"#cloud-config\nhostname: web\n", UserData(config={"hostname": "web"})),
        (
            a_message(
                ("text/x-shellscript", "b.sh", "#!/bin/sh\nb"),
                ("text/cloud-config", "", "hostname: a\ntimezone: UTC"),
                ("text/plain", "", "#!/bin/sh\nplain"),
                ("text/x-shellscript", "../a.sh", "#!/bin/sh\na"),
                ("text/cloud-config", "", "#cloud-config\nhostname: b"),
            ),
            UserData(
                scripts=(
                    Script("a.sh", b"#!/bin/sh\na"),
                    Script("b.sh", b"#!/bin/sh\nb"),
                    Script("part-003", b"#!/bin/sh\nplain"),
                ),
                config={"hostname": "b", "timezone": "UTC"},
            ),
        ),
        (
            b'{"my": "own"}',
            UserData(
                notes=(
                    "user data is neither a script nor #cloud-config; it is left to the machine",
                )
            ),
        ),
    ],
)  # fmt: skip
def test_user_data_is_understood(raw: bytes, expected: UserData) -> None:
    assert parse_user_data(raw) == expected


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"#include\nhttp://example.com/x\n", "#include is not done"),
        (b"#cloud-boothook\necho\n", "use a script, or bootcmd"),
        (b"## template: jinja\n#cloud-config\n", "are not done"),
        (a_message(("text/x-include-url", "", "http://x")), "#include is not done"),
        (a_message(("text/x-shellscript-per-boot", "", "#!/bin/sh")), "systemd unit"),
        (b"#cloud-config\n- a\n", "needs keys with values"),
        (b"#cloud-config\na: [\n", "can't be read as YAML: while parsing"),
        (b"#cloud-config\na: !!python/object:x {}\n", "can't be read as YAML: could not"),
        (gzip.compress(SCRIPT, mtime=0)[:-4], "ends too early"),
        (gzip.compress(b"#!" + bytes(5 * 1024 * 1024), mtime=0), "is larger than 4 MiB"),
        (b"\x1f\x8b\x00\x00", "can't be read"),
    ],
)
def test_what_is_not_done_is_said(raw: bytes, words: str) -> None:
    data = parse_user_data(raw)

    (problem,) = data.problems
    assert words in problem
    assert (data.scripts, data.config) == ((), {})


def test_configuration_is_understood() -> None:
    config = decode_cloud_config(
        {
            "hostname": "web",
            "fqdn": "web.example.com",
            "timezone": "Europe/Berlin",
            "groups": ["ops", {"web": ["ann", "bob"]}],
            "users": [
                "default",
                {
                    "name": "ann",
                    "gecos": "Ann",
                    "groups": "sudo, adm",
                    "shell": "/bin/bash",
                    "sudo": "ALL=(ALL) NOPASSWD:ALL",
                    "lock_passwd": True,
                    "ssh_authorized_keys": ["ssh-ed25519 AAAA ann"],
                },
                {"name": "svc", "system": True, "uid": 990, "sudo": False},
            ],
            "ssh_authorized_keys": ["ssh-ed25519 AAAB me"],
            "disable_root": False,
            "write_files": [
                {"path": "/a", "content": "text\n", "permissions": "0600", "owner": "ann:ann"},
                {"path": "/b", "content": "aGk=", "encoding": "b64", "permissions": 0o755},
                {
                    "path": "/c",
                    "content": gzip.compress(b"hi", mtime=0),
                    "encoding": "gzip",
                    "append": True,
                },
                {"path": "/d", "defer": True},
            ],
            "bootcmd": ["echo boot"],
            "runcmd": [["echo", "a b"], "echo $x | cat", None],
            "final_message": "ready",
            "package_update": False,
            "ssh_pwauth": False,
            "manage_etc_hosts": True,
        }
    )

    assert config == CloudConfig(
        host_name="web",
        fqdn="web.example.com",
        time_zone="Europe/Berlin",
        groups={"ops": (), "web": ("ann", "bob")},
        users=(
            User(
                name="ann",
                options=(
                    "--comment", "Ann", "--shell", "/bin/bash", "--groups", "sudo,adm",
                    "--create-home",
                ),
                sudo=("ALL=(ALL) NOPASSWD:ALL",),
                keys=("ssh-ed25519 AAAA ann",),
            ),
            User(name="svc", options=("--uid", "990", "--system", "--no-create-home")),
        ),
        keys=("ssh-ed25519 AAAB me",),
        disable_root=False,
        files=(
            File(path="/a", content=b"text\n", owner="ann:ann", mode=0o600),
            File(path="/b", content=b"hi", mode=0o755),
            File(path="/c", content=b"hi", appended=True),
            File(path="/d", content=b"", late=True),
        ),
        boot_commands=("echo boot",),
        run_commands=("echo 'a b'", "echo $x | cat"),
        final_message="ready",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            {"packages": ["nginx"]},
            "packages is not done: packages are part of the image: install them when it is built",
        ),
        (
            {"ssh_pwauth": True},
            f"ssh_pwauth is not done: {KEYS_ONLY}",
        ),
        ({"runcmd": "echo"}, "runcmd: a list is needed"),
        ({"runcmd": [{}]}, "runcmd: a command is a text or a list of them, and {} is neither"),
        ({"hostname": ["a"]}, "hostname: a text is needed, and ['a'] is none"),
        ({"disable_root": "?"}, "disable_root: true or false is needed, and '?' is neither"),
        ({"write_files": [{"content": "x"}]}, "write_files: a file needs a path"),
        ({"write_files": [{"path": "a"}]}, "write_files: the path a must begin with a slash"),
        (
            {"write_files": [{"path": "/a", "source": {}}]},
            "write_files: the file /a has keys that are not known here: source",
        ),
        (
            {"write_files": [{"path": "/a", "permissions": "rwx"}]},
            "write_files: the permissions 'rwx' of /a are no octal number",
        ),
        (
            {"write_files": [{"path": "/a", "encoding": "rot13"}]},
            "write_files: the encoding rot13 of /a is not known",
        ),
        ({"users": [{"gecos": "x"}]}, "users: a user needs a name"),
        (
            {"users": [{"name": "a", "passwd": "$6$x"}]},
            f"users: no password is set for a: {KEYS_ONLY}",
        ),
        (
            {"users": [{"name": "a", "doas": []}]},
            "users: the user a has keys that are not known here: doas",
        ),
    ],
)  # fmt: skip
def test_wrong_values_and_refused_keys_are_said(config: dict[str, object], problem: str) -> None:
    decoded = decode_cloud_config(config)

    assert decoded.problems == (problem,)


def test_unknown_keys_are_named() -> None:
    assert decode_cloud_config({"mounts": [], "ntp": {}}).notes == (
        "the key 'mounts' of #cloud-config is not known here, and left out",
        "the key 'ntp' of #cloud-config is not known here, and left out",
    )


names = st.text(max_size=5) | st.sampled_from(["name", "path", "sudo", "content"]) | st.integers()
yaml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = ("hostname", "users", "groups", "write_files", "runcmd", "bootcmd", "timezone", "packages")


@given(st.dictionaries(st.sampled_from(KEYS), yaml_values, max_size=4))
def test_no_configuration_is_too_odd(config: dict[str, object]) -> None:
    decode_cloud_config(config)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda raw: b"#cloud-config\n" + raw))
def test_no_user_data_is_too_odd(raw: bytes) -> None:
    boot = FirstBoot(
        instance_id="i-1", host_name="h", domain="d", default_user="admin", user_data=raw
    )

    assert render_first_boot(boot).startswith("#!/bin/sh\n")
