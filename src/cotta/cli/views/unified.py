"""The difference between two texts, as `diff -u` shows it."""

from __future__ import annotations

from pathlib import Path

from cotta.system.processes import CommandError, start

_NO_NEWLINE = "\\ No newline at end of file\n"


def render_difference(old: bytes, new: bytes, name: str) -> str:
    """Return the unified difference between two versions of the file `name`.

    The program `diff` makes it, as it does for terraform and packer, so that
    the hunks are the same; where there is none, a slower way of our own does.
    """
    try:
        return _ask_diff(old, new, name)
    except CommandError:
        return compare_lines(old, new, name)


def _ask_diff(old: bytes, new: bytes, name: str) -> str:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cotta-fmt-") as folder:
        paths = [Path(folder, "old"), Path(folder, "new")]
        for path, content in zip(paths, (old, new), strict=True):
            path.write_bytes(content)
        labels = [f"--label=old/{name}", f"--label=new/{name}"]
        argv = ["diff", *labels, "-u", *map(str, paths)]
        with start(argv) as process:
            text = process.stdout.read().decode(errors="replace")
            status = process.wait()
    # 1 says that there is a difference; anything more, that it could not tell.
    if status not in (0, 1):
        raise CommandError(argv, status or 0, "")
    return text


def compare_lines(old: bytes, new: bytes, name: str) -> str:
    """Return the unified difference without help from another program."""
    import difflib

    lines = difflib.unified_diff(
        old.decode(errors="replace").splitlines(keepends=True),
        new.decode(errors="replace").splitlines(keepends=True),
        f"old/{name}",
        f"new/{name}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)
