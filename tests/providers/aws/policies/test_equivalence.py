"""Which policies mean the same to AWS."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from cotta.providers.aws.policies.equivalence import are_equivalent
from tests.support.policies import a_block, document_of

ROOT = "arn:aws:iam::111122223333:root"


def a_policy(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


# Also planned by the official provider, in tests/oracle/test_policy_documents.py.
PAIRS: list[tuple[str, str, bool]] = [
    (a_policy({"Action": "a"}), a_policy({"Action": ["a"]}), True),
    (a_policy({"Action": ["a", "b"]}), a_policy({"Action": ["b", "a"]}), True),
    (a_policy({"Action": ["a", "a"]}), a_policy({"Action": ["a"]}), False),
    (a_policy({"Action": "a"}), a_policy({"NotAction": "a"}), False),
    (a_policy({"Effect": "allow"}), a_policy({"Effect": "Allow"}), True),
    (a_policy({"Effect": "Deny"}), a_policy({"Effect": "Allow"}), False),
    (a_policy({"Sid": ""}), a_policy({}), True),
    (a_policy({"Sid": "a"}), a_policy({}), False),
    (a_policy({"Action": "a"}, {"Action": "b"}), a_policy({"Action": "b"}, {"Action": "a"}), True),
    (a_policy({"Action": "a"}, {"Action": "a"}), a_policy({"Action": "b"}, {"Action": "a"}), False),
    (a_policy({"Action": "a"}), json.dumps({"Version": "2012-10-17", "Statement": {"Action": "a"}}),
     True),
    (a_policy({}, Id="x"), a_policy({}), False),
    (a_policy({"Resource": []}), a_policy({}), True),
    (a_policy({"Principal": "*"}), a_policy({"Principal": {"AWS": "*"}}), False),
    (a_policy({"Principal": {"AWS": "111122223333"}}), a_policy({"Principal": {"AWS": [ROOT]}}),
     True),
    (a_policy({"Principal": {"AWS": ["111122223333", "x"]}}),
     a_policy({"Principal": {"AWS": ["x", ROOT]}}), True),
    (a_policy({"Principal": {"AWS": "1111"}}),
     a_policy({"Principal": {"AWS": "arn:aws:iam::1111:root"}}), False),
    (a_policy({"Principal": {"AWS": []}}), a_policy({"Principal": {}}), True),
    (a_policy({"Condition": {}}), a_policy({}), False),
    (a_policy({"Condition": {"T": {"v": "a"}}}),
     a_policy({"Condition": {"T": {"v": ["a"]}}}), True),
    (a_policy({"Condition": {"T": {"v": ["a", "b"]}}}),
     a_policy({"Condition": {"T": {"v": ["b", "a"]}}}), True),
    (a_policy({"Condition": {"T": {"v": "a"}}}), a_policy({"Condition": {"T": {"w": "a"}}}), False),
    (a_policy({"Condition": {"T": {"v": "a"}}}), a_policy({"Condition": {"t": {"v": "a"}}}), False),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "expected"), PAIRS)
def test_are_equivalent(left: str, right: str, expected: bool) -> None:
    assert are_equivalent(left, right) is expected
    assert are_equivalent(right, left) is expected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Statement":1}'])
def test_what_is_no_policy_is_like_itself_alone(text: str) -> None:
    assert are_equivalent(text, text)
    assert not are_equivalent(text, a_policy())


def test_a_document_is_like_itself_in_any_layout() -> None:
    for seed in range(200):
        document = document_of(a_block(Random(seed)))
        if document.statements:
            assert are_equivalent(document.render(), document.render(indent=None))
