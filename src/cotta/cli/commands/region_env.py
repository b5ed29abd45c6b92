"""`cotta region env`: what points AWS clients to the region."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cotta.cli.regions import account_of, require_region
from cotta.cli.states import fail
from cotta.region.home import USUAL_NAME

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region env [options]

  Prints the variables that point any AWS client to the local region, for a
  shell:

    eval "$(cotta region env)"

  The region answers to whichever region name a client asks for.  Nothing is
  written anywhere unless a profile is asked for.
"""


def declare(flags: Flags) -> None:
    """Take how to print, and whether to write a profile."""
    flags.switch("json", "Print a JSON object of the variables.")
    flags.option("region", "NAME", "The region's name.", default=USUAL_NAME)
    flags.option(
        "write-profile",
        "NAME",
        "Write a profile to the AWS configuration file instead of printing: "
        "AWS_CONFIG_FILE, or else ~/.aws/config.",
    )
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the variables, or write them as a profile."""
    home, settings = require_region(terminal)
    account = account_of(home)
    variables = {
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": account.secret_key,
        "AWS_REGION": given.region,
        "AWS_DEFAULT_REGION": given.region,
    }
    if given.write_profile is not None:
        if given.json:
            raise fail("Invalid options", "-json and -write-profile exclude each other.")
        _write_profile(given.write_profile, variables, terminal)
    elif given.json:
        terminal.write(json.dumps(variables, indent=2) + "\n")
    else:
        terminal.write(_render(variables))
    return 0


def _render(variables: dict[str, str]) -> str:
    import shlex

    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    # Whoever has assumed a role has a token that is none of this region's keys.
    return "\n".join([*lines, "unset AWS_SESSION_TOKEN"]) + "\n"


def _write_profile(name: str, variables: dict[str, str], terminal: Terminal) -> None:
    from cotta.cli.profiles import ProfileError, write_profile

    try:
        path = write_profile(
            name,
            {
                "endpoint_url": variables["AWS_ENDPOINT_URL"],
                "region": variables["AWS_REGION"],
                "aws_access_key_id": variables["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": variables["AWS_SECRET_ACCESS_KEY"],
            },
            terminal.environment,
        )
    except ProfileError as error:
        raise fail("The profile can't be written", str(error)) from None
    terminal.write(f"The profile {name} is in {path}. To use it:\n  export AWS_PROFILE={name}\n")
