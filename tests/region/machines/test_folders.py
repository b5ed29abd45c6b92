"""What is kept of a machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.region.machines.driver import LayerKind
from cotta.region.machines.folders import (
    Boot,
    MachineFolder,
    Record,
    clear_gone,
    continued,
    folders_in,
)
from tests.support.machines import a_spec

if TYPE_CHECKING:
    from pathlib import Path


def test_record_is_read_back(tmp_path: Path) -> None:
    folder = MachineFolder(tmp_path / "i-1")
    record = Record(a_spec(layer=LayerKind.MEMORY), 1000)
    assert folder.record() is None

    folder.keep(record)

    assert folder.record() == record


def test_boot_is_read_whatever_the_starter_is_called(tmp_path: Path) -> None:
    folder = MachineFolder(tmp_path)
    assert folder.boot() is None

    after = "S 1 77 77 0 -1 4194560 107 0 0 0 0 0 0 0 20 0 1 0 123456 2617344 240"
    (tmp_path / "boot").write_text(f"3\n9\n77 (sh) a) {after}\n")

    assert folder.boot() == Boot(number=3, notices=9, starter=77, started_at=123456)


def test_what_was_seen_belongs_to_one_boot(tmp_path: Path) -> None:
    folder = MachineFolder(tmp_path)

    folder.note("ready", 1)

    assert folder.has("ready", 1)
    assert not folder.has("ready", 2)
    folder.unnote("ready", 1)
    folder.unnote("ready", 1)
    assert not folder.has("ready", 1)


def test_deleted_machine_is_gone_at_once_and_with_what_crashes_left(tmp_path: Path) -> None:
    folder = MachineFolder(tmp_path / "i-1")
    folder.keep(Record(a_spec(), 0))
    (folder.layer / "upper").mkdir(parents=True)
    (tmp_path / ".gone-i-0" / "layer").mkdir(parents=True)
    MachineFolder(tmp_path / "i-2").keep(Record(a_spec(2), 0))
    assert [instance for instance, _ in folders_in(tmp_path)] == ["i-1", "i-2"]

    folder.delete()
    folder.delete()
    clear_gone(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["i-2"]


def test_machine_that_goes_on_keeps_its_image_its_layer_and_its_address() -> None:
    former = a_spec(1)
    wanted = replace(
        a_spec(2),
        id=former.id,
        boot=5,
        memory_mib=99,
        cpus=2.0,
        pids=7,
        host_name="other",
        image_digest="f" * 64,
        disk_gib=80,
        layer=LayerKind.MEMORY,
    )

    assert continued(former, wanted) == replace(
        former, boot=5, memory_mib=99, cpus=2.0, pids=7, host_name="other"
    )
