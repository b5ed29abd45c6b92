"""Provisioners do what Packer's do, on a machine that is this one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.communicators.interface import DisconnectedError
from cotta.builder.provisioners.provisioning import Deadline, Provisioning
from cotta.builder.provisioners.running import run_provisioners
from cotta.builder.running import BuildError, Cancelled
from tests.support.builds import Heard, a_build, a_provisioner, a_run
from tests.support.own_machine import OwnMachine

if TYPE_CHECKING:
    from pathlib import Path


class Bench:
    """Runs provisioners on this machine, with their scripts in a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ui = Heard()
        self.machine: Any = OwnMachine()
        self.changes: dict[str, Any] = {}

    def shell(self, *inline: str, running: dict[str, Any] | None = None, **written: Any) -> Any:
        if inline:
            written["inline"] = list(inline)
        return a_provisioner(
            "shell", running=running, **{"remote_folder": str(self.folder), **written}
        )

    def run(self, *provisioners: Any, **build: Any) -> None:
        run = a_run(self.folder, **self.changes)
        run_provisioners(
            Provisioning(
                build=a_build(*provisioners, **build),
                run=run,
                ui=self.ui,
                machine=self.machine,
                generated={},
                deadline=Deadline(run.clock, run.cancelled),
            )
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# --- shell ----------------------------------------------------------------------------------


def test_inline_lines_are_one_script_that_stops_at_the_first_failure(bench: Bench) -> None:
    with pytest.raises(BuildError) as caught:
        bench.run(bench.shell("x=one", "echo $x", "echo bad >&2", "(exit 3)", "echo never"))

    assert bench.ui.messages == ["one"]
    assert bench.ui.errors == ["bad"]
    first, *tail = str(caught.value).splitlines()
    assert first == (
        'The provisioner "shell" in app.pkr.hcl line 3 failed. Script exited with non-zero exit '
        "status: 3. Allowed exit codes are: [0]. Its last lines were:"
    )
    # They come by two ways, and which is first is chance.
    assert sorted(tail) == ["    bad", "    one"]


def test_a_line_without_an_end_is_heard_too(bench: Bench) -> None:
    bench.run(bench.shell("printf '10%%\\r50%%\\r100%%'"))

    assert bench.ui.messages == ["100%"]


def test_the_script_is_gone_afterwards_unless_it_is_to_stay(bench: Bench) -> None:
    bench.run(bench.shell("true"))
    assert list(bench.folder.glob("script_*")) == []

    bench.run(bench.shell("true", skip_clean=True))
    (script,) = bench.folder.glob("script_*")
    assert script.read_text() == "#!/bin/sh -e\ntrue\n"


def test_a_script_has_the_same_name_every_time(bench: Bench) -> None:
    bench.run(bench.shell("echo $0"))
    bench.run(bench.shell("echo $0"))

    assert bench.ui.messages[0] == bench.ui.messages[1]


def test_variables_come_sorted_and_quoted(bench: Bench) -> None:
    bench.run(
        bench.shell(
            'echo "$A|$B|$C|$PACKER_BUILD_NAME|$PACKER_BUILDER_TYPE"',
            environment_vars=["B=it's $HOME", "A=1"],
            env={"C": "three=3"},
        )
    )

    assert bench.ui.messages == ["1|it's $HOME|three=3|app|null"]


def test_variables_can_be_in_a_file(bench: Bench) -> None:
    bench.run(bench.shell('echo "$A"', env={"A": "it's"}, use_env_var_file=True))

    assert bench.ui.messages == ["it's"]
    assert not list(bench.folder.glob("varfile_*"))


def test_a_shebang_of_ones_own(bench: Bench) -> None:
    bench.run(bench.shell("#!/bin/sh", "false", "echo on"))
    bench.run(bench.shell("false", "echo on again", inline_shebang="/bin/sh"))

    assert bench.ui.messages == ["on", "on again"]


def test_scripts_run_in_order_without_the_line_ends_of_windows(bench: Bench) -> None:
    for name in ("b.sh", "a.sh"):
        (bench.folder / name).write_bytes(f"#!/bin/sh\r\necho {name}\r\n".encode())

    bench.run(bench.shell(scripts=[str(bench.folder / "b.sh"), str(bench.folder / "a.sh")]))

    assert bench.ui.messages == ["b.sh", "a.sh"]
    assert bench.ui.said[0] == f"Provisioning with shell script: {bench.folder}/b.sh"


def test_a_command_of_ones_own_runs_the_script(bench: Bench) -> None:
    bench.run(
        bench.shell(
            "echo $X",
            execute_command="env {{ .Vars }} Y=2 sh {{ .Path }}; echo after",
            env={"X": "1"},
        )
    )

    assert bench.ui.messages == ["1", "after"]


def test_other_statuses_can_be_fine(bench: Bench) -> None:
    bench.run(bench.shell("exit 7", valid_exit_codes=[0, 7]))


class Breaking(OwnMachine):
    """A machine whose connection breaks at the n-th command."""

    def __init__(self, at: int = 1) -> None:
        super().__init__()
        self.at = at

    def run(self, command: str, output: Any) -> int:
        self.at -= 1
        if self.at == 0:
            raise DisconnectedError("gone")
        return super().run(command, output)


def test_a_connection_may_break_where_that_is_expected(bench: Bench) -> None:
    bench.machine = Breaking()
    bench.run(bench.shell("reboot", expect_disconnect=True), bench.shell("echo again"))
    assert bench.ui.messages == ["again"]

    bench.machine = Breaking()
    with pytest.raises(BuildError, match="disconnected unexpectedly"):
        bench.run(bench.shell("reboot"))


# --- retries, pauses, timeouts ---------------------------------------------------------------


def test_the_last_mistake_of_several_is_told(bench: Bench) -> None:
    count = bench.folder / "count"
    script = (f"echo x >>{count}", f"exit $(wc -l <{count})")

    with pytest.raises(BuildError, match="exit status: 3"):
        bench.run(bench.shell(*script, running={"max_retries": 2}))

    assert len(bench.ui.said) == 5
    assert "retrying with 1 trie(s) left" in bench.ui.said[3]


def test_a_provisioner_that_takes_too_long_is_given_up_also_after_a_pause(bench: Bench) -> None:
    bench.machine = None
    slow = a_provisioner(
        "shell-local",
        running={
            "timeout": timedelta(seconds=0.3),
            "pause_before": timedelta(seconds=0.5),
        },
        inline=["sleep 30"],
    )

    with pytest.raises(BuildError, match=r"did not end within 0\.3 s"):
        bench.run(slow)
    assert bench.ui.said[0] == "Pausing 0.5s before the next provisioner..."


def test_the_build_goes_on_where_that_is_wanted(bench: Bench) -> None:
    bench.run(
        bench.shell("exit 1", running={"continue_on_error": True}), bench.shell("echo went on")
    )

    assert bench.ui.messages == ["went on"]
    assert "The build goes on" in bench.ui.errors[0]


def test_an_interruption_is_never_gone_on_from(bench: Bench) -> None:
    asked = [False]
    bench.changes["cancelled"] = lambda: asked[0]
    asked[0] = True

    with pytest.raises(Cancelled):
        bench.run(
            a_provisioner(
                "sleep", running={"continue_on_error": True}, duration=timedelta(seconds=60)
            )
        )


def test_the_cleanup_provisioner_runs_after_a_failure_alone(bench: Bench) -> None:
    cleanup = bench.shell("echo tidying; exit 9")

    bench.run(bench.shell("true"), error_cleanup=cleanup)
    assert bench.ui.messages == []

    with pytest.raises(BuildError, match="exit status: 4"):
        bench.run(bench.shell("exit 4"), error_cleanup=cleanup)
    assert bench.ui.messages == ["tidying"]


def test_without_a_machine_only_what_needs_none_works(bench: Bench) -> None:
    bench.machine = None
    with pytest.raises(BuildError, match="There is no machine to provision"):
        bench.run(bench.shell("true"))

    bench.run(a_provisioner("shell-local", inline=["echo here"]))
    assert bench.ui.messages == ["here"]


# --- shell-local, breakpoint -----------------------------------------------------------------


def test_a_local_script_that_somebody_still_has_open_is_run_when_it_is_closed(
    bench: Bench, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho run\n")
    with script.open("ab") as file:
        closing = threading.Timer(0.15, file.close)
        closing.start()

        bench.run(a_provisioner("shell-local", script=str(script)))

    closing.join()
    assert bench.ui.messages.count("run") == 1


def test_local_scripts_run_here(bench: Bench) -> None:
    script = bench.folder / "it.sh"
    script.write_text("#!/bin/sh\necho $A; echo bad >&2; exit 5\n")

    with pytest.raises(BuildError, match="status: 5"):
        bench.run(a_provisioner("shell-local", script=str(script), env={"A": "of here"}))

    assert bench.ui.messages == ["of here"]
    assert bench.ui.errors == ["bad"]


def test_local_commands_of_ones_own(bench: Bench) -> None:
    bench.run(
        a_provisioner(
            "shell-local",
            command="echo $A",
            environment_vars=["A=1"],
            execute_command=["/bin/sh", "-c", "{{.Vars}} sh {{.Script}}; echo done"],
        )
    )

    assert bench.ui.messages == ["1", "done"]


def test_a_breakpoint_asks(bench: Bench) -> None:
    bench.run(
        a_provisioner("breakpoint", note="look here"),
        a_provisioner("breakpoint", note="not here", disable=True),
    )

    assert bench.ui.questions == ["Press enter to continue."]
    assert "look here" in bench.ui.said[0]


# --- file --------------------------------------------------------------------------------------


def test_files_go_up_by_the_rule_of_the_slash(bench: Bench, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "dist").mkdir(parents=True)
    (here / "dist" / "app").write_text("app")
    there.mkdir()

    def up(source: str, destination: str) -> None:
        bench.run(
            a_provisioner("file", source=f"{here}/{source}", destination=f"{there}/{destination}")
        )

    up("dist/app", "renamed")
    up("dist/app", "")
    up("dist/", "contents")
    up("dist", "folder")

    found = {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}
    assert found == {"renamed", "app", "contents/app", "folder/dist/app"}


def test_a_file_over_a_folder_is_a_mistake_with_a_way_out(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    (tmp_path / "d").mkdir()

    with pytest.raises(BuildError, match=r'say destination = ".*/d/"'):
        bench.run(
            a_provisioner("file", source=str(tmp_path / "f"), destination=str(tmp_path / "d"))
        )
    with pytest.raises(BuildError, match=r"There is no folder .*/missing on the machine"):
        bench.run(
            a_provisioner(
                "file", source=str(tmp_path / "f"), destination=str(tmp_path / "missing" / "f")
            )
        )


def test_content_is_private(bench: Bench, tmp_path: Path) -> None:
    bench.run(
        a_provisioner("file", content="secret", destination=f"{tmp_path}/c"),
        a_provisioner("file", content="secret", destination=f"{tmp_path}/"),
    )

    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o600
    assert [path.read_text() for path in tmp_path.glob("pkr-file-content-*")] == ["secret"]


def test_files_come_down_all_of_them(bench: Bench, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "a").write_text("a")
    (there / "b").write_text("b")

    bench.run(
        a_provisioner(
            "file",
            direction="download",
            sources=[f"{there}/", f"{there}/b"],
            destination=f"{tmp_path}/down/",
        ),
        a_provisioner(
            "file", direction="download", source=f"{there}/a", destination=f"{tmp_path}/x/y"
        ),
    )

    assert (tmp_path / "down" / "a").read_text() == "a"
    assert (tmp_path / "down" / "b").read_text() == "b"
    assert (tmp_path / "x" / "y").read_text() == "a"


@pytest.mark.parametrize(("destination", "warned"), [("/tmp/app", True), ("/opt/app", False)])
def test_what_goes_with_the_machine_is_warned_of(
    bench: Bench, tmp_path: Path, destination: str, *, warned: bool
) -> None:
    upload = a_provisioner("file", source=str(tmp_path / "none"), destination=destination)

    with pytest.raises(BuildError, match=r"There is no .*/none to upload"):
        bench.run(upload)
    assert (
        any(f"Warning: {destination} will not be in the image" in one for one in bench.ui.errors)
        is warned
    )

    # A script may move it.
    bench.ui.errors.clear()
    with pytest.raises(BuildError):
        bench.run(upload, bench.shell("true"))
    assert bench.ui.errors == []
