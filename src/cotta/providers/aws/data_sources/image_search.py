"""How `aws_ami` and `aws_ami_ids` look for images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.hcl.functions.regexes import PatternError, compile_pattern
from cotta.providers.aws.data_sources.finding import filters_of
from cotta.providers.aws.declare import optional
from cotta.values.types import BOOL, STRING, ListType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Argument, Fields


def is_pattern(text: str) -> str | None:
    """Allow regular expressions in RE2's notation."""
    try:
        compile_pattern(text)
    except PatternError as error:
        return f"needs a regular expression, and this is none: {error}"
    return None


# The arguments that both have in common.
SEARCH: Final[dict[str, Argument]] = {
    "executable_users": optional(ListType(STRING)),
    "include_deprecated": optional(BOOL),
    "name_regex": optional(STRING, is_pattern),
}


def find_images(on: Connection, config: Fields) -> list[Any]:
    """Return the images that AWS finds, in its order.  Raises CloudError."""
    return list(
        on.pages(
            "ec2",
            "DescribeImages",
            "Images",
            IncludeDeprecated=bool(config["include_deprecated"]),
            ExecutableUsers=config["executable_users"],
            Owners=config["owners"],
            Filters=filters_of({"filter": config["filter"]}),
        )
    )


def with_name(images: list[Any], pattern: str | None) -> list[Any]:
    """Return the images in whose name a pattern is found; all, if there is no pattern."""
    if not pattern:
        return images
    expression = compile_pattern(pattern)
    return [one for one in images if one.get("Name") and expression.find(one["Name"].encode())]


def newest_first(images: list[Any], *, reverse: bool = True) -> list[Any]:
    """Return the images by age, those of one time in the order in which AWS has them."""
    # AWS writes all times in one form, so that they sort as texts.
    return sorted(images, key=lambda one: str(one.get("CreationDate", "")), reverse=reverse)


def has_owner(config: Fields) -> bool:
    """Say whether a search names whose images are meant, or which."""
    names = {one["name"] for one in config["filter"] or []}
    return bool(config["owners"]) or not names.isdisjoint({"image-id", "owner-id"})
