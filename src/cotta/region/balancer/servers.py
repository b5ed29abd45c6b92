"""Targets as HAProxy's servers: what each is, and the commands that change them."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from cotta.region.balancer.actions import backend_name
from cotta.region.balancer.config import check_words
from cotta.region.balancer.driver import SeenBalancer, SeenServer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.region.balancer.layout import Backend

# The share that every target has; 0 keeps requests away from one that is new.
_WEIGHT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A target: in which backend, where, and how it is checked."""

    backend: Backend
    target_id: str
    port: int
    address: str

    @property
    def name(self) -> str:
        """What it is called in its backend."""
        return f"{self.target_id}:{self.port}"

    @property
    def key(self) -> tuple[str, str]:
        """What names it among all."""
        return backend_name(self.backend.group.id), self.name

    @property
    def words(self) -> str:
        """Its address, and what stays with it when it is added while HAProxy runs."""
        words = f"{self.address}:{self.port} check {check_words(self.backend)}"
        if self.backend.group.attributes.get("stickiness.enabled") == "true":
            words += f" cookie {hashlib.sha256(self.name.encode()).hexdigest()[:16]}"
        return words


@dataclass(frozen=True, slots=True)
class Add:
    """Begin to check a new server; requests come when it is let in."""

    server: Server


@dataclass(frozen=True, slots=True)
class LetIn:
    """Let requests come to a server that has passed a check."""

    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drain:
    """Let no new requests come to a server."""

    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Remove:
    """Forget a server, ending what requests it has."""

    key: tuple[str, str]


Change: TypeAlias = Add | LetIn | Drain | Remove


def commands_for(change: Change) -> list[str]:
    """Return the commands of HAProxy's command line for a change, each with one line."""
    match change:
        case Add(server):
            name = "/".join(server.key)
            # A server that leaves maintenance counts as well until its first check, and is
            # asked as seldom as one that is: without weight it gets no request in that
            # moment, and checks begin when it is down.
            return [
                f"add server {name} {server.words} weight 0",
                f"enable server {name}",
                f"set server {name} health down",
                f"enable health {name}",
            ]
        case LetIn(key):
            name = "/".join(key)
            return [
                f"set server {name} state ready",
                f"set server {name} health up",
                f"set server {name} weight {_WEIGHT}",
            ]
        case Drain(key):
            return [f"set server {'/'.join(key)} state drain"]
        case Remove(key):
            name = "/".join(key)
            return [
                f"set server {name} state maint",
                f"shutdown sessions server {name}",
                f"del server {name}",
            ]
    assert_never(change)


def line_for(server: Server) -> str:
    """Return a server that is well as its backend's section has it."""
    return f"    server {server.name} {server.words} weight {_WEIGHT}"


def parse_seen(fingerprint: str, statistics: str) -> SeenBalancer:
    """Return what HAProxy's `show stat` says of the servers."""
    rows = csv.DictReader(_lines(statistics))
    servers = {
        (row["pxname"], row["svname"]): _seen(row)
        for row in rows
        if row["svname"] not in {"FRONTEND", "BACKEND"}
    }
    return SeenBalancer(fingerprint, servers)


def _lines(statistics: str) -> Iterable[str]:
    return statistics.removeprefix("# ").splitlines()


def _seen(row: dict[str, str]) -> SeenServer:
    status = row["status"]
    has_passed = row["check_status"] in {"L7OK", "L7OKC", "L4OK", "L6OK"}
    return SeenServer(
        # "UP 1/2" is one that is about to go down, and gets requests until then.
        is_up=status.startswith("UP"),
        is_draining=status.startswith("DRAIN"),
        is_unfinished=status.startswith("MAINT"),
        requests=int(row["scur"] or 0),
        passed=int(row["check_health"] or 0) if has_passed else 0,
        check=row["check_status"].removeprefix("* "),
        code=int(row["check_code"]) if row["check_code"] else None,
    )
