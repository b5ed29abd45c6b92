"""What every provider keeps to, whoever wrote it.

A new provider joins by a `Subject`: how one is made, and for each resource
type two configurations of one object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from cotta.plans.changes import Action
from cotta.plans.checks import find_plan_faults
from cotta.plans.proposed import propose
from cotta.plans.replacement import changed_paths, choose_action
from cotta.plans.results import find_result_faults, find_unknown_parts
from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.interface import (
    ApplyRequest,
    ApplyResponse,
    PlanRequest,
    PlanResponse,
    ReadRequest,
)
from cotta.schemas.blank import coerce
from cotta.schemas.types import write_only_paths
from cotta.system.ids import CountedIds
from cotta.values.codec_json import encode_json
from cotta.values.value import Null, ObjectValue, Unknown, type_of
from tests.support.scripted_provider import ScriptedProvider
from tests.support.values import a_list, a_map, a_set, a_tuple, an_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.providers.interface import Provider
    from cotta.schemas.model import Block
    from cotta.values.value import Value


@dataclass(frozen=True)
class Subject:
    """A provider under test, one of its types, and two ways to configure an object."""

    label: str
    make: Callable[[], Provider]
    type: str
    first: Value
    second: Value
    replacing: Value | None = None
    settings: Value = field(default_factory=an_object)
    # Whether the object exists outside of the state, so that it can be found gone.
    is_remote: bool = True


SUBJECTS = [
    Subject(
        "builtin",
        lambda: BuiltinProvider(CountedIds(), lambda _path: None),
        "terraform_data",
        an_object(input=a_tuple(1, "x"), triggers_replace="a"),
        an_object(input=an_object(a=1), triggers_replace="a"),
        an_object(input=a_tuple(1, "x"), triggers_replace="b"),
        is_remote=False,
    ),
    Subject(
        "scripted, flat",
        ScriptedProvider,
        "scripted_thing",
        an_object(name="a", password="p"),
        an_object(name="a", size=3, secret="s"),
        an_object(name="b"),
    ),
    Subject(
        "scripted, every shape",
        ScriptedProvider,
        "scripted_everything",
        an_object(
            name="a",
            settings=an_object(mode="x"),
            list_settings=a_list(an_object(mode="x")),
            set_settings=a_set(an_object(mode="x")),
            map_settings=a_map(k=an_object(mode="x")),
            root=an_object(size=1),
            group=an_object(size=2),
            disks=a_list(an_object(size=3), an_object(size=4)),
            rules=a_set(an_object(size=5), an_object(size=6)),
            shares=a_map(k=an_object(size=7)),
        ),
        an_object(
            name="b",
            set_settings=a_set(an_object(mode="x"), an_object(mode="y")),
            disks=a_list(an_object(size=4)),
            rules=a_set(an_object(size=6)),
            anything=a_tuple(1, "2"),
        ),
        an_object(name="a", kind="other"),
    ),
]

each_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)


class Life:
    """One object under a provider: plans and applies it, checking nothing itself."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.provider = subject.make()
        schema = self.provider.schema()
        self.block: Block = schema.resources[subject.type].block
        self.version = schema.resources[subject.type].version
        self.nothing = Null(self.block.implied_type)
        self.state: Value = self.nothing
        self.private = b""
        settings = coerce(subject.settings, schema.provider.block)
        assert self.provider.validate_provider(settings) == ()
        assert self.provider.configure(settings) == ()

    def config(self, written: Value) -> Value:
        return coerce(written, self.block)

    def plan(self, config: Value, *, prior: Value | None = None) -> PlanResponse:
        before = self.state if prior is None else prior
        return self.provider.plan(
            PlanRequest(
                type=self.subject.type,
                prior=before,
                proposed=propose(self.block, before, config)
                if isinstance(config, ObjectValue)
                else config,
                config=config,
                private=self.private,
            )
        )

    def apply(self, config: Value, planned: PlanResponse) -> ApplyResponse:
        answer = self.provider.apply(
            ApplyRequest(
                type=self.subject.type,
                prior=self.state,
                planned=planned.planned,
                config=config,
                private=planned.private,
            )
        )
        self.state, self.private = answer.state, answer.private
        return answer

    def have(self, written: Value) -> None:
        config = self.config(written)
        self.apply(config, self.plan(config))

    def read(self) -> Value:
        request = ReadRequest(type=self.subject.type, current=self.state, private=self.private)
        return self.provider.read(request).state


