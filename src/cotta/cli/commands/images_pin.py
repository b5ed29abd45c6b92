"""`cotta images pin`: hold a data source to one image until somebody lets go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import access_to, cloud_of, declare_cloud
from cotta.cli.pins import pin_problem, read_pins, write_pins
from cotta.cli.states import declare_lock, fail, open_state
from cotta.cli.worlds import read_configuration
from cotta.clouds.errors import CloudError
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.images.pins import FILE_NAME, Pin
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] images pin [options] ADDRESS [IMAGE]

  Holds a data source to one image: it finds that one, however many newer
  ones there are, until `cotta images unpin`.  Without an image it is the one
  that the state has.  The pins are in images.pins.json beside the
  configuration, to be kept in its repository, and every plan tells them.

    cotta images pin data.aws_ami.web -why="release 41"
"""


def declare(flags: Flags) -> None:
    """Take what to pin, to which image, and why."""
    flags.option("why", "TEXT", "What every plan will say about it.", default="")
    declare_cloud(flags)
    flags.option("region", "NAME", "The region, instead of the cloud's usual one.")
    flags.option("state", "PATH", "The state file, instead of the workspace's.")
    declare_lock(flags)
    flags.words("words", least=1, most=2, advice="Name a data source, and an image if need be.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Write the pin."""
    address = given.words[0]
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    problem = pin_problem(configuration, address)
    if problem:
        raise fail("This can't be pinned", f"{address}: {problem}.")
    image = given.words[1] if len(given.words) > 1 else _in_state(address, given, terminal)
    pins = read_pins()
    name = _name_of(image, given, terminal)
    pins[address] = Pin(image=image, name=name, since=SystemClock().now(), why=given.why)
    write_pins(pins)
    terminal.write(f"{pins[address].describe(address)}.\n{FILE_NAME} says so to every plan.\n")
    return 0


def _in_state(address: str, given: Namespace, terminal: Terminal) -> str:
    """Return the image that the state has for a data source."""
    with open_state(given, terminal) as session:
        for resource, found in session.snapshot.state.resources.items():
            for key, instance in found.instances.items():
                if str(resource.instance(key)) != address or instance.current is None:
                    continue
                attributes = instance.current.attributes
                if isinstance(attributes, dict) and isinstance(attributes.get("id"), str):
                    return str(attributes["id"])
    raise fail(
        "Which image?",
        f"The state has no {address} yet. Name an image: cotta images pin {address} ami-…",
    )


def _name_of(image: str, given: Namespace, terminal: Terminal) -> str:
    """Return the name of an image, which must be there."""
    from dataclasses import replace

    from cotta.clouds.session import Session

    access = access_to(cloud_of(given, terminal), terminal)
    if given.region:
        access = replace(access, region=given.region)
    session = Session(access)
    try:
        found = session.call("ec2", "DescribeImages", ImageIds=[image])["Images"]
    except CloudError as error:
        raise fail(
            "There is no such image"
            if error.code.startswith("InvalidAMIID")
            else "The cloud can't be asked",
            f"{error}. {error.advice}".strip(),
        ) from None
    return str(found[0].get("Name", ""))
