"""`cotta region console`: what a machine has said at its console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.regions import open_store, require_region, require_root
from cotta.cli.states import fail

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region console [options] <instance>

  Prints what an instance's machine has said at its console, the latest
  64 KiB; of an instance that has ended, the latest 16 KiB, for as long as
  it is listed.
  There is no way to type there: a machine is replaced, not edited.
"""


def declare(flags: Flags) -> None:
    """Take an instance, and whether to go on."""
    flags.switch("f", "Go on with what it says from now on, until Ctrl-C.")
    flags.words(
        "instances", least=1, most=1, advice="Name one instance by its id: i-0123456789abcdef0."
    )


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the console."""
    home, settings = require_region(terminal)
    require_root("Consoles can be read by root only.")
    from cotta.cli.following import follow_window
    from cotta.region.consoles import kept_console
    from cotta.region.grounds import Grounds
    from cotta.region.model import InstanceId
    from cotta.region.store.kinds import INSTANCES

    instance_id = InstanceId(given.instances[0])
    store = open_store(home)
    with store.read() as rows:
        is_known = rows.find(INSTANCES, instance_id) is not None
        kept = kept_console(rows, instance_id)
    store.close()
    if not is_known:
        raise fail(
            "There is no such instance",
            f'The region has no instance "{instance_id}". `cotta region status` lists them.',
        )
    driver = Grounds(home, settings).machines
    said = driver.console(instance_id) or kept
    _write(said, terminal)
    if given.f:
        for more in follow_window(lambda: driver.console(instance_id), said):
            _write(more, terminal)
    return 0


def _write(said: bytes, terminal: Terminal) -> None:
    terminal.write(said.decode("utf-8", "replace"))
    terminal.stdout.flush()
