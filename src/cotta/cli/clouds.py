"""The cloud that a command means: its flag, and how that cloud is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.states import fail
from cotta.clouds.which import Access, Cloud, Keys, UnknownCloudError, choose_cloud

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal


def declare_cloud(flags: Flags) -> None:
    """Take the flag that says which cloud is meant."""
    flags.option(
        "cloud",
        "local|aws",
        "The cloud: the local region, which is the default and never touches an account, or AWS as "
        "its standard credential chain finds it. Also COTTA_CLOUD.",
    )


def cloud_of(given: Namespace, terminal: Terminal) -> Cloud:
    """Return the cloud that the flag or the environment names, the local one if neither does."""
    try:
        return choose_cloud(given.cloud, terminal.environment)
    except UnknownCloudError as error:
        raise fail("There is no such cloud", str(error)) from None


def access_to(cloud: Cloud, terminal: Terminal) -> Access:
    """Return how a cloud is reached; a mistake says what to do if the local region is not there.

    Neither connects to anything: a region that is down is met by the first call.
    """
    if cloud is Cloud.AWS:
        return Access(cloud=cloud)
    # Imported here because only what really talks to the local region needs to know it.
    from cotta.cli.regions import account_of, require_region
    from cotta.region.home import USUAL_NAME

    home, settings = require_region(terminal)
    account = account_of(home)
    return Access(
        cloud=cloud,
        region=USUAL_NAME,
        endpoint=settings.endpoint,
        keys=Keys(account.access_key, account.secret_key),
        # It is on this machine: what does not answer soon is down.
        attempts=5,
    )
