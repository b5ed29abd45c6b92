"""Real processes, killed at any moment while they record and write."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics
from cotta.states.editing import instances_of
from cotta.states.locks import LockInfo
from cotta.states.session import StateSession
from cotta.states.storage import LocalStorage, StatePaths
from cotta.system.disk import SystemDisk
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# Each object is announced only after it is recorded, as one that exists would be.
WORKER = """
import sys
from pathlib import Path
from cotta.diagnostics import Diagnostics
from cotta.states.compare import copy_state
from cotta.states.journal import ObjectSet, apply_step
from cotta.states.locks import LockInfo
from cotta.states.session import StateSession
from cotta.states.storage import LocalStorage, StatePaths
from cotta.system.disk import SystemDisk
from cotta.system.ids import RandomIds
from tests.support.states import PROVIDER, an_address, an_object

path = Path(sys.argv[1])
first = int(sys.argv[2])
session = StateSession(
    LocalStorage(StatePaths(path, path, path.with_name("backup")), SystemDisk()), RandomIds()
)
while True:
    session.open(Diagnostics(), lock=LockInfo(id="1"))
    state = copy_state(session.snapshot.state)
    for number in range(first, first + 5):
        step = ObjectSet(an_address("a", number), PROVIDER, an_object(str(number), x="y" * 2000))
        session.record([step])
        apply_step(state, step)
        print(number, flush=True)
    first += 5
    session.save(state)
    session.close()
"""


def test_nothing_announced_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    chance = random.Random(7)
    announced = 0
    serial = 0
    for _ in range(15):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), str(announced)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        with worker.stdout:
            worker.stdout.readline()
            time.sleep(chance.random() * 0.15)
            worker.kill()
            rest = worker.stdout.read().split("\n")
        worker.wait()
        announced = max([announced + 1, *(int(line) + 1 for line in rest[:-1])])

        session = StateSession(
            LocalStorage(StatePaths(path, path, None), SystemDisk()), RandomIds()
        )
        diags = Diagnostics()
        session.open(diags, lock=LockInfo(id="2"))
        found = [address.key for address in instances_of(session.snapshot.state)]
        session.close()

        assert not diags.has_errors
        # The last one may have been recorded without a word.
        assert found in (list(range(announced)), list(range(announced + 1)))
        assert session.snapshot.serial > serial
        serial = session.snapshot.serial
        announced = len(found)
