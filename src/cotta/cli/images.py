"""The catalogue of images that commands mean, and the records of their contents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cotta.cli.build_homes import home_of_builds
from cotta.cli.clouds import access_to, cloud_of, declare_cloud
from cotta.cli.states import fail
from cotta.clouds.errors import CloudError
from cotta.images.catalogue import UnknownImageError
from cotta.images.contents import Contents, read_record

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.clouds.session import Session
    from cotta.images.catalogue import CatalogueImage

T = TypeVar("T")


def declare_catalogue(flags: Flags) -> None:
    """Take whose images are meant, and how to print."""
    declare_cloud(flags)
    flags.option("region", "NAME", "The region, instead of the cloud's usual one.")
    flags.switch("json", "Print a JSON object.")


def catalogue_session(given: Namespace, terminal: Terminal) -> Session:
    """Return a session of the cloud and region that are meant."""
    from cotta.clouds.session import Session

    access = access_to(cloud_of(given, terminal), terminal)
    if given.region:
        access = replace(access, region=given.region)
    return Session(access)


def asked(ask: Callable[[], T]) -> T:
    """Return an answer of the catalogue; what is wrong is told as a person's mistake."""
    try:
        return ask()
    except UnknownImageError as error:
        raise fail(
            "There is no such image",
            f"The account has no image {error} in this region. `cotta images list` shows all there "
            "are.",
        ) from None
    except CloudError as error:
        raise fail("The cloud can't be asked", f"{error}. {error.advice}".strip()) from None


def contents_of(image: CatalogueImage, terminal: Terminal) -> Contents | None:
    """Return what was recorded of an image on this machine; None if nothing was."""
    return read_record(home_of_builds(terminal.environment), image.id)


def require_contents(image: CatalogueImage, terminal: Terminal) -> Contents:
    """Return what was recorded of an image; a mistake says where that would be."""
    found = contents_of(image, terminal)
    if found is None:
        raise fail(
            "The contents of an image are not known",
            f"Nothing is recorded of {image.id} ({image.name}) in "
            f"{home_of_builds(terminal.environment)}: it was baked on another machine, or by "
            f"another program. Copy contents/{image.id}.json.gz from there, or bake it here: cotta "
            "build -force.",
        )
    return found
