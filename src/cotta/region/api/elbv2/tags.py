"""Tags of load balancers, listeners, rules and target groups, by their ARNs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.lookups import require_any
from cotta.region.api.tags import check_count, decode_tags, encode_tags

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing


def describe_tags(call: Call, rows: Reading) -> Answer:
    """List the tags of what is named."""
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, "Tags": encode_tags(require_any(rows, arn)[1].tags)}
            for arn in call.parameters["ResourceArns"]
        ]
    }


def add_tags(call: Call, rows: Writing) -> Answer:
    """Add tags, in the place of those with the same keys."""
    added = decode_tags(call.parameters["Tags"])
    for arn in call.parameters["ResourceArns"]:
        kind, record = require_any(rows, arn)
        rows.put(kind, replace(record, tags=check_count({**record.tags, **added})))
    return {}


def remove_tags(call: Call, rows: Writing) -> Answer:
    """Remove the tags with some keys, where they are."""
    keys = set(call.parameters["TagKeys"])
    for arn in call.parameters["ResourceArns"]:
        kind, record = require_any(rows, arn)
        kept = {key: value for key, value in record.tags.items() if key not in keys}
        rows.put(kind, replace(record, tags=kept))
    return {}


OPERATIONS: Final[Operations] = {
    "AddTags": Writes(add_tags),
    "DescribeTags": Reads(describe_tags),
    "RemoveTags": Writes(remove_tags),
}
