"""`data "aws_iam_policy_document"`: a policy as text, from blocks.  Asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.checks import each, is_json, matches, one_of
from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.declare import (
    DataSource,
    block_set,
    blocks,
    computed,
    either,
    optional,
    required,
)
from cotta.providers.aws.policies.document import (
    OLD_VERSION,
    PRESENT_VERSION,
    Condition,
    PolicyError,
    Principal,
    Statement,
    make_document,
    merge_overrides,
    merge_sources,
)
from cotta.providers.aws.set_order import checksum, in_set_order
from cotta.values.types import STRING, ListType, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    del on
    version = config["version"] or PRESENT_VERSION
    statements = [_with_zeros(one) for one in config["statement"] or []]
    try:
        own = make_document(
            [_statement(one) for one in statements], version=version, id=config["policy_id"] or ""
        )
        document = merge_overrides(
            merge_sources(config["source_policy_documents"] or []).merged(own),
            config["override_policy_documents"] or [],
        )
    except PolicyError as error:
        raise NothingFoundError("Unusable policy document", str(error)) from error
    text = document.render()
    return {
        "id": str(checksum(text)),
        "json": text,
        "minified_json": document.render(indent=None),
        "statement": statements,
        "version": version,
    }


def _with_zeros(block: Fields) -> Fields:
    """Return a block as it is stored: nothing in it is null."""
    return {name: _zero_of(name) if value is None else value for name, value in block.items()}


def _zero_of(name: str) -> Any:
    return {"sid": "", "effect": "Allow"}.get(name, [])


def _statement(block: Fields) -> Statement:
    return Statement(
        sid=block["sid"],
        effect=block["effect"],
        actions=tuple(block["actions"]),
        not_actions=tuple(block["not_actions"]),
        resources=tuple(block["resources"]),
        not_resources=tuple(block["not_resources"]),
        principals=_principals(block["principals"]),
        not_principals=_principals(block["not_principals"]),
        conditions=tuple(
            Condition(one["test"], one["variable"], tuple(value or "" for value in one["values"]))
            for one in in_set_order(block["condition"])
        ),
    )


def _principals(given: list[Any]) -> tuple[Principal, ...]:
    ordered = in_set_order(given, sets=("identifiers",))
    return tuple(Principal(one["type"], tuple(one["identifiers"])) for one in ordered)


def _texts() -> Any:
    return optional(SetType(STRING))


def _principal_blocks() -> Any:
    return block_set({"identifiers": required(SetType(STRING)), "type": required(STRING)})


def _is_unused(text: str) -> str | None:
    return "is no longer used: take it out, or use source_policy_documents" if text else None


_STATEMENT: Final = blocks(
    {
        "actions": _texts(),
        "condition": block_set(
            {
                "test": required(STRING),
                "values": required(ListType(STRING)),
                "variable": required(STRING),
            }
        ),
        "effect": optional(STRING, one_of("Allow", "Deny"), default="Allow"),
        "not_actions": _texts(),
        "not_principals": _principal_blocks(),
        "not_resources": _texts(),
        "principals": _principal_blocks(),
        "resources": _texts(),
        "sid": optional(STRING, matches(r"^[a-zA-Z0-9]*$", "can have letters and digits alone")),
    }
)

DATA_SOURCE: Final = DataSource(
    name="aws_iam_policy_document",
    fields={
        "id": either(STRING),
        "json": computed(STRING),
        "minified_json": computed(STRING),
        "override_json": optional(STRING, _is_unused, deprecated=True),
        "override_policy_documents": optional(ListType(STRING), each(is_json)),
        "policy_id": optional(STRING),
        "source_json": optional(STRING, _is_unused, deprecated=True),
        "source_policy_documents": optional(ListType(STRING), each(is_json)),
        "statement": _STATEMENT,
        "version": optional(STRING, one_of(OLD_VERSION, PRESENT_VERSION)),
    },
    read=_read,
)
