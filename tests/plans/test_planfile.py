"""Saved plans come back as they were, and damaged or foreign ones are refused in words."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from cotta.addrs.resources import AbsResource, Mode, ModuleStep, Resource
from cotta.diagnostics import Diagnostics, SourceFile, SourceRange
from cotta.plans.changes import Action, Cause, Importing, OutputChange, PlanMode, Reason
from cotta.plans.planfile import (
    SavedModule,
    SavedPlan,
    encode_plan_file,
    is_plan_file,
    parse_plan_file,
)
from cotta.plans.value_record import ValueReader, ValueWriter
from cotta.states.model import (
    CheckObject,
    CheckResult,
    CheckStatus,
    Snapshot,
    State,
    StoredInstance,
    StoredObject,
    StoredOutput,
    StoredResource,
)
from cotta.values.numbers import NEGATIVE_ZERO, POSITIVE_INFINITY, parse_number
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import DYNAMIC, NUMBER, STRING, ListType, ObjectType
from cotta.values.value import Bound, Mark, Null, Refinement, Unknown, mark, same
from tests.support.plans import TERRAFORM_DATA, a_change, a_plan, an_address
from tests.support.values import VALUES, a_list, a_map, a_set, a_tuple, an_object, secret

if TYPE_CHECKING:
    from cotta.plans.changes import Plan
    from cotta.values.value import Value

MAIN = SourceFile("main.tf", 'resource "terraform_data" "x" {}\n')
OTHER = SourceFile("modules/net/main.tf", "# é\n")


def written_and_read(value: Value) -> Value:
    writer = ValueWriter()
    tree = writer.write(value)
    return ValueReader(writer.types()).read(tree)


@given(value=VALUES)
@settings(max_examples=200)
def test_any_value_comes_back(value: Value) -> None:
    assert same(written_and_read(value), value)


@pytest.mark.parametrize(
    "value",
    [
        1 << 80,
        -(1 << 63),
        parse_number("0.1"),
        NEGATIVE_ZERO,
        POSITIVE_INFINITY,
        Unknown(STRING, Refinement(not_null=True, prefix="i-")),
        Unknown(
            NUMBER, Refinement(lower=Bound(1, inclusive=True), upper=Bound(2, inclusive=False))
        ),
        Unknown(ListType(STRING), Refinement(shortest=1, longest=3)),
        Null(ObjectType({"a": DYNAMIC})),
        mark(a_map(a="x"), Mark.SENSITIVE, Mark.EPHEMERAL),
        a_list(secret("x"), "y"),
        a_set(an_object(a=Unknown(STRING)), of=ObjectType({"a": STRING})),
        a_set(of=NUMBER),
    ],
)
def test_what_is_seldom_seen_comes_back(value: Value) -> None:
    assert same(written_and_read(value), value)


def a_full_plan() -> Plan:
    resource = AbsResource(
        (ModuleStep("net", "eu"),), Resource(Mode.MANAGED, "terraform_data", "y")
    )
    stored = StoredObject(
        attributes={"id": "1", "input": {"value": 1, "type": "number"}},
        private=b"\x00\xff",
        sensitive=((AttributePath("input"),),),
        create_before_destroy=True,
    )
    instance = StoredInstance(stored, {"0a1b2c3d": stored})
    state = State(
        resources={resource: StoredResource(resource, TERRAFORM_DATA, {1: instance})},
        outputs={"o": StoredOutput(a_tuple(1, "x"), is_sensitive=True)},
    )
    changes = (
        a_change("x", after=an_object(id=Unknown(STRING), input=secret(a_tuple(1)))),
        a_change(
            address=resource.instance(1),
            previous_address=an_address("old"),
            deposed="0a1b2c3d",
            action=Action.DELETE_THEN_CREATE,
            reason=Reason.REPLACE_CANNOT_UPDATE,
            private=b"\x01",
            replace=((AttributePath("tags"), IndexPath("x")), (AttributePath("l"), IndexPath(0))),
            importing=Importing(id="i-1", generated_config="resource {}"),
            causes=(Cause("because"), Cause("there", SourceRange(MAIN, 3, 9))),
        ),
    )
    return a_plan(
        *changes,
        mode=PlanMode.REFRESH_ONLY,
        drift=(a_change("z", action=Action.UPDATE),),
        outputs=(
            OutputChange(
                name="o", action=Action.CREATE, before=Null(DYNAMIC), after="v", is_sensitive=True
            ),
        ),
        variables={"v": secret("s3cret")},
        targets=("terraform_data.x",),
        replaces=("terraform_data.z",),
        prior=state,
        previous=Snapshot(state=State(), lineage="lin", serial=7, terraform_version="1.11.4"),
        checks=(
            CheckResult(
                "check", "check.c", CheckStatus.FAILED,
                (CheckObject("check.c", CheckStatus.FAILED, ("no",)),),
            ),
        ),
        is_errored=True,
        is_complete=False,
    )  # fmt: skip


def a_saved_plan() -> SavedPlan:
    return SavedPlan(
        plan=a_full_plan(),
        modules={
            (): SavedModule("", {"main.tf": MAIN}),
            ("net",): SavedModule("modules/net", {"main.tf": OTHER}),
        },
        cotta_version="0.1.0",
        workspace="blue",
        cloud="local",
    )


def test_a_plan_comes_back_with_its_states_and_files() -> None:
    saved = a_saved_plan()
    diags = Diagnostics()

    found = parse_plan_file(encode_plan_file(saved), "p", diags)

    assert list(diags) == []
    assert found == saved


def test_equal_plans_are_equal_files() -> None:
    assert encode_plan_file(a_saved_plan()) == encode_plan_file(a_saved_plan())


def test_a_plan_file_is_told_from_a_state() -> None:
    assert is_plan_file(encode_plan_file(a_saved_plan()))
    assert not is_plan_file(b'{"version": 4}')


def archive(**entries: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in entries.items():
            file.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "summary", "word"),
    [
        (b"", 'Failed to load "p" as a plan file', "zip"),
        (b"garbage", 'Failed to load "p" as a plan file', "zip"),
        (archive(a="b"), 'Failed to load "p" as a plan file', "another kind"),
        (archive(tfplan="x", tfstate="{}"), 'Failed to load "p" as a plan file', "Terraform"),
        (archive(**{"cotta-plan": "x"}), "Failed to read plan from plan file", "damaged"),
        (encode_plan_file(a_saved_plan())[:-200], 'Failed to load "p" as a plan file', "damaged"),
    ],
)
def test_what_is_no_plan_is_refused(content: bytes, summary: str, word: str) -> None:
    diags = Diagnostics()

    assert parse_plan_file(content, "p", diags) is None

    [found] = diags
    assert found.summary == summary
    assert word in found.detail


def test_no_damaged_byte_goes_unnoticed_or_raises() -> None:
    saved = a_saved_plan()
    good = encode_plan_file(saved)

    for at in range(0, len(good), 7):
        damaged = bytearray(good)
        damaged[at] ^= 0x15
        diags = Diagnostics()
        found = parse_plan_file(bytes(damaged), "p", diags)
        # Some bytes, such as dates, mean nothing.
        assert found == saved or (found is None and len(list(diags)) == 1)
