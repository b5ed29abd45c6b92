"""The tags that tell where an image comes from, and tags as services answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# The run of a build that made a thing.
RUN_TAG: Final = "cotta:run"
# The content key, by which an image is found instead of baked.
KEY_TAG: Final = "cotta:key"
COMMIT_TAG: Final = "cotta:commit"
BASE_TAG: Final = "cotta:base"
TEMPLATE_TAG: Final = "cotta:template"
# The digest of an image's content, where the cloud tells it: the local region does.
DIGEST_TAG: Final = "aws:cotta:digest"


def tags_of(described: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of whatever EC2 or Auto Scaling describes, by key."""
    return {tag["Key"]: tag.get("Value", "") for tag in described.get("Tags") or ()}
