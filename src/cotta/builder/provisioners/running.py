"""The provisioners of a build, one after another: paused, limited in time, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.provisioners.file import is_passing
from cotta.builder.provisioners.provisioning import TimeIsUpError, place_of
from cotta.builder.provisioners.table import MOVERS, PROVISIONERS
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.builder.model import Provisioner
    from cotta.builder.provisioners.provisioning import Provisioning


def run_provisioners(provisioning: Provisioning) -> None:
    """Run all of a build's provisioners; raises `BuildError` with the one that failed, and where.

    Where one fails for good, the build's `error-cleanup-provisioner` has run before.
    """
    build = provisioning.build
    try:
        for number, provisioner in enumerate(build.provisioners):
            _warn_of_passing(provisioner, build.provisioners[number + 1 :], provisioning)
            run_provisioner(provisioner, provisioning)
    except BuildError:
        if build.error_cleanup is not None:
            provisioning.ui.say(
                "Provisioning step had errors: Running the cleanup provisioner, if present..."
            )
            _clean_up(build.error_cleanup, provisioning)
        raise


def _clean_up(provisioner: Provisioner, provisioning: Provisioning) -> None:
    try:
        run_provisioner(provisioner, provisioning)
    except BuildError as error:
        # The build has failed already; of two mistakes the first is the one to mend.
        provisioning.ui.error(str(error))


def run_provisioner(provisioner: Provisioner, provisioning: Provisioning) -> None:
    """Run one, as often as it may be tried; a failure that may be is said and forgotten."""
    left = provisioner.max_retries
    while True:
        try:
            _try(provisioner, provisioning)
        except BuildError as error:
            if left > 0:
                provisioning.ui.say(
                    f"Provisioner failed with {str(error).splitlines()[0]!r}, retrying with "
                    f"{left} trie(s) left"
                )
                left -= 1
                continue
            message = (
                f'The provisioner "{provisioner.type}" in {place_of(provisioner.range)} failed. '
                f"{error}"
            )
            if not provisioner.continue_on_error:
                raise BuildError(message) from error
            provisioning.ui.error(f"{message}\nThe build goes on: continue_on_error is set.")
        provisioning.finished(provisioner)
        return


def _try(provisioner: Provisioner, provisioning: Provisioning) -> None:
    deadline = provisioning.deadline
    if provisioner.pause_before:
        seconds = provisioner.pause_before.total_seconds()
        provisioning.ui.say(f"Pausing {seconds:g}s before the next provisioner...")
        deadline.sleep(provisioner.pause_before)
    options = provisioner.options(provisioning.generated)
    if provisioner.timeout is not None:
        seconds = provisioner.timeout.total_seconds()
        provisioning.ui.say(f"Setting a {seconds:g}s timeout for the next provisioner...")
    # The pause does not count: Packer knows one of the two only.
    deadline.begin(provisioner.timeout)
    try:
        PROVISIONERS[provisioner.type](options, provisioning)
    except TimeIsUpError as error:
        assert provisioner.timeout is not None
        seconds = provisioner.timeout.total_seconds()
        raise BuildError(f"It did not end within {seconds:g} s, which is its timeout.") from error
    finally:
        deadline.begin(None)


def _warn_of_passing(
    provisioner: Provisioner, later: Sequence[Provisioner], provisioning: Provisioning
) -> None:
    """Say so if what is uploaded will not be in the image: nothing moves it from where it goes."""
    if provisioner.type != "file" or any(one.type in MOVERS for one in later):
        return
    options = provisioner.options(provisioning.generated)
    there = options.text("destination")
    if options.text("direction") == "upload" and is_passing(there):
        provisioning.ui.error(
            f"Warning: {there} will not be in the image ({place_of(provisioner.range)}). That "
            "folder goes with the machine: it is memory on Amazon Linux 2023 and others, and it is "
            "emptied when an image is made. Upload to a folder that stays, such as the user's own, "
            "or have a shell provisioner move it afterwards."
        )
