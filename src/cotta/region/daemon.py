"""The process that runs a region: what it makes on the host, and how it begins and ends.

Killed at any moment it leaves machines, their network and the balancer running; the next one finds
them.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.grounds import Grounds, GroundsError
from cotta.region.home import USUAL_NAME
from cotta.region.metadata.service import Metadata
from cotta.region.networks.plan import METADATA_ADDRESS
from cotta.region.readiness import total_memory_mib
from cotta.region.running import Region, limit, restart_all
from cotta.region.server import Server
from cotta.region.store.store import StoreError
from cotta.system.clock import SystemClock
from cotta.system.files import FileLockedError
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.region.home import Home, Settings

log: Final = logging.getLogger(__name__)

_LOG_BYTES: Final = 4 * 1024 * 1024
_LOGS_KEPT: Final = 3

# Whoever asks whether the lock is held has it for a moment.
_LOCK_WAIT: Final = timedelta(seconds=5)

_PLAIN_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _Ended(BaseException):
    """Somebody asked this process to end."""


def serve(home: Home, settings: Settings, tell: Callable[[str | None], None]) -> None:
    """Run the region until SIGTERM.

    `tell` is called once: with None when it answers, or with the reason why it can't.
    """
    _write_log_to(home)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    try:
        with home.held(wait=_LOCK_WAIT):
            home.write_pid(os.getpid())
            _serve(home, settings, tell)
            home.forget_pid()
    except _Ended:
        tell("It was asked to end.")
    except FileLockedError:
        tell("Another process runs this region already.")
    except (GroundsError, StoreError, OSError) as error:
        log.error("the region can't run", extra={"reason": str(error)})
        tell(str(error))


def _serve(home: Home, settings: Settings, tell: Callable[[str | None], None]) -> None:
    grounds = Grounds(home, settings)
    for change in grounds.prepare():
        log.info("host changed", extra={"change": change})
    region = Region(
        home.database,
        grounds.machines,
        grounds.balancer,
        grounds.network,
        network=settings.network,
        port=settings.port,
        clock=SystemClock(),
        ids=RandomIds(),
    )
    metadata = Server(
        Metadata(region.store, region=USUAL_NAME, clock=SystemClock()).handle,
        grounds.network.listen(METADATA_ADDRESS, 80),
    )
    with region.store.write() as rows:
        limit(rows, region.account, total_memory_mib())
        if not home.is_same_boot():
            log.info("the host was started anew: what ran is started again")
            restart_all(rows)
    metadata.start()
    region.start()
    log.info("the region answers", extra={"endpoint": settings.endpoint, "pid": os.getpid()})
    tell(None)
    try:
        while True:
            time.sleep(3600)
    except _Ended:
        log.info("the daemon ends; machines run on")
    metadata.stop()
    region.stop()


def _end(*_: Any) -> None:
    raise _Ended


# --- the log ----------------------------------------------------------------------------


class _Lines(logging.Formatter):
    """An event a line: when, how bad, what, then its fields."""

    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        fields = [
            f"{name}={value}" for name, value in vars(record).items() if name not in _PLAIN_FIELDS
        ]
        first, newline, rest = super().format(record).partition("\n")
        return " ".join([first, *fields]) + newline + rest


def _write_log_to(home: Home) -> None:
    handler = logging.handlers.RotatingFileHandler(
        home.log, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8"
    )
    lines = _Lines("%(asctime)s %(levelname)-7s %(message)s")
    lines.converter = time.gmtime
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
