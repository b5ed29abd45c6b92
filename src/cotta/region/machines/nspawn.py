"""Machines for real: systemd in a container, by systemd-nspawn.

The driver keeps nothing in memory.  What a machine is made of lies in its folder, whether it
runs is asked of its control group, and what it said waits with its starter; so a driver
that was killed is simply made anew.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.errors import ImageStoreError
from cotta.region.machines.cgroups import Cgroup, CgroupError, Limits, host_hierarchies
from cotta.region.machines.consoles import console_tail, read_console
from cotta.region.machines.drift import drift_of
from cotta.region.machines.driver import Machine, MachineError, MachineState
from cotta.region.machines.folders import MachineFolder, Record, clear_gone, continued, folders_in
from cotta.region.machines.layers import (
    assemble,
    can_shift_owners,
    clear_trial,
    owner_base,
    take_apart,
    written,
)
from cotta.region.machines.resolver import write_resolver
from cotta.region.machines.starting import (
    SHUT_DOWN,
    StartError,
    Surroundings,
    first_process,
    has_booted,
    running_seconds,
    start_machine,
)
from cotta.region.networks.bridge import NetworkError, RegionNetwork
from cotta.system.descriptors import opened_process, signal_process
from cotta.system.files import FileLockedError
from cotta.system.kernel import HostSettings
from cotta.system.mounts import is_mount, mount, mount_of, mount_shared, unmount
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from cotta.region.machines.driver import Exposure, MachineSpec
    from cotta.region.machines.folders import Boot
    from cotta.region.machines.layers import Images
    from cotta.region.model import InstanceId

log: Final = logging.getLogger(__name__)

# Each machine's systemd takes a handful of the first; 128 are gone with the 22nd machine.
# Keys belong to a user, and each service of a machine takes one of its root's.
_SETTINGS: Final = {
    "fs/inotify/max_user_instances": 8192,
    "kernel/keys/maxkeys": 2000,
    "kernel/keys/maxbytes": 200_000,
}

_BOOT_SECONDS: Final = 120.0
_GRACE: Final = timedelta(seconds=30)
_KILL: Final = timedelta(seconds=10)
_POLL_SECONDS: Final = 0.02

# Whoever makes an image makes it known within seconds.
_NEW: Final = timedelta(minutes=10)

# Where systemd-nspawn keeps what passes between host and machines.  It has to be on a
# tmpfs: elsewhere systemd-nspawn refuses to clean up after itself.
_PASSAGE: Final = Path("/run/systemd/nspawn")
_PASSAGE_NAME: Final = "cotta-nspawn"

_FAILURES: Final = (
    OSError,
    CgroupError,
    CommandError,
    FileLockedError,
    ImageStoreError,
    NetworkError,
    StartError,
)


class NspawnMachines:
    """The driver of the machines of a region, whose folders are below `folder`.

    `boot_seconds` after its start a machine that has not come up has failed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        network: RegionNetwork,
        images: Images,
        settings: HostSettings | None = None,
        boot_seconds: float = _BOOT_SECONDS,
        grace: timedelta = _GRACE,
    ) -> None:
        self._folder = folder
        self._network = network
        self._images = images
        self._settings = settings or HostSettings()
        self._boot_seconds = boot_seconds
        self._grace = grace
        self._hierarchies = host_hierarchies()
        self._can_shift: bool | None = None

    def prepare(self) -> tuple[str, ...]:
        """Make the host ready for many machines; return what was changed, in sentences.

        What it needs beside is for `readiness` to say.  May be repeated.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        changed = [
            f"{name.replace('/', '.')} is now {value}, so that many instances can run; it is put "
            "back when the last region goes down."
            for name, value in _SETTINGS.items()
            if self._settings.raise_to(name, value)
        ]
        mount_shared(self._folder)
        clear_gone(self._folder)
        clear_trial(self._folder)
        for instance, _ in folders_in(self._folder):
            # A driver that was killed as it made an image of one that ran.
            self._cgroup(instance).thaw()
        _PASSAGE.mkdir(parents=True, exist_ok=True)
        if mount_of(_PASSAGE).kind != "tmpfs":
            mount(_PASSAGE_NAME, _PASSAGE, "tmpfs", "mode=755")
        return tuple(changed)

    def dismantle(self) -> None:
        """Take away what `prepare` has made, unless another region's machines need it.

        This region's must have been removed.
        """
        unmount(self._folder)
        passing = _PASSAGE / "propagate"
        is_used = passing.is_dir() and any(passing.iterdir())
        if not is_used and mount_of(_PASSAGE).source == _PASSAGE_NAME:
            unmount(_PASSAGE)

    def machines(self) -> Mapping[InstanceId, Machine]:
        """Return the machines there are."""
        found = {}
        for instance, folder in folders_in(self._folder):
            if folder.is_machine:
                found[instance] = self._look(instance, folder)
        return found

    def start(self, spec: MachineSpec) -> None:
        """Start a machine, unless it runs."""
        folder, cgroup = self._folder_of(spec.id), self._cgroup(spec.id)
        if cgroup.is_populated():
            return
        try:
            record = folder.record()
            if record is None:
                take_apart(folder)
                record = Record(spec, self._owner_base(spec))
            else:
                record = Record(continued(record.spec, spec), record.owner_base)
            folder.keep(record)
            self._start(folder, cgroup, record)
        except _FAILURES as error:
            raise MachineError(f"{spec.id} can't be started: {error}") from error

    def stop(self, instance: InstanceId, *, force: bool) -> None:
        """Have a machine shut down; cut its power if that takes too long, or by `force`."""
        folder, cgroup = self._folder_of(instance), self._cgroup(instance)
        boot = folder.boot()
        if not cgroup.is_populated():
            return
        (folder.path / "again").unlink(missing_ok=True)
        if boot is not None:
            folder.note("stopped", boot.number)
        if force or not self._shut_down(cgroup, SHUT_DOWN):
            self._kill(instance, cgroup)

    def restart(self, instance: InstanceId) -> None:
        """Have a machine shut down and start again; its starter sees to the rest."""
        folder, cgroup = self._folder_of(instance), self._cgroup(instance)
        record, boot = folder.record(), folder.boot()
        if record is None or boot is None:
            raise MachineError(f"{instance} has no machine to start again")
        if not cgroup.is_populated():
            try:
                self._start(folder, cgroup, record)
            except _FAILURES as error:
                raise MachineError(f"{instance} can't be started again: {error}") from error
            return
        has_booted(boot)
        folder.unnote("ready", boot.number)
        (folder.path / "again").touch()
        init = first_process(cgroup.processes())
        if init is None or not _signal(cgroup, init, SHUT_DOWN):
            return
        if not _wait(lambda: not cgroup.has(init), self._grace):
            _signal(cgroup, init, signal.SIGKILL)

    def shelve(self, instance: InstanceId) -> None:
        """Have a machine shut down, and leave nothing of it but what is on its disk.

        It can be started again as after a stop.
        """
        folder, cgroup = self._folder_of(instance), self._cgroup(instance)
        self.stop(instance, force=False)
        try:
            take_apart(folder)
            self._network.detach(instance)
            cgroup.remove()
        except _FAILURES as error:
            raise MachineError(f"{instance} can't be put away: {error}") from error

    def remove(self, instance: InstanceId) -> None:
        """End a machine and leave nothing of it."""
        folder, cgroup = self._folder_of(instance), self._cgroup(instance)
        self._kill(instance, cgroup)
        try:
            take_apart(folder)
            self._network.detach(instance)
            cgroup.remove()
            folder.delete()
        except _FAILURES as error:
            raise MachineError(f"{instance} can't be removed: {error}") from error

    def seal(self, instance: InstanceId) -> str:
        """Make an image of a machine's image and layer; return its digest."""
        folder = self._folder_of(instance)
        record = folder.record()
        if record is None:
            raise MachineError(f"{instance} has no machine to make an image of")
        try:
            if not is_mount(folder.layer):
                assemble(folder, record, self._images)
            return self._seal(folder, record, self._cgroup(instance))
        except _FAILURES as error:
            raise MachineError(f"No image can be made of {instance}: {error}") from error

    def _seal(self, folder: MachineFolder, record: Record, cgroup: Cgroup) -> str:
        """Seal what a machine has written; of one that runs, a copy made while it stands still."""
        digest = record.spec.image_digest
        with contextlib.ExitStack() as stack:
            upper = stack.enter_context(written(folder, record))
            if cgroup.is_populated():
                copy = stack.enter_context(self._images.building()) / "upper"
                with cgroup.frozen():
                    run(["cp", "--archive", "--reflink=auto", str(upper), str(copy)])
                upper = copy
            return self._images.seal(digest, upper).digest

    def keep_images(self, digests: Collection[str]) -> None:
        """Remove contents of images that are not among these, but what is new or in use."""
        records = [folder.record() for _, folder in folders_in(self._folder)]
        used = {record.spec.image_digest for record in records if record is not None}
        try:
            removed = self._images.remove_unused(used.union(digests), older_than=_NEW)
        except _FAILURES as error:
            raise MachineError(f"Images that nobody uses can't be removed: {error}") from error
        for digest in removed:
            log.info("image removed that nobody uses", extra={"digest": digest})

    def console(self, instance: InstanceId) -> bytes:
        """Return what a machine has said, the latest 64 KiB."""
        return read_console(self._folder_of(instance).path)

    def expose(self, exposures: Sequence[Exposure]) -> None:
        """Let through what the security groups say now."""
        try:
            self._network.expose(exposures)
        except NetworkError as error:
            raise MachineError(str(error)) from error

    def _start(self, folder: MachineFolder, cgroup: Cgroup, record: Record) -> None:
        spec = record.spec
        limits = Limits(spec.memory_mib, spec.cpus, spec.pids)
        folder.unnote("ready", spec.boot)
        folder.unnote("stopped", spec.boot)
        assemble(folder, record, self._images)
        write_resolver(folder.root, record.owner_base)
        namespace = self._network.attach(
            spec.id, address=spec.private_ip, mac=spec.mac, subnet=spec.subnet_cidr
        )
        around = Surroundings(
            folder=folder.path,
            root=folder.root,
            namespace=namespace,
            entries=cgroup.make(limits),
            scope=cgroup.command(limits),
        )
        start_machine(record, around)

    def _look(self, instance: InstanceId, folder: MachineFolder) -> Machine:
        boot = folder.boot()
        if boot is None:
            # Its start was given up before anything ran: so it has to be started.
            return Machine(id=instance, boot=0, state=MachineState.EXITED)
        state, detail = self._state(instance, folder, boot)
        return Machine(
            id=instance,
            boot=boot.number,
            state=state,
            detail=detail,
            drift=drift_of(folder.upper),
        )

    def _state(
        self, instance: InstanceId, folder: MachineFolder, boot: Boot
    ) -> tuple[MachineState, str]:
        is_alive = self._cgroup(instance).is_populated()
        if is_alive and has_booted(boot):
            folder.note("ready", boot.number)
        if folder.has("ready", boot.number):
            return (MachineState.RUNNING if is_alive else MachineState.EXITED), ""
        if not is_alive:
            if folder.has("stopped", boot.number):
                return MachineState.EXITED, ""
            return MachineState.FAILED, _failure("It ended while it was booting.", folder)
        if running_seconds(boot) < self._boot_seconds:
            return MachineState.BOOTING, ""
        late = f"It has not come up within {self._boot_seconds:.0f} seconds."
        return MachineState.FAILED, _failure(late, folder)

    def _shut_down(self, cgroup: Cgroup, number: int) -> bool:
        """Ask a machine to shut down; say whether all of it has ended."""
        init = first_process(cgroup.processes())
        if init is None or not _signal(cgroup, init, number):
            return not cgroup.is_populated()
        return _wait(lambda: not cgroup.is_populated(), self._grace)

    def _kill(self, instance: InstanceId, cgroup: Cgroup) -> None:
        try:
            has_ended = cgroup.kill(_KILL)
        except OSError as error:
            raise MachineError(f"{instance} can't be ended: {error}") from error
        if not has_ended:
            raise MachineError(f"{instance} can't be ended: some of its processes don't die")

    def _owner_base(self, spec: MachineSpec) -> int:
        if self._can_shift is None:
            image = self._images.mount(spec.image_digest)
            self._can_shift = can_shift_owners(self._folder, image)
            if not self._can_shift:
                log.warning("root of instances is root of this host: owners can't be shifted")
        return owner_base(spec.private_ip, can_shift=self._can_shift)

    def _folder_of(self, instance: InstanceId) -> MachineFolder:
        return MachineFolder(self._folder / instance)

    def _cgroup(self, instance: InstanceId) -> Cgroup:
        return Cgroup(self._hierarchies, self._network.plan.machine_namespace(instance))


def _failure(what: str, folder: MachineFolder) -> str:
    tail = console_tail(folder.path)
    return f"{what}  Its console ends with:\n{tail}" if tail else f"{what}  Its console is empty."


def _signal(cgroup: Cgroup, pid: int, number: int) -> bool:
    """Send a signal to a process if it is still in the group; say whether it was."""
    with contextlib.suppress(ProcessLookupError), opened_process(pid) as process:
        if cgroup.has(pid):
            signal_process(process, number)
            return True
    return False


def _wait(is_so: Callable[[], bool], timeout: timedelta) -> bool:
    """Return as soon as something is so, and False if it is not after `timeout`."""
    deadline = time.monotonic() + timeout.total_seconds()
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
