"""`cotta region base add`: make a base image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.regions import open_store, require_region, require_root
from cotta.cli.states import fail

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.region.base_images import AddedBase
    from cotta.region.imagestore.store import ImageStore
    from cotta.region.store.store import Store

HELP: Final = """\
Usage: cotta [global options] region base add <release>
       cotta [global options] region base add -from=FILE -name=NAME -owner=ID

  Makes a base image that instances can be launched from, and registers it with
  its real name and owner.

  The release is debian-12 or debian-13: it is made by mmdebstrap from this
  machine's own Debian mirror, in half a minute.  With -from it is made of a
  root file system in a tar file, or of an OCI image layout (a folder, or a tar
  file of one), that has systemd and an SSH server in it.
"""

_USUAL_USER: Final = "ec2-user"
_OPTIONS: Final = ("name", "owner", "alias", "user")


def declare(flags: Flags) -> None:
    """Take a release, or what else to make it of."""
    flags.option("from", "FILE", "A root file system, or an OCI image layout.")
    flags.option("name", "NAME", "With -from: the image's name, as filters find it.")
    flags.option(
        "owner",
        "ID",
        "With -from: the account that owns it, 12 digits; or debian, amazon, canonical.",
    )
    flags.option("alias", "ALIAS", "With -from: the owner's alias, amazon say.")
    flags.option(
        "user",
        "NAME",
        f"With -from: the user that gets the key pair's key; {_USUAL_USER} by default.",
    )
    flags.words("releases", most=1)


def run(given: Namespace, terminal: Terminal) -> int:
    """Make it, register it, and name it."""
    home, _ = require_region(terminal)
    require_root("Images are made by root only.")
    _check(given)
    from cotta.region.imagestore.errors import ImageStoreError
    from cotta.region.imagestore.store import ImageStore

    def show(text: str) -> None:
        terminal.write(f"{text} …\n")
        terminal.stdout.flush()

    store = open_store(home)
    try:
        added = _add(given, store, ImageStore(home.images), show)
    except ImageStoreError as error:
        raise fail("The image can't be made", str(error)) from None
    finally:
        store.close()
    terminal.write(f"{added.image.id}  {added.image.name}\n")
    return 0


def _check(given: Namespace) -> None:
    """Refuse options that don't go together."""
    options = vars(given)
    if options["from"] is None:
        extra = [name for name in _OPTIONS if options[name] is not None]
        if extra:
            raise fail("Invalid options", f"-{extra[0]} goes with -from only.")
        if not given.releases:
            raise fail("No release is named", "Name one: debian-12. Or name a file with -from.")
    elif given.releases:
        raise fail("Invalid options", "Name a release, or a file with -from, but not both.")
    else:
        for name in ("name", "owner"):
            if options[name] is None:
                raise fail("Invalid options", f"-from needs -{name} too.")


def _add(
    given: Namespace, store: Store, images: ImageStore, show: Callable[[str], None]
) -> AddedBase:
    from cotta.region.base_images import OWNERS, Wanted, add_debian, add_from_file
    from cotta.system.clock import SystemClock

    clock, source = SystemClock(), vars(given)["from"]
    if source is None:
        return add_debian(store, images, given.releases[0], clock=clock, progress=show)
    wanted = Wanted(
        name=given.name,
        owner_id=OWNERS.get(given.owner, given.owner),
        owner_alias=given.alias,
        default_user=given.user or _USUAL_USER,
    )
    return add_from_file(store, images, Path(source), wanted, clock=clock, progress=show)
