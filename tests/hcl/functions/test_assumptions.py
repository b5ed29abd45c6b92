from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.hcl.functions.assumptions import OPENTOFU_FUNCTIONS
from cotta.values.functions import ArgumentError, call
from cotta.values.types import DYNAMIC, STRING, ListType, SetType
from cotta.values.value import Null, Refinement, Unknown
from tests.support.values import a_list, a_set, secret

if TYPE_CHECKING:
    from cotta.values.value import Value

BY_NAME = {function.name: function for function in OPENTOFU_FUNCTIONS}
STRINGS = ListType(STRING)


def assume(name: str, *arguments: Value) -> Value:
    return call(BY_NAME[name], arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("assumenotnull", ("x",), "x"),
        ("assumenotnull", (Unknown(STRING),), Unknown(STRING, Refinement(not_null=True))),
        ("assumestringprefix", ("ami-1", "ami-"), "ami-1"),
        (
            "assumestringprefix",
            (Unknown(STRING), "ami-"),
            Unknown(STRING, Refinement(not_null=True, prefix="ami-")),
        ),
        (
            "assumestringprefix",
            (Unknown(STRING, Refinement(prefix="ami-0")), "ami-"),
            Unknown(STRING, Refinement(not_null=True, prefix="ami-0")),
        ),
        ("assumelistlength", (a_list("a", "b"), 1, 2), a_list("a", "b")),
        (
            "assumelistlength",
            (Unknown(STRINGS), 1, 2),
            Unknown(STRINGS, Refinement(not_null=True, shortest=1, longest=2)),
        ),
        (
            "assumelistlengthmin",
            (Unknown(STRINGS, Refinement(shortest=3)), 1),
            Unknown(STRINGS, Refinement(not_null=True, shortest=3)),
        ),
        (
            "assumesetlengthmax",
            (Unknown(SetType(STRING)), 4),
            Unknown(SetType(STRING), Refinement(not_null=True, longest=4)),
        ),
        ("assumesetlengthmax", (a_set("a", Unknown(STRING)), 1), a_set("a", Unknown(STRING))),
        ("assumeequal", (Unknown(STRING), "x"), "x"),
        ("assumeequal", (1, "1"), "1"),
        ("assumenotnull", (secret("x"),), secret("x")),
    ],
)
def test_what_is_assumed_is_remembered(
    name: str, arguments: tuple[Value, ...], expected: Value
) -> None:
    assert assume(name, *arguments) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "at"),
    [
        ("assumenotnull", (Null(STRING),), 0),
        ("assumenotnull", (Unknown(DYNAMIC),), 0),
        ("assumestringprefix", ("i-1", "ami-"), 0),
        ("assumestringprefix", (Unknown(STRING, Refinement(prefix="i-")), "ami-"), 0),
        ("assumelistlengthmin", (a_list("a"), 2), 0),
        ("assumelistlengthmax", (a_list("a", "b"), 1), 0),
        ("assumelistlength", (Unknown(STRINGS), 3, 2), 0),
        ("assumelistlengthmin", (a_list("a"), -1), 1),
        ("assumeequal", ("x", "y"), 0),
    ],
)
def test_what_does_not_hold_is_a_mistake(name: str, arguments: tuple[Value, ...], at: int) -> None:
    with pytest.raises(ArgumentError) as raised:
        assume(name, *arguments)
    assert raised.value.index == at
