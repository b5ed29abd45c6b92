"""Tags of EC2's own things: given when they are made, changed by two calls of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.tags import as_list, difference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def tag_specifications(kind: str, tags: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    """Return the tags of a new thing, as EC2's creating operations take them; None for none."""
    return [{"ResourceType": kind, "Tags": as_list(tags)}] if tags else None


def update_tags(on: Connection, id_: str, prior: Fields, wanted: Fields) -> None:
    """Have a thing carry the tags that are wanted.  Raises CloudError."""
    gone, new = difference(prior.get("tags_all") or {}, wanted.get("tags_all") or {})
    if gone:
        on.call("ec2", "DeleteTags", Resources=[id_], Tags=[{"Key": key} for key in gone])
    if new:
        on.call("ec2", "CreateTags", Resources=[id_], Tags=as_list(new))