@each_subject
def test_the_schema_is_always_the_same(subject: Subject) -> None:
    provider = subject.make()

    assert provider.schema() is provider.schema()


@each_subject
def test_a_good_configuration_has_no_mistakes_known_or_not(subject: Subject) -> None:
    life = Life(subject)
    config = life.config(subject.first)
    assert isinstance(config, ObjectValue)
    later = ObjectValue(
        {
            name: Unknown(type_of(value)) if not isinstance(value, Null) else value
            for name, value in config.attributes.items()
        }
    )

    assert life.provider.validate_resource(subject.type, config) == ()
    assert life.provider.validate_resource(subject.type, later) == ()


@each_subject
def test_a_plan_for_a_new_object_keeps_the_rules(subject: Subject) -> None:
    life = Life(subject)
    config = life.config(subject.first)

    answer = life.plan(config)

    assert answer.complaints == ()
    assert type_of(answer.planned) == life.block.implied_type or life.block.is_dynamic
    assert find_plan_faults(life.block, life.nothing, config, answer.planned) == []
    assert answer.replace == ()


@each_subject
def test_a_plan_changes_nothing(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)

    life.plan(life.config(subject.second))
    life.plan(life.nothing)

    assert life.read() == life.state


@each_subject
def test_what_is_made_is_what_was_planned_and_wholly_known(subject: Subject) -> None:
    life = Life(subject)
    config = life.config(subject.first)
    planned = life.plan(config)

    answer = life.apply(config, planned)

    assert answer.complaints == ()
    assert find_result_faults(life.block, planned.planned, answer.state) == []
    assert find_unknown_parts(life.block, answer.state) == []
    assert write_only_paths(life.block, answer.state) == ()


@each_subject
def test_planning_what_there_is_changes_nothing(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    life.state = life.read()

    answer = life.plan(life.config(subject.first))

    assert answer.planned == life.state
    assert choose_action(life.state, answer.planned, answer.replace) is Action.NO_OP


@each_subject
def test_an_update_keeps_the_rules_too(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    before = life.state
    config = life.config(subject.second)

    planned = life.plan(config)
    answer = life.apply(config, planned)

    assert find_plan_faults(life.block, before, config, planned.planned) == []
    assert changed_paths(before, planned.planned, planned.replace) == ()
    assert find_result_faults(life.block, planned.planned, answer.state) == []
    assert life.read() == answer.state
    assert life.plan(config).planned == answer.state


@each_subject
def test_what_cannot_change_in_place_is_named(subject: Subject) -> None:
    assert subject.replacing is not None
    life = Life(subject)
    life.have(subject.first)
    config = life.config(subject.replacing)
    if subject.type == "scripted_everything":
        life.have(an_object(name="a", kind="one"))

    planned = life.plan(config)

    assert changed_paths(life.state, planned.planned, planned.replace) == planned.replace != ()


@each_subject
def test_a_stored_object_comes_back_as_it_was(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    stored = encode_json(life.state, life.block.implied_type)

    answer = life.provider.upgrade(subject.type, life.version, stored)

    assert answer.complaints == ()
    assert answer.state == life.state


@each_subject
def test_a_stored_object_that_does_not_fit_is_a_complaint(subject: Subject) -> None:
    life = Life(subject)

    answer = life.provider.upgrade(subject.type, life.version, {"no such attribute": 1})

    assert len(answer.complaints) == 1


@each_subject
def test_destroying_leaves_nothing(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    made = life.state

    planned = life.plan(life.nothing)
    answer = life.apply(life.nothing, planned)

    assert planned.planned == life.nothing
    assert (answer.state, answer.complaints) == (life.nothing, ())
    if subject.is_remote:
        life.state = made
        assert life.read() == life.nothing


@each_subject
def test_an_object_is_found_by_its_id(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    assert isinstance(life.state, ObjectValue)
    id_ = life.state.attributes["id"]

    answer = life.provider.import_(subject.type, str(id_))

    assert answer.complaints == ()
    [found] = answer.objects
    life.state = found.state
    completed = life.read()
    assert isinstance(completed, ObjectValue)
    assert completed.attributes["id"] == id_


@each_subject
def test_stopping_and_closing_may_come_at_any_time(subject: Subject) -> None:
    provider = subject.make()

    provider.stop()
    provider.stop()
    provider.close()
