"""The pins beside the working folder's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cotta.addrs.parse import parse_instance
from cotta.addrs.resources import Mode, path_of
from cotta.cli.states import fail
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.images.pins import (
    DATA_TYPE,
    FILE_NAME,
    Pins,
    PinsFileError,
    decode_pins,
    encode_pins,
)
from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.configs.model import Configuration
    from cotta.images.pins import Pin


def read_pins() -> Pins:
    """Return the working folder's pins; none where there is no file."""
    path = Path(FILE_NAME)
    try:
        return decode_pins(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, PinsFileError) as error:
        raise fail(
            "The pins can't be read",
            f"{FILE_NAME}: {error}. Mend it, or take it away: then every data source finds what it "
            "looks for.",
        ) from None


def write_pins(pins: Mapping[str, Pin]) -> None:
    """Write the working folder's pins; without any there is no file."""
    path = Path(FILE_NAME)
    if pins:
        write_atomically(path, encode_pins(pins).encode())
    else:
        path.unlink(missing_ok=True)


def check_pins(configuration: Configuration, pins: Mapping[str, Pin], diags: Diagnostics) -> None:
    """Warn of pins that hold nothing, since the configuration has no such data source."""
    for address in pins:
        problem = pin_problem(configuration, address)
        if problem:
            diags.warning(
                "Pin without a data source",
                f"{FILE_NAME} holds {address}, and {problem}. `cotta images unpin '{address}'` "
                "takes the pin away.",
            )


def pin_problem(configuration: Configuration, address: str) -> str:
    """Return why an address can't be pinned, as a clause; "" if it can."""
    instance = parse_instance(address, Diagnostics(), name="pinned address")
    if instance is None:
        return "that is no address of a data source"
    resource = instance.of.resource
    if resource.mode is not Mode.DATA or resource.type != DATA_TYPE:
        return f'only data "{DATA_TYPE}" blocks can be pinned'
    here = configuration.descendant(path_of(instance.of.module))
    if here is None or resource not in here.module.resources:
        return "the configuration has no such block"
    return ""
