"""Policy documents: what they look like, how they are merged, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cotta.providers.aws.policies.document import (
    Document,
    PolicyError,
    Principal,
    Statement,
    make_document,
    merge_overrides,
    merge_sources,
    parse_document,
)


def a_document(*statements: Statement, version: str = "2012-10-17") -> Document:
    return make_document(statements, version=version, id="")


def as_tree(document: Document) -> Any:
    return json.loads(document.render())


def test_single_values_stand_alone_and_several_in_falling_order() -> None:
    one = Statement(actions=("b", "c", "a"), resources=("*",))

    assert a_document(one).render(indent=None) == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["c","b","a"],'
        '"Resource":"*"}]}'
    )


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ((Principal("*", ("*",)),), "*"),
        ((Principal("AWS", ("*",)),), {"AWS": "*"}),
        ((Principal("AWS", ("a",)), Principal("AWS", ("b", "c"))), {"AWS": ["a", "c", "b"]}),
        ((Principal("B", ("x",)), Principal("A", ("y",))), {"A": "y", "B": "x"}),
    ],
)
def test_principals(principals: tuple[Principal, ...], expected: Any) -> None:
    (statement,) = as_tree(a_document(Statement(principals=principals)))["Statement"]

    assert statement == {"Effect": "Allow", "Principal": expected}


def test_policy_variables_are_written_as_iam_knows_them() -> None:
    document = a_document(Statement(resources=("arn:aws:s3:::b/&{aws:username}",)))

    assert as_tree(document)["Statement"][0]["Resource"] == "arn:aws:s3:::b/${aws:username}"


def test_merged_statement_takes_the_place_of_the_one_with_its_sid() -> None:
    before = a_document(Statement(sid="A"), Statement(sid="B"), Statement(actions=("x",)))
    after = {"Version": "2008-10-17", "Id": "new",
             "Statement": [{"Sid": "B", "Effect": "Deny"}, {"Sid": "C"}]}  # fmt: skip

    merged = merge_overrides(before, [json.dumps(after)])

    assert as_tree(merged) == {
        "Version": "2012-10-17",
        "Id": "new",
        "Statement": [
            {"Sid": "A", "Effect": "Allow"},
            {"Sid": "B", "Effect": "Deny"},
            {"Effect": "Allow", "Action": "x"},
            {"Sid": "C"},
        ],
    }


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: a_document(Statement(sid="A"), Statement(sid="A")), 'sid "A"'),
        (
            lambda: a_document(Statement(resources=("&{a}",)), version="2008-10-17"),
            'Set version = "2012-10-17"',
        ),
        (
            lambda: merge_sources(['{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Sid":"A"}]}']),
            "source_policy_documents[1]",
        ),
        (lambda: merge_overrides(Document(), ["{"]), "override_policy_documents[0]"),
        (lambda: parse_document("[]"), "JSON object"),
        (lambda: parse_document('{"Statement":{}}'), "list"),
        (lambda: parse_document('{"Statement":[1]}'), "statement 0"),
        (lambda: parse_document('{"Statement":[{"Sid":1}]}'), '"Sid"'),
        # The official provider reads this as everyone.
        (lambda: parse_document('{"Statement":[{"Principal":"me"}]}'), 'have to be "*"'),
        (lambda: parse_document('{"Statement":[{"Principal":{"AWS":1}}]}'), "AWS"),
        (lambda: parse_document('{"Statement":[{"Principal":{"AWS":[1]}}]}'), "AWS"),
        (lambda: parse_document('{"Statement":[{"Condition":[]}]}'), "condition"),
        (lambda: parse_document('{"Statement":[{"Condition":{"T":1}}]}'), '"T"'),
        # And this one without its condition.
        (lambda: parse_document('{"Statement":[{"Condition":{"T":{"v":1}}}]}'), "in quotes"),
    ],
)
def test_what_is_no_policy_is_refused(make: Any, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        make()

    assert words in str(caught.value)
