"""Paths as text, by the rules of Go's `path/filepath` on Unix."""

from __future__ import annotations


def clean(path: str) -> str:
    """Return the shortest path that means the same, by its text alone."""
    is_rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part == ".." and is_rooted:
            continue
        elif part not in ("", "."):
            parts.append(part)
    return ("/" if is_rooted else "") + "/".join(parts) or "."


def join(*parts: str) -> str:
    """Return the parts as one clean path; empty ones are left out."""
    filled = [part for part in parts if part]
    return clean("/".join(filled)) if filled else ""


def base(path: str) -> str:
    """Return the last part of the path; slashes at the end don't count."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """Return all but the last part of the path, made clean."""
    head, slash, _last = path.rpartition("/")
    return clean(head + slash)


def relative(path: str, start: str) -> str:
    """Return how a clean path is reached from another clean one, both rooted or both not."""
    here = [] if start == "." else start.strip("/").split("/")
    there = [] if path == "." else path.strip("/").split("/")
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    return "/".join([*[".."] * (len(here) - shared), *there[shared:]]) or "."
