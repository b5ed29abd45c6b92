"""The provisioner `file`: files and folders to the machine, and from it."""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.communicators.interface import CommunicatorError, StoppedError, uncounted
from cotta.builder.meters import Meter
from cotta.builder.provisioners.scripts import temporary_file
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from cotta.builder.communicators.interface import Carried, Communicator
    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Provisioning

# What is there goes with the machine: memory on most systems, and emptied when an image is made.
PASSING_FOLDERS: Final = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm")  # noqa: S108


def provision(options: Options, provisioning: Provisioning) -> None:
    """Carry everything, in order."""
    machine = provisioning.need_machine()
    try:
        if options.text("direction") == "download":
            for source in _sources(options):
                _download(source, options.text("destination"), machine, provisioning)
        elif options.is_set("content"):
            _upload_content(options, machine, provisioning)
        else:
            for source in _sources(options):
                _upload(source, options.text("destination"), machine, provisioning)
    except StoppedError:
        provisioning.deadline.check()
        raise
    except CommunicatorError as error:
        raise BuildError(str(error)) from error


def _sources(options: Options) -> tuple[str, ...]:
    one = options.text("source")
    return (*((one,) if one else ()), *options.texts("sources"))


def is_passing(destination: str) -> bool:
    """Say whether what is put there is not going to be in the image."""
    return any(
        destination == folder or destination.startswith(f"{folder}/") for folder in PASSING_FOLDERS
    )


# --- up -----------------------------------------------------------------------------------


def _upload_content(options: Options, machine: Communicator, provisioning: Provisioning) -> None:
    content, there = options.text("content").encode(), options.text("destination")
    if there.endswith("/"):
        there += f"pkr-file-content-{hashlib.sha256(content).hexdigest()[:8]}"
    provisioning.ui.say(f"Uploading content => {there}")
    with temporary_file(content) as local:
        # As Packer's, which carries a private file: the content may be a secret.
        _upload_file(local, there, machine, mode=0o600)


def _upload(
    source: str, destination: str, machine: Communicator, provisioning: Provisioning
) -> None:
    local = Path(source)
    what = f"Uploading {source} => {destination}"
    provisioning.ui.say(what)
    carried = Meter(provisioning.ui, what, _size_of(local)).add
    if local.is_dir():
        # As rsync has it: with a slash at its end it is what is in the folder.
        there = destination
        if not source.endswith("/"):
            there = f"{destination.rstrip('/')}/{local.resolve().name}"
        machine.upload_folder(local, there, carried=carried)
        return
    if not local.exists():
        raise BuildError(f"There is no {source} to upload.")
    there = f"{destination}{local.name}" if destination.endswith("/") else destination
    _upload_file(local, there, machine, carried=carried)


def _size_of(local: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; 0 of what is not there."""
    if local.is_dir():
        return sum(one.stat().st_size for one in local.rglob("*") if one.is_file())
    return local.stat().st_size if local.exists() else 0


def _upload_file(
    local: Path,
    there: str,
    machine: Communicator,
    *,
    mode: int | None = None,
    carried: Carried = uncounted,
) -> None:
    try:
        machine.upload(local, there, mode=mode, carried=carried)
    except StoppedError:
        raise
    except CommunicatorError as error:
        if machine.is_folder(there):
            raise BuildError(
                f"{there} is a folder on the machine, and a file can't replace it. To put the "
                f'file into the folder, say destination = "{there}/".'
            ) from error
        parent = there.rpartition("/")[0] or "/"
        if not machine.is_folder(parent):
            raise BuildError(
                f"There is no folder {parent} on the machine. Make it with a shell provisioner "
                "before this one."
            ) from error
        raise


# --- down ---------------------------------------------------------------------------------


def _download(
    source: str, destination: str, machine: Communicator, provisioning: Provisioning
) -> None:
    what = f"Downloading {source} => {destination}"
    provisioning.ui.say(what)
    carried = Meter(provisioning.ui, what).add
    name = source.rstrip("/").rpartition("/")[2]
    is_whole_folder = source.endswith("/") or glob.has_magic(source)
    there = Path(destination)
    try:
        if is_whole_folder:
            there.mkdir(parents=True, exist_ok=True)
            machine.download_folder(source.rstrip("*").rstrip("/"), there, carried=carried)
            return
        if destination.endswith("/"):
            there /= name
        there.parent.mkdir(parents=True, exist_ok=True)
        machine.download(source, there, carried=carried)
    except OSError as error:
        raise BuildError(f"{there} can't be written: {error.strerror}.") from error
