"""The cloud that a command means: its flag, and how that cloud is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.mistakes import fail
from cotta.clouds.which import Access, Cloud, Keys, UnknownCloudError, choose_cloud
from cotta.providers.options import ProviderOptions

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.images.contents import Contents


def declare_cloud(flags: Flags) -> None:
    """Take the flag that says which cloud is meant."""
    flags.option(
        "cloud",
        "local|aws",
        "The cloud: the local region, which is the default and never touches an account, or AWS as "
        "its standard credential chain finds it. Also COTTA_CLOUD.",
    )


def declare_rolling(flags: Flags) -> None:
    """Take the flags that say what applying does about the rolls of fleets."""
    flags.switch("no-wait", "Start the roll of a fleet and leave it to itself, as Terraform does.")
    flags.switch(
        "replace-refresh", "Cancel a roll that is under way, instead of waiting for its end."
    )


def provider_options(
    given: Namespace,
    terminal: Terminal,
    *,
    changes: bool = False,
    reached: Callable[[str], None] = lambda _: None,
) -> ProviderOptions:
    """Return what the flags say to the native providers; `changes` for what will change a state.

    The state of a folder belongs to one cloud, and the other one is refused.
    Raises `DiagnosticsError` if the flags name no cloud.  How it is reached is
    not looked for before a provider needs it.
    """
    # Imported here because only what has a state remembers its cloud.
    from cotta.cli.cloud_memory import refuse_other_cloud, remember_cloud

    cloud = cloud_of(given, terminal)

    def enter() -> Access:
        refuse_other_cloud(cloud, terminal)
        access = access_to(cloud, terminal)
        if changes:
            remember_cloud(cloud, terminal)
        return access

    def recorded(image: str) -> Contents | None:
        # Imported here because only a plan that changes an image asks for it.
        from cotta.cli.build_homes import home_of_builds
        from cotta.images.contents import read_record

        return read_record(home_of_builds(terminal.environment), image)

    return ProviderOptions(
        access=enter,
        waits=not getattr(given, "no_wait", False),
        replaces_refresh=getattr(given, "replace_refresh", False),
        reached=reached,
        contents=recorded,
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
