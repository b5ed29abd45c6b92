"""What a build has made, written to the disk before it is made: so that nothing is forgotten.

A journal is a file of JSON lines.  The first says whose it is; then, before every call that makes
something, a line with what it will be, brought to the disk; after the call its id; and
when it is taken away again, that.  Whoever reads it knows everything that may exist.
The file goes when there is nothing left.  While a build runs it holds a lock on it, so that
nobody takes away what is in use.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cotta.system.files import FileLockedError, lock_file, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_FOLDER: Final = "builds"
_SUFFIX: Final = ".journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Something that a build makes: `kind` and `name` find it even where no id came back.

    `region` is where it is; `facts` are what else finds it or is needed to take it away.
    """

    kind: str
    name: str
    region: str
    id: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Whose journal it is: the run, the build, and how its cloud is reached (without secrets)."""

    run: str
    build: str
    began: str
    cloud: str = ""
    account: str = ""
    reached: Mapping[str, str] = field(default_factory=dict)


class Journal:
    """The journal of a build that runs."""

    def __init__(
        self, path: Path, heading: Heading, written: Callable[[], None] = lambda: None
    ) -> None:
        self.path = path
        self._written = written
        self._made: dict[int, Made] = {}
        self._next = 1
        self._is_kept = False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._write({"heading": asdict(heading)})
        sync_directory(path.parent)

    def making(self, made: Made) -> int:
        """Write down what is about to be made; return its number.  It is on the disk then."""
        number, self._next = self._next, self._next + 1
        self._made[number] = made
        self._write({"making": number, **asdict(made)})
        return number

    def is_made(self, number: int, id: str, **facts: str) -> None:
        """Write down the id of what was made."""
        made = self._made[number]
        self._made[number] = Made(
            kind=made.kind,
            name=made.name,
            region=made.region,
            id=id,
            facts={**made.facts, **facts},
        )
        self._write({"made": number, "id": id, "facts": dict(facts)})

    def is_gone(self, number: int) -> None:
        """Write down that something was taken away, or was never made, or stays on purpose."""
        if self._made.pop(number, None) is not None:
            self._write({"gone": number})

    def keep(self) -> None:
        """Write down that the person wants what is left to stay, until they ask for its end."""
        self._is_kept = True
        self._write({"kept": True})

    @property
    def left(self) -> tuple[Made, ...]:
        """What there is now."""
        return tuple(self._made.values())

    @property
    def numbered(self) -> tuple[tuple[int, Made], ...]:
        """What there is now, with its numbers."""
        return tuple(self._made.items())

    def close(self) -> None:
        """End it: the file goes if nothing is left."""
        os.close(self._file)
        if not self._made:
            self.path.unlink(missing_ok=True)

    def _write(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":"), sort_keys=True) + "\n"
        os.write(self._file, line.encode())
        os.fsync(self._file)
        # Where a test ends the process.
        self._written()


@contextmanager
def journal_of(
    home: Path, heading: Heading, written: Callable[[], None] = lambda: None
) -> Iterator[Journal]:
    """Give the journal of a build, locked while the block runs."""
    folder = home / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{heading.run}-{_plain(heading.build)}{_SUFFIX}"
    with lock_file(path):
        journal = Journal(path, heading, written)
        try:
            yield journal
        finally:
            journal.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A journal that a build has left, as it was read: what may exist, latest first."""

    path: Path
    heading: Heading
    left: tuple[tuple[int, Made], ...]
    is_kept: bool


@contextmanager
def abandoned(home: Path) -> Iterator[list[Read]]:
    """Give the journals of builds that don't run any more, held against others for a block."""
    folder = home / _FOLDER
    found = []
    with ExitStack() as locks:
        for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []:
            try:
                locks.enter_context(lock_file(path))
            except FileLockedError:
                continue
            found.append(read_journal(path))
        yield found


def is_gone_in(path: Path, number: int) -> None:
    """Write into an abandoned journal that something was taken away."""
    with path.open("a") as file:
        # The last line may have been cut off in a crash.
        file.write("\n" + json.dumps({"gone": number}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_journal(path: Path) -> Read:
    """Return what a journal says; a last line that was cut off in a crash does not count."""
    heading = Heading(run=path.name.removesuffix(_SUFFIX), build="", began="")
    made: dict[int, Made] = {}
    is_kept = False
    for line in path.read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            # Only what was whole on the disk was followed by a call.
            continue
        if "heading" in record:
            heading = Heading(**record["heading"])
        elif "making" in record:
            number = record.pop("making")
            made[number] = Made(**record)
        elif "made" in record:
            before = made[record["made"]]
            made[record["made"]] = Made(
                kind=before.kind,
                name=before.name,
                region=before.region,
                id=record["id"],
                facts={**before.facts, **record["facts"]},
            )
        elif "gone" in record:
            made.pop(record["gone"], None)
        elif "kept" in record:
            is_kept = True
    return Read(path=path, heading=heading, left=tuple(reversed(made.items())), is_kept=is_kept)


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-." else "_" for char in name)
