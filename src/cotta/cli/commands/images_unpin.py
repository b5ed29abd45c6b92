"""`cotta images unpin`: let data sources find what they look for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.pins import read_pins, write_pins
from cotta.cli.states import fail
from cotta.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] images unpin [options] [ADDRESS...]

  Takes pins away: the next plan finds what the data sources look for, the
  newest image say.  Without an address it lists the pins.
"""


def declare(flags: Flags) -> None:
    """Take what to let go."""
    flags.switch("all", "Take every pin away.")
    flags.words("addresses")


def run(given: Namespace, terminal: Terminal) -> int:
    """Take the pins away, or list them."""
    pins = read_pins()
    addresses = list(pins) if given.all else given.addresses
    missing = [address for address in addresses if address not in pins]
    if missing:
        listed = ", ".join(missing)
        hint = did_you_mean(missing[0], list(pins))
        raise fail("Nothing is pinned there", f"There is no pin of {listed}.{hint}")
    if not addresses:
        for address, pin in pins.items():
            terminal.write(f"{pin.describe(address)}\n")
        return 0
    for address in addresses:
        del pins[address]
        terminal.write(f"{address} is no longer pinned.\n")
    write_pins(pins)
    return 0
