"""Files that are never half-written, locks between processes, digests of folders."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta


class FileLockedError(Exception):
    """Another process (or another lock of this one) holds the lock."""


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at `path`; a crash leaves the old file or the new one, never less.

    An existing file's permissions are kept.  A symbolic link stays one: the
    file it points to is replaced.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)


def remove_tree(path: Path) -> None:
    """Remove a file, or a folder with everything in it; nothing happens if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Make a rename in the directory last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_POLL_SECONDS: Final = 0.05


@contextlib.contextmanager
def lock_file(path: Path, *, wait: timedelta | None = None) -> Iterator[int]:
    """Hold the exclusive lock of `path` for a block; the file is made if need be.

    The block is given the descriptor that holds the lock.

    Raises `FileLockedError` at once, or after trying for as long as `wait`.  The
    lock ends with the process, however that ends, and Terraform's own locks
    exclude it.  Threads of one process exclude each other too.
    """
    deadline = time.monotonic() + (wait.total_seconds() if wait is not None else 0)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise FileLockedError(str(path))
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Lock the whole file; return whether that was possible.

    A lock of the open file rather than of the process (Linux): a POSIX lock is lost as
    soon as any descriptor of the file is closed anywhere in the process.
    """
    try:
        if hasattr(fcntl, "F_OFD_SETLK"):
            # struct flock: type, whence, start, length (0: to the end), pid (must be 0).
            whole = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def digest_directory(path: Path) -> str:
    """Return the SHA-256 of everything below `path`, in hexadecimal.

    Names, contents, link targets and the executable bit count; times, owners
    and the path itself don't.  Anything but files, directories and links is
    an error.
    """
    digest = hashlib.sha256()
    for name, entry in sorted(_walk(path, "")):
        kind, content = _describe(entry)
        # Lengths before the parts, so that no two different trees read the same.
        for part in (kind, name.encode("utf-8", "surrogateescape"), content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    pending = [(folder, prefix)]
    while pending:
        current, before = pending.pop()
        with os.scandir(current) as entries:
            for entry in entries:
                name = before + entry.name
                yield name, entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), name + "/"))


def _describe(entry: os.DirEntry[str]) -> tuple[bytes, bytes]:
    """Return what kind of thing `entry` is, and the digest of what it holds."""
    if entry.is_symlink():
        return b"link", str(Path(entry.path).readlink()).encode("utf-8", "surrogateescape")
    if entry.is_dir():
        return b"directory", b""
    if not entry.is_file():
        raise OSError(f"{entry.path} is neither a file nor a directory nor a link")
    is_executable = entry.stat().st_mode & stat.S_IXUSR
    with Path(entry.path).open("rb") as file:
        content = hashlib.file_digest(file, "sha256").digest()
    return (b"program" if is_executable else b"file"), content
