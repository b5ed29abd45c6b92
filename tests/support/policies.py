"""Policy documents of every kind, as `data "aws_iam_policy_document"` blocks have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cotta.providers.aws.policies.document import (
    PRESENT_VERSION,
    Condition,
    Document,
    Principal,
    Statement,
    make_document,
    merge_overrides,
    merge_sources,
)
from cotta.providers.aws.set_order import in_set_order

if TYPE_CHECKING:
    from random import Random

Block = dict[str, Any]

_ACTIONS = ("s3:*", "s3:GetObject", "ec2:Describe*", "iam:PassRole", "sts:AssumeRole", "*")
_RESOURCES = (
    "*",
    "arn:aws:s3:::bucket/&{aws:username}/*",
    "arn:aws:s3:::bucket",
    "arn:aws:iam::111122223333:role/größe<&>",
    'arn:aws:s3:::"quoted"\\\u2028\t',
)
_TYPES = ("AWS", "Service", "Federated", "*", "CanonicalUser")
_IDENTIFIERS = ("*", "ec2.amazonaws.com", "111122223333", "arn:aws:iam::111122223333:root", "b&{a}")
_TESTS = ("StringEquals", "StringLike", "Bool", "ForAnyValue:StringLike")
_VARIABLES = ("aws:username", "s3:prefix", "aws:SecureTransport")
_VALUES = ("", "true", "home/&{aws:username}/", "a", "b", "ä<")


def a_block(chance: Random) -> Block:
    """Return the arguments of a block, in the JSON syntax of configurations."""
    block: Block = {"statement": _statements(chance)}
    if chance.random() < 0.3:
        block["policy_id"] = chance.choice(("", "an-id"))
    if chance.random() < 0.3:
        block["version"] = chance.choice(("2008-10-17", PRESENT_VERSION))
    if block.get("version") == "2008-10-17":
        block["statement"] = json.loads(json.dumps(block["statement"]).replace("&{", "{"))
    for name in ("source_policy_documents", "override_policy_documents"):
        if chance.random() < 0.3:
            block[name] = _texts(chance, is_unique=name.startswith("source"))
    return block


def _some(chance: Random, choices: tuple[str, ...], most: int = 3) -> list[str]:
    return chance.sample(choices, chance.randint(1, most))


def _statements(chance: Random) -> list[Block]:
    sids = chance.sample(("One", "Two", "Three", "Four"), 4)
    return [_statement(chance, sids.pop()) for _ in range(chance.randint(0, 3))]


def _statement(chance: Random, sid: str) -> Block:
    block: Block = {}
    if chance.random() < 0.5:
        block["sid"] = sid
    if chance.random() < 0.4:
        block["effect"] = chance.choice(("Allow", "Deny"))
    block[chance.choice(("actions", "not_actions"))] = _some(chance, _ACTIONS)
    if chance.random() < 0.7:
        block[chance.choice(("resources", "not_resources"))] = _some(chance, _RESOURCES)
    if chance.random() < 0.6:
        block[chance.choice(("principals", "not_principals"))] = [
            {"type": chance.choice(_TYPES), "identifiers": _some(chance, _IDENTIFIERS)}
            for _ in range(chance.randint(1, 4))
        ]
    if chance.random() < 0.6:
        block["condition"] = [
            {
                "test": chance.choice(_TESTS),
                "variable": chance.choice(_VARIABLES),
                "values": _some(chance, _VALUES),
            }
            for _ in range(chance.randint(1, 4))
        ]
    return block


def _texts(chance: Random, *, is_unique: bool) -> list[str]:
    sids = [f"S{number}" for number in range(6)] if is_unique else ["One", "Two", "S1", "S2"]
    chance.shuffle(sids)
    return [
        json.dumps(_policy(chance, [sids.pop() for _ in range(chance.randint(0, 2))]))
        for _ in range(chance.randint(1, 2))
    ]


def _policy(chance: Random, sids: list[str]) -> Block:
    policy: Block = {
        "Statement": [
            {
                "Resource": chance.choice(("*", ["b", "a", "c"], [])),
                "Action": chance.choice(("s3:*", ["s3:Get*"], ["b", "c", "a"], None)),
                "Effect": "Deny",
                "Sid": sid,
                "Principal": chance.choice(
                    ("*", {"AWS": "*"}, {"*": "*"}, {"AWS": ["a", "c", "b"], "Service": ["x"]}, {})
                ),
                "Condition": chance.choice(
                    (
                        {},
                        {"Bool": {"v": True, "a": "b"}},
                        {"StringLike": {"v": ["b", "a"], "w": ["x"]}},
                    )
                ),
            }
            for sid in [*sids, ""]
        ]
    }
    if chance.random() < 0.5:
        policy["Version"] = chance.choice(("2008-10-17", PRESENT_VERSION))
    if chance.random() < 0.3:
        policy["Id"] = "theirs"
    return policy


def document_of(block: Block) -> Document:
    """Return the document that a block stands for."""
    own = make_document(
        [_decode(one) for one in block["statement"]],
        version=block.get("version", PRESENT_VERSION),
        id=block.get("policy_id", ""),
    )
    merged = merge_sources(block.get("source_policy_documents", [])).merged(own)
    return merge_overrides(merged, block.get("override_policy_documents", []))


def _decode(block: Block) -> Statement:
    return Statement(
        sid=block.get("sid", ""),
        effect=block.get("effect", "Allow"),
        actions=tuple(block.get("actions", ())),
        not_actions=tuple(block.get("not_actions", ())),
        resources=tuple(block.get("resources", ())),
        not_resources=tuple(block.get("not_resources", ())),
        principals=_principals(block.get("principals", ())),
        not_principals=_principals(block.get("not_principals", ())),
        conditions=_conditions(block.get("condition", ())),
    )


def _principals(blocks: Any) -> tuple[Principal, ...]:
    distinct = _distinct(
        [{**one, "identifiers": sorted(set(one["identifiers"]))} for one in blocks]
    )
    return tuple(
        Principal(one["type"], tuple(one["identifiers"]))
        for one in in_set_order(distinct, sets=("identifiers",))
    )


def _conditions(blocks: Any) -> tuple[Condition, ...]:
    return tuple(
        Condition(one["test"], one["variable"], tuple(one["values"]))
        for one in in_set_order(_distinct(blocks))
    )


def _distinct(blocks: list[Block]) -> list[Block]:
    return list({json.dumps(one, sort_keys=True): one for one in blocks}.values())
