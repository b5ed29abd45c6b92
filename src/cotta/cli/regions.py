"""The region that commands mean, and mistakes about it, as people are told them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.states import fail
from cotta.diagnostics.diagnostics import Diagnostic, DiagnosticsError
from cotta.region.home import HomeError, find_home

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.cli.terminal import Terminal
    from cotta.region.home import Home, Settings
    from cotta.region.model import Account
    from cotta.region.store.store import Store


def fail_all(mistakes: Iterable[tuple[str, str]]) -> DiagnosticsError:
    """Return several mistakes to raise at once."""
    return DiagnosticsError(
        tuple(Diagnostic(summary=summary, detail=detail) for summary, detail in mistakes)
    )


def home_of(terminal: Terminal) -> Home:
    """Return the region that the environment names, whether it is there or not."""
    return find_home(terminal.environment)


def settings_of(home: Home) -> Settings | None:
    """Return what was chosen for a region; None before its first `up`."""
    try:
        return home.read_settings()
    except HomeError as error:
        raise fail("The data folder can't be read", str(error)) from None
    except PermissionError:
        raise _needs_root(home) from None


def require_region(terminal: Terminal) -> tuple[Home, Settings]:
    """Return the region, which has been up at some time."""
    home = home_of(terminal)
    settings = settings_of(home)
    if settings is None:
        raise fail(
            "There is no region here",
            f"{home.folder} has no region's data. `cotta region up` makes one; another folder is "
            "named by COTTA_HOME.",
        )
    return home, settings


def open_store(home: Home) -> Store:
    """Return a region's rows."""
    # Imported here because a command that only says what is wrong needs no database.
    from cotta.region.store.store import Store, StoreError

    if not home.database.exists():
        raise fail(
            "The region has no rows yet",
            f"There is no {home.database}: the first `cotta region up` did not come to its end. "
            "Run it again.",
        )
    try:
        return Store(home.database)
    except StoreError as error:
        raise fail("The region's rows can't be read", f"{home.database}: {error}.") from None


def account_of(home: Home) -> Account:
    """Return a region's one account, with its keys."""
    from cotta.region.store.kinds import ACCOUNTS

    store = open_store(home)
    try:
        with store.read() as rows:
            (account,) = rows.all(ACCOUNTS)
    finally:
        store.close()
    return account


def require_root(what: str) -> None:
    """Refuse to go on for anybody but root."""
    import os

    if os.geteuid() != 0:
        raise fail("A region needs root", f"{what} Run it again with sudo.")


def _needs_root(home: Home) -> DiagnosticsError:
    return fail(
        "The region can't be read",
        f"{home.folder} is root's, since the region's keys are in it. Run it again with sudo.",
    )
