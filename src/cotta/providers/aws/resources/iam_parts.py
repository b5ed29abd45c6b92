"""What the types of IAM have in common: names, dates, tags, calls about what may not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.clouds.errors import CloudError
from cotta.providers.aws.checks import length, matches
from cotta.providers.aws.tags import as_list, difference

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Check, Fields


def name_checks(most: int) -> tuple[Check, Check]:
    """Return the checks of a name of so many characters."""
    words = "can have letters, digits and +=,.@-_ alone"
    return length(0, most), matches(r"^[\w+=,.@-]*$", words)


def ask(on: Connection, operation: str, **parameters: Any) -> Any:
    """Return IAM's answer, None if it says that there is no such thing.  Raises CloudError."""
    try:
        return on.call("iam", operation, **parameters)
    except CloudError as error:
        if error.is_missing:
            return None
        raise


def date_text(date: datetime) -> str:
    """Return a date as it is stored: 2026-11-29T19:39:42Z."""
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def update_iam_tags(on: Connection, kind: str, prior: Fields, wanted: Fields) -> None:
    """Have a thing of IAM ("Role", "InstanceProfile") carry the tags that are wanted."""
    gone, new = difference(prior.get("tags_all") or {}, wanted.get("tags_all") or {})
    name = {f"{kind}Name": prior["id"]}
    if gone:
        on.call("iam", f"Untag{kind}", TagKeys=gone, **name)
    if new:
        on.call("iam", f"Tag{kind}", Tags=as_list(new), **name)


def end(on: Connection, operation: str, **parameters: Any) -> None:
    """Have IAM end something; that it is not there any more is no mistake.  Raises CloudError."""
    ask(on, operation, **parameters)
