"""`cotta region …`, as far as it goes without a region that runs."""

from __future__ import annotations

import json
import os
import socket
import tarfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.home import Home, Settings
from cotta.region.store.kinds import INSTANCES
from tests.support.cli import run_cotta
from tests.support.machine_rooms import MachineRoom
from tests.support.regions import put_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Ended

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="MISSING: needs root")

SETTINGS = Settings(network="172.31.0.0/16", port=4580)


class Folder:
    """A region's folder, as a daemon that is gone has left it."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.home.write_settings(SETTINGS)
        self.room = MachineRoom(path)

    def cotta(self, *arguments: str, stdin: str = "", **environment: str) -> Ended:
        named = {"COTTA_HOME": str(self.home.folder), "HOME": str(self.home.folder), **environment}
        return run_cotta("region", *arguments, stdin=stdin, environment=named)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.cotta(*arguments, "-json").stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    "command",
    ["status", "env", "logs", "down", "reset", "console i-1", "base list", "base add debian-12"],
)
def test_where_there_is_no_region_that_is_said(tmp_path: Path, command: str) -> None:
    ended = run_cotta("region", *command.split(), environment={"COTTA_HOME": str(tmp_path / "x")})

    assert ended.status == 1
    assert "There is no region here" in ended.stderr
    assert "cotta region up" in ended.stderr
    assert not (tmp_path / "x").exists()


def test_what_nobody_types_is_in_no_list() -> None:
    assert "region daemon" not in run_cotta("region", "-help").stdout
    assert "region daemon" not in run_cotta("-help").stdout
    assert "region base add" in run_cotta("-help").stdout


@as_root
def test_up_says_everything_that_is_in_the_way_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        ended = run_cotta(
            "region", "up", f"-port={port}", environment={"COTTA_HOME": str(tmp_path)}
        )

    assert ended.status == 1
    assert "The data folder is somebody else's" in ended.stderr
    assert "The port is taken" in ended.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["holiday.jpg"]


@as_root
def test_up_can_only_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No programs but those of root.
    monkeypatch.setenv("PATH", str(tmp_path))
    environment = {"COTTA_HOME": str(tmp_path / "home")}

    looked = run_cotta("region", "up", "-check", environment=environment)
    begun = run_cotta("region", "up", environment=environment)

    assert (looked.status, looked.stdout) == (0, "This machine can run a region.\n")
    assert begun.status == 1
    assert "Programs are missing" in begun.stderr
    assert not (tmp_path / "home").exists()

    (tmp_path / "file").touch()
    environment["COTTA_HOME"] = str(tmp_path / "file" / "home")
    looked = run_cotta("region", "up", "-check", environment=environment)

    assert looked.status == 1
    assert "Programs are missing" not in looked.stderr


def test_up_needs_a_port_that_is_one(tmp_path: Path) -> None:
    ended = run_cotta("region", "up", "-port=web", environment={"COTTA_HOME": str(tmp_path)})

    assert ended.status == 1
    assert "from 1 to 65535" in ended.stderr


def test_damaged_folder_is_said_to_be(folder: Folder) -> None:
    (folder.home.folder / "region.json").write_text("{")

    ended = folder.cotta("status")

    assert ended.status == 1
    assert "region.json was changed, or damaged" in ended.stderr.replace("\n│ ", " ")


# --- env ------------------------------------------------------------------------------


def test_env_is_for_a_shell(folder: Folder) -> None:
    account = folder.room.account

    ended = folder.cotta("env", "-region=eu-central-1")

    assert ended.status == 0
    assert ended.stdout == (
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4580\n"
        f"export AWS_ACCESS_KEY_ID={account.access_key}\n"
        f"export AWS_SECRET_ACCESS_KEY={account.secret_key}\n"
        "export AWS_REGION=eu-central-1\n"
        "export AWS_DEFAULT_REGION=eu-central-1\n"
        "unset AWS_SESSION_TOKEN\n"
    )
    assert list(folder.home.folder.glob(".aws")) == []


def test_env_as_json(folder: Folder) -> None:
    assert folder.json("env") == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4580",
        "AWS_ACCESS_KEY_ID": folder.room.account.access_key,
        "AWS_SECRET_ACCESS_KEY": folder.room.account.secret_key,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def test_profile_is_written_on_request_and_replaced(folder: Folder) -> None:
    config = folder.home.folder / ".aws" / "config"

    first = folder.cotta("env", "-write-profile=local")
    assert f"The profile local is in {config}" in first.stdout
    written = config.read_text()
    assert written.startswith("[profile local]\nendpoint_url = http://127.0.0.1:4580\n")
    assert config.stat().st_mode & 0o777 == 0o600

    folder.cotta("env", "-write-profile=local")

    assert config.read_text() == written


def test_what_else_is_in_the_configuration_stays(folder: Folder, tmp_path: Path) -> None:
    config = tmp_path / "aws.conf"
    before = "[default]\nregion = eu-west-1\n\n[profile work]\nsso_session = x\n"
    config.write_text(before)

    ended = folder.cotta("env", "-write-profile=local", AWS_CONFIG_FILE=str(config))
    assert ended.status == 0
    assert config.read_text().startswith(f"{before}\n[profile local]\n")

    refused = folder.cotta("env", "-write-profile=work", AWS_CONFIG_FILE=str(config))
    assert refused.status == 1
    assert "not the local region's" in refused.stderr.replace("\n│ ", " ")
    assert "sso_session = x" in config.read_text()


@pytest.mark.parametrize("name", ["default", "two words", ""])
def test_profiles_need_a_name_of_their_own(folder: Folder, name: str) -> None:
    ended = folder.cotta("env", f"-write-profile={name}")

    assert ended.status == 1
    assert "can't be the name" in ended.stderr.replace("\n│ ", " ")


# --- status ---------------------------------------------------------------------------


def test_status_of_a_region_whose_daemon_is_gone(folder: Folder) -> None:
    (instance,) = folder.room.launch(tags={"instance": {"Name": "web"}})
    folder.room.settle()

    ended = folder.cotta("status")

    lines = ended.stdout.splitlines()
    assert ended.status == 3
    assert lines[0] == "Daemon      does not run: `cotta region up` starts it"
    assert "Instances   1 of 1 alive" in lines
    assert lines[-2].split() == [
        "INSTANCE",
        "NAME",
        "STATE",
        "TYPE",
        "IMAGE",
        "ADDRESS",
        "LAUNCHED",
    ]
    assert lines[-1].split()[:4] == [instance.id, "web", "running", "t3.micro"]


def test_status_says_why_instances_ended_and_what_they_changed(folder: Folder) -> None:
    room = folder.room
    one, other = room.launch(2)
    room.settle()
    room.driver.write(one.id, "/usr/bin/vi")
    room.driver.lose(other.id)
    room.settle()

    ended = folder.cotta("status")

    assert f"{one.id} has changed /usr/bin/vi\n" in ended.stdout
    assert f"{other.id}: Server.InternalError: The machine is gone" in ended.stdout


def test_status_names_a_few_of_many_changes(folder: Folder) -> None:
    room = folder.room
    (one,) = room.launch(1)
    room.settle()
    for number in range(7):
        room.driver.write(one.id, f"/usr/bin/{number}")
    room.settle()

    ended = folder.cotta("status")

    assert f"{one.id} has changed /usr/bin/0, /usr/bin/1, /usr/bin/2" in ended.stdout
    assert "/usr/bin/4 and 2 more\n" in ended.stdout


def test_status_as_json(folder: Folder) -> None:
    (instance,) = folder.room.launch()

    status = folder.json("status")

    assert status["daemon"] is None
    assert status["endpoint"] == "http://127.0.0.1:4580"
    assert (status["images"], status["memory_mib"]) == (1, 1024)
    assert [one["id"] for one in status["instances"]] == [instance.id]


def test_status_knows_the_process_that_runs_it(folder: Folder) -> None:
    with folder.home.held(wait=timedelta()):
        folder.home.write_pid(4711)
        ended = folder.cotta("status")

    assert ended.status == 0
    assert "Daemon      runs (process 4711)" in ended.stdout


# --- logs, console, reset -----------------------------------------------------------------


def test_logs_are_the_last_lines(folder: Folder) -> None:
    assert folder.cotta("logs").stdout == ""
    folder.home.log.write_text("".join(f"line {number}\n" for number in range(200)))

    assert folder.cotta("logs", "-n=2").stdout == "line 198\nline 199\n"
    assert len(folder.cotta("logs").stdout.splitlines()) == 100
    assert folder.cotta("logs", "-n=0").stdout == ""
    assert folder.cotta("logs", "-n=few").status == 1


@as_root
def test_console_needs_an_instance_that_is_there(folder: Folder) -> None:
    ended = folder.cotta("console", "i-00000000000000abc")

    assert ended.status == 1
    assert "There is no such instance" in ended.stderr


@as_root
@pytest.mark.parametrize(("answer", "status"), [("no\n", 1), ("", 1)])
def test_reset_needs_a_yes(folder: Folder, answer: str, status: int) -> None:
    before = sorted(folder.home.folder.iterdir())

    ended = folder.cotta("reset", stdin=answer)

    assert ended.status == status
    assert "Do you really want to remove the region" in ended.stdout
    assert sorted(folder.home.folder.iterdir()) == before


# --- base images ----------------------------------------------------------------------


def test_base_images_are_listed(folder: Folder) -> None:
    assert "cotta region base add debian-12" in folder.cotta("base", "list").stdout
    image = put_image(folder.room.store, number=7, is_public=True)

    shown = folder.cotta("base", "list").stdout.splitlines()

    assert [line.split()[0] for line in shown] == ["IMAGE", image.id]
    assert [one["id"] for one in folder.json("base", "list")] == [image.id]


@as_root
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gentoo"], "There are: debian-12, debian-13"),
        ([], "No release is named"),
        (["debian-12", "-name=x"], "-name goes with -from only"),
        (["debian-12", "-from=x.tar"], "but not both"),
        (["-from=x.tar", "-name=x"], "-from needs -owner too"),
        (["-from=x.tar", "-name=x", "-owner=me"], "twelve digits"),
        (["-from=x.tar", "-name=x", "-owner=111122223333"], "There is no file x.tar"),
    ],
)
def test_base_images_of_nothing_are_refused(
    folder: Folder, arguments: list[str], words: str
) -> None:
    ended = folder.cotta("base", "add", *arguments)

    assert ended.status == 1
    assert words in ended.stderr.replace("\n│ ", " ")
    assert folder.json("base", "list") == []


@as_root
@pytest.mark.boot
def test_base_image_of_a_root_file_system(folder: Folder, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for path, text in {
        "usr/lib/systemd/systemd": "",
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
        "etc/shadow": "root:*:19000:0:99999:7:::\n",
        "etc/systemd/system/.keep": "",
    }.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    archive = tmp_path / "root.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tree, ".")

    ended = folder.cotta(
        "base", "add", f"-from={archive}", "-name=al2023-ami", "-owner=amazon",
        "-alias=amazon",
    )  # fmt: skip

    assert (ended.status, ended.stderr) == (0, "")
    (base,) = folder.json("base", "list")
    assert (base["name"], base["owner"], base["alias"], base["user"]) == (
        "al2023-ami",
        "137112412989",
        "amazon",
        "ec2-user",
    )
    assert (folder.home.images / base["digest"]).is_dir()


def test_no_command_changes_a_row_that_only_shows(folder: Folder) -> None:
    folder.room.launch()
    before = folder.room.everything()

    for command in (["status"], ["env"], ["logs"], ["base", "list"]):
        folder.cotta(*command)

    assert folder.room.everything() == before
    with folder.room.store.read() as rows:
        assert len(rows.all(INSTANCES)) == 1
