"""The commands on states do what terraform's do: same words, same status, same state."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.test_state_files import a_folder
from tests.oracle.witnesses import terraform, witness
from tests.support.cli import cotta_process, run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a large state, without checks: terraform orders those by chance."""
    folder = a_folder(tmp_path_factory.mktemp("origin"))
    path = folder / "terraform.tfstate"
    path.write_text(
        re.sub(r'(?s)"check_results": \[.*', '"check_results": null\n}\n', path.read_text())
    )
    return folder


@pytest.fixture
def twins(origin: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return two equal folders: terraform's and ours."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        shutil.copytree(origin, folder)
    return theirs, ours


def plain(text: str) -> str:
    return (
        _COLOUR.sub("", text).replace("Terraform", "Cotta").replace("terraform plan", "cotta plan")
    )


def summaries(stderr: str) -> list[str]:
    """Return what was wrong, as titles: a box's, or the first line of plain text."""
    text = plain(stderr)
    found = re.findall(r"^│ Error: (.*)$", text, re.MULTILINE)
    return found or [line for line in text.splitlines() if line.strip()][:1]


def content(folder: Path) -> Any:
    """Return the state, but for dependencies: terraform forgets those on what it moves."""
    state = json.loads((folder / "terraform.tfstate").read_text())
    for resource in state["resources"]:
        for instance in resource["instances"]:
            instance.pop("dependencies", None)
    return state


def files(folder: Path) -> list[str]:
    names = (path.name for path in folder.rglob("*"))
    return sorted(re.sub(r"\.\d{9,}\.", ".TIME.", name) for name in names)


def compare(twins: tuple[Path, Path], line: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = twins
    expected = terraform(*line, folder=theirs)
    (ours / ".empty.tfrc").touch()
    monkeypatch.chdir(ours)
    found = run_cotta(*line)

    assert found.status == expected.returncode, found.stderr + expected.stderr
    if expected.returncode != 0:
        # Our boxes break a long title, terraform's plain texts have several lines.
        assert summaries(found.stderr)[0].startswith(summaries(expected.stderr)[0][:60])
    elif "Warning" not in expected.stdout:
        # The order of replace-provider's resources is left to chance there.
        order = sorted if "replace-provider" in line else list
        assert order(found.stdout.splitlines()) == order(plain(expected.stdout).splitlines())
    assert content(ours) == content(theirs)
    assert files(ours) == files(theirs)


LINES = [
    ["state", "list"],
    ["state", "list", "module.n"],
    ["state", "list", 'module.n["b"]', "terraform_data.c[3]"],
    ["state", "list", "terraform_data.c"],
    ["state", "list", "-id=none"],
    ["state", "list", "module.zz"],
    ["state", "list", "terraform_data.nope"],
    ["state", "list", "foo["],
    ["state", "rm", "-dry-run", "terraform_data.bad", 'module.n["a"]'],
    ["state", "rm", "terraform_data.c[1]", "data.terraform_remote_state.r"],
    ["state", "rm", "module.n"],
    ["state", "rm", "-backup=mine", "terraform_data.c"],
    ["state", "rm", "terraform_data.nope"],
    ["state", "mv", "-dry-run", "terraform_data.bad", "terraform_data.good"],
    ["state", "mv", "terraform_data.bad", "terraform_data.good"],
    ["state", "mv", "terraform_data.bad", "terraform_data.good[1]"],
    ["state", "mv", "terraform_data.c", "module.x.terraform_data.cc"],
    ["state", "mv", "terraform_data.c[3]", 'module.z[0].terraform_data.w["k"]'],
    ["state", "mv", "terraform_data.c[0]", "terraform_data.c0"],
    ["state", "mv", 'module.n["a"]', "module.q"],
    ["state", "mv", "terraform_data.nope", "terraform_data.x"],
    ["state", "mv", "terraform_data.c", "terraform_data.bad"],
    ["state", "mv", "terraform_data.c", "terraform_data.u[1]"],
    ["state", "mv", "terraform_data.bad", "null_resource.x"],
    ["state", "mv", "terraform_data.bad", "module.zz"],
    ["state", "mv", "module.zz", "module.yy"],
    ["state", "mv", "-state-out=other", "terraform_data.bad", "terraform_data.there"],
    ["state", "replace-provider", "-auto-approve", "terraform.io/builtin/terraform", "acme/x"],
    ["state", "replace-provider", "-auto-approve", "acme/y", "acme/x"],
    ["state", "push", "other.tfstate"],
    ["state", "push", "nope"],
    ["state", "push", "terraform.tfstate"],
    ["show"],
    ["show", "-json"],
    ["show", "other.tfstate"],
    ["state", "show", "terraform_data.bad"],
    ["state", "show", "terraform_data.c[1]"],
    ["state", "show", "data.terraform_remote_state.r"],
    ["state", "show", 'module.n["a"].terraform_data.a["k"]'],
    ["state", "show", "terraform_data.nope"],
    ["state", "show", "module.n"],
    ["taint", "terraform_data.c[2]"],
    ["taint", "terraform_data.bad"],
    ["taint", "-allow-missing", "terraform_data.nope"],
    ["taint", "terraform_data.nope"],
    ["taint", "data.terraform_remote_state.r"],
    ["taint", "module.n"],
    ["untaint", "terraform_data.bad"],
    ["untaint", "terraform_data.c[0]"],
    ["untaint", "-backup=-", "terraform_data.bad"],
    ["untaint", "-state-out=there", "terraform_data.bad"],
    ["output"],
    ["output", "-json"],
    ["output", "secret"],
    ["output", "-raw", "secret"],
    ["output", "-json", "shapes"],
    ["output", "shapes"],
    ["output", "nope"],
    ["output", "-raw", "ids"],
    ["output", "-raw", "-json", "ids"],
    ["workspace", "list"],
    ["workspace", "show"],
    ["workspace", "new", "a"],
    ["workspace", "new", "-state=terraform.tfstate", "a"],
    ["workspace", "new", "x/y"],
    ["workspace", "new", "default"],
    ["workspace", "select", "nope"],
    ["workspace", "select", "default"],
    ["workspace", "select", "-or-create", "b"],
    ["workspace", "delete", "default"],
    ["workspace", "delete", "nope"],
    ["force-unlock", "x"],
    ["force-unlock", "-force", "x"],
]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_command(
    twins: tuple[Path, Path], line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(twins, line, monkeypatch)


SHAPES = r"""
resource "terraform_data" "a" {
  input = {
    "1abc" = 2, a-b = 3, "key with space" = 1, nul = null, empty = "", bool = false
    multi = "a\n\n  b\n", json = jsonencode({ a = 1, b = [1, { c = "x" }], n = null })
    je = "{}", jl = "[]", ws = " {\"a\": 1} ", js = jsonencode("x"), number = "123"
    esc = "a\tb\"c\\d$${x}%%{y}é<&>\u2028\u0001", big = 1e50, frac = 1.10
    nested = { x = { y = [{ z = 1 }, { z = null }], w = "l1\nl2" } }
    set = toset(["b", "a"]), map = tomap({ k = "v" }), lists = [[1, 2], [], [[]]]
    texts = ["a\nb", jsonencode({ q = 1 })], secret = sensitive({ x = 1 })
  }
}
resource "terraform_data" "s" {
  input            = sensitive([1, 2])
  triggers_replace = ["x", sensitive("y")]
}
output "shapes" { value = { l = [1, { a = "b" }, null], m = tomap({ k = 1 }), t = "x\ny" } }
output "json" { value = jsonencode({ a = 1 }) }
output "secret" {
  value     = sensitive("v")
  sensitive = true
}
"""


def test_values_of_every_shape_are_shown_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.tf").write_text(SHAPES)
    terraform("init", folder=tmp_path)
    assert terraform("apply", "-auto-approve", folder=tmp_path).returncode == 0
    monkeypatch.chdir(tmp_path)

    for line in (["show"], ["show", "-json"], ["state", "show", "terraform_data.a"]):
        assert run_cotta(*line).stdout == plain(terraform(*line, folder=tmp_path).stdout)


EMPTY = [
    ["show"],
    ["show", "-json"],
    ["state", "show", "a.b"],
    ["state", "list"],
    ["state", "rm", "a.b"],
    ["state", "mv", "a.b", "a.c"],
    ["state", "pull"],
    ["taint", "a.b"],
    ["output", "-json"],
    ["state", "replace-provider", "acme/x", "acme/y"],
]


@pytest.mark.parametrize("line", EMPTY, ids=" ".join)
def test_command_without_a_state(
    tmp_path: Path, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = terraform(*line, folder=tmp_path)
    monkeypatch.chdir(tmp_path)
    found = run_cotta(*line)

    assert (found.status, found.stdout) == (expected.returncode, plain(expected.stdout))
    if expected.returncode:
        assert summaries(found.stderr) == summaries(expected.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".empty.tfrc"]


def test_life_of_a_workspace(twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (
        ["workspace", "new", "-state=other.tfstate", "a"],
        ["workspace", "new", "b"],
        ["workspace", "list"],
        ["output", "-json"],
        ["workspace", "delete", "b"],
        ["workspace", "select", "a"],
        ["output"],
        ["workspace", "delete", "b"],
        ["workspace", "select", "default"],
        ["workspace", "delete", "a"],
        ["workspace", "list"],
    ):
        compare(twins, line, monkeypatch)


def test_next_plan_of_terraform_is_empty_after_our_changes(
    twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ours = twins
    monkeypatch.chdir(ours)
    main = ours / "main.tf"
    assert run_cotta("untaint", "terraform_data.bad").status == 0
    assert run_cotta("state", "mv", "terraform_data.bad", "terraform_data.good").status == 0
    main.write_text(main.read_text().replace('"bad"', '"good"'))

    plan = terraform("plan", "-json", folder=ours)

    records = [json.loads(line) for line in plan.stdout.splitlines()]
    assert plan.returncode == 0
    assert [record["change"] for record in records if record["type"] == "planned_change"] == []


LOCKED = """
resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "sleep 4" }
}
"""


@pytest.mark.slow
def test_we_see_the_lock_of_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(LOCKED)
    terraform("init", folder=tmp_path)
    running = subprocess.Popen(
        [witness("terraform"), "apply", "-auto-approve"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"},
    )
    info = tmp_path / ".terraform.tfstate.lock.info"
    until = time.monotonic() + 10
    while not info.exists() and time.monotonic() < until:
        time.sleep(0.05)
    holder = json.loads(info.read_text())
    monkeypatch.chdir(tmp_path)

    refused = run_cotta("taint", "terraform_data.slow")
    waited = run_cotta("taint", "-lock-timeout=20s", "terraform_data.slow")

    assert running.wait() == 0
    assert refused.status == 1
    assert "Error acquiring the state lock" in refused.stderr
    assert f"ID:        {holder['ID']}" in refused.stderr
    assert "Operation: OperationTypeApply" in refused.stderr
    assert waited.status == 0, waited.stderr


HOLDER = """
import sys, time
from pathlib import Path
from cotta.states.locks import LockInfo
from cotta.states.storage import LocalStorage, StatePaths
from cotta.system.disk import SystemDisk

path = Path("terraform.tfstate")
storage = LocalStorage(StatePaths(path, path, None), SystemDisk())
created = "2026-01-02T03:04:05.678901Z"
storage.lock(LockInfo(id="our-id", who="us", path=str(path), created=created))
storage.read()
storage.write(path.read_bytes().replace(b'"serial": ', b'"serial": 9'))
print("locked", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_terraform_sees_our_lock_until_we_are_killed(twins: tuple[Path, Path]) -> None:
    _, ours = twins
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ours, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == b"locked\n"

    refused = terraform("taint", "terraform_data.c[0]", folder=ours)
    # It waits for the lock of the very file that we have written meanwhile.
    waiting = subprocess.Popen(
        [witness("terraform"), "taint", "-lock-timeout=20s", "terraform_data.c[0]"],
        cwd=ours,
        stdout=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": str(ours), "CHECKPOINT_DISABLE": "1"},
    )
    time.sleep(1)
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    assert waiting.wait() == 0
    assert refused.returncode == 1
    assert "Error acquiring the state lock" in plain(refused.stderr)
    assert "ID:        our-id" in plain(refused.stderr)
    assert content(ours)["serial"] > 90
    assert cotta_process("state", "list", folder=ours).status == 0
