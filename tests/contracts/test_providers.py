"""What every provider keeps to, whoever wrote it.

A new provider joins by a `Subject`: how one is made, for each resource type
two configurations of one object, and what else it has to show.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics.diagnostics import Severity
from cotta.plans.changes import Action
from cotta.plans.checks import find_plan_faults
from cotta.plans.proposed import propose
from cotta.plans.replacement import changed_paths, choose_action
from cotta.plans.results import find_result_faults, find_unknown_parts
from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.interface import (
    ApplyRequest,
    ApplyResponse,
    MoveRequest,
    PlanRequest,
    PlanResponse,
    Question,
    ReadRequest,
)
from cotta.schemas.blank import coerce
from cotta.schemas.types import write_only_paths
from cotta.states.encode import encode_state
from cotta.states.model import Snapshot, State, StoredOutput
from cotta.system.ids import RandomIds
from cotta.values.codec_json import encode_json
from cotta.values.paths import AttributePath
from cotta.values.value import Null, ObjectValue, Unknown, type_of
from tests.support.scripted_provider import Script, ScriptedProvider
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
    # What the provider has to complain of: a configuration of an object, and of itself.
    bad: Value | None = None
    bad_settings: Value | None = None
    # A data source, and a configuration of it that finds something.
    data: tuple[str, Value] | None = None
    # An object of another type that the provider takes over.
    moved: MoveRequest | None = None


OTHER = encode_state(
    Snapshot(state=State(outputs={"o": StoredOutput("x", is_sensitive=False)}), lineage="other")
)


def _talking() -> ScriptedProvider:
    question = Question(text="Well?", choices={"yes": "do it", "no": "don't"}, default="no")
    return ScriptedProvider(script=Script(lines={"a": ("working",)}, questions={"a": question}))


SUBJECTS = [
    Subject(
        "builtin",
        lambda: BuiltinProvider(RandomIds(), {"other.tfstate": OTHER}.get),
        "terraform_data",
        an_object(input=a_tuple(1, "x"), triggers_replace="a"),
        an_object(input=an_object(a=1), triggers_replace="a"),
        an_object(input=a_tuple(1, "x"), triggers_replace="b"),
        is_remote=False,
        data=(
            "terraform_remote_state",
            an_object(backend="local", config=an_object(path="other.tfstate")),
        ),
        moved=MoveRequest(
            source_provider="registry.terraform.io/hashicorp/null",
            source_type="null_resource",
            source_version=0,
            source_state={"id": "7", "triggers": {"a": "b"}},
            type="terraform_data",
        ),
    ),
    Subject(
        "scripted, flat",
        _talking,
        "scripted_thing",
        an_object(name="a", password="p"),
        an_object(name="a", size=3, secret="s"),
        an_object(name="b"),
        bad=an_object(name="bad"),
        bad_settings=an_object(region="nowhere"),
        data=("scripted_lookup", an_object(name="a")),
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
        bad=an_object(name="bad"),
        moved=MoveRequest(
            source_provider="registry.terraform.io/hashicorp/scripted",
            source_type="scripted_thing",
            source_version=1,
            source_state={"id": "obj-7", "name": "moved"},
            type="scripted_everything",
        ),
    ),
]


def _each(having: str) -> pytest.MarkDecorator:
    """Return the mark for a test of all subjects that have something to show of a kind."""
    some = [subject for subject in SUBJECTS if getattr(subject, having) is not None]
    return pytest.mark.parametrize("subject", some, ids=lambda subject: subject.label)


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
def test_what_is_said_while_applying_is_lines_and_figures(subject: Subject) -> None:
    life = Life(subject)
    config = life.config(subject.first)
    planned = life.plan(config)
    said: list[tuple[str, dict[str, object]]] = []

    def say(line: str, /, **figures: object) -> None:
        said.append((line, figures))

    def ask(question: Question) -> str:
        assert question.text
        assert question.default in question.choices
        return question.default

    request = ApplyRequest(
        type=subject.type,
        prior=life.nothing,
        planned=planned.planned,
        config=config,
        private=planned.private,
        say=say,
        ask=ask,
    )
    answer = life.provider.apply(request)

    assert answer.complaints == ()
    assert all(line.strip() for line, _ in said)
    json.dumps([figures for _, figures in said])


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


@each_subject
def test_reading_what_there_is_changes_nothing(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)

    assert life.read() == life.state
    assert life.read() == life.state


@each_subject
def test_announcing_changes_no_answer(subject: Subject) -> None:
    life = Life(subject)
    life.have(subject.first)
    request = ReadRequest(type=subject.type, current=life.state, private=life.private)
    assert isinstance(life.state, ObjectValue)
    stranger = ObjectValue({**life.state.attributes, "id": "no such object"})
    before = life.provider.read(request)
    unannounced = life.provider.read(replace(request, current=stranger))

    life.provider.announce((request, replace(request, current=stranger), request))

    assert life.provider.read(request) == before
    assert life.provider.read(replace(request, current=stranger)) == unannounced
    assert life.provider.read(request) == before


@pytest.mark.parametrize(
    "subject", [one for one in SUBJECTS if one.is_remote], ids=lambda subject: subject.label
)
def test_an_unknown_id_is_a_complaint_and_no_object(subject: Subject) -> None:
    answer = subject.make().import_(subject.type, "no such object")

    assert len(answer.complaints) == 1
    assert answer.objects == ()


@_each("bad")
def test_a_bad_configuration_is_a_complaint_with_a_place(subject: Subject) -> None:
    assert subject.bad is not None
    life = Life(subject)

    [complaint] = life.provider.validate_resource(subject.type, life.config(subject.bad))

    assert complaint.severity is Severity.ERROR
    assert complaint.summary
    assert complaint.path[0] in {AttributePath(name) for name in life.block.attributes}


@_each("bad_settings")
def test_bad_settings_are_a_complaint_before_anything_is_configured(subject: Subject) -> None:
    assert subject.bad_settings is not None
    provider = subject.make()
    settings = coerce(subject.bad_settings, provider.schema().provider.block)

    complaints = provider.validate_provider(settings)

    assert [one.severity for one in complaints] == [Severity.ERROR]


@_each("data")
def test_a_data_source_answers_with_all_of_its_schema(subject: Subject) -> None:
    assert subject.data is not None
    type_, written = subject.data
    life = Life(subject)
    life.have(subject.first)
    block = life.provider.schema().data_sources[type_].block
    config = coerce(written, block)
    assert isinstance(config, ObjectValue)

    answer = life.provider.read_data(type_, config)

    assert life.provider.validate_data(type_, config) == ()
    assert answer.complaints == ()
    assert isinstance(answer.state, ObjectValue)
    assert answer.state.attributes.keys() == block.attributes.keys()
    assert find_unknown_parts(block, answer.state) == []
    for name, value in config.attributes.items():
        if not block.attributes[name].computed:
            assert answer.state.attributes[name] == value


@_each("data")
def test_a_data_source_may_be_validated_before_all_is_known(subject: Subject) -> None:
    assert subject.data is not None
    type_, written = subject.data
    life = Life(subject)
    block = life.provider.schema().data_sources[type_].block
    config = coerce(written, block)
    assert isinstance(config, ObjectValue)
    later = {
        name: Unknown(type_of(value)) if not isinstance(value, Null) else value
        for name, value in config.attributes.items()
    }

    assert life.provider.validate_data(type_, ObjectValue(later)) == ()


@_each("moved")
def test_an_object_of_another_type_is_taken_over_as_one_of_ours(subject: Subject) -> None:
    assert subject.moved is not None
    life = Life(subject)

    answer = life.provider.move(subject.moved)

    assert answer.complaints == ()
    assert isinstance(answer.state, ObjectValue)
    assert answer.state.attributes.keys() == {*life.block.attributes, *life.block.blocks}
    assert isinstance(subject.moved.source_state, dict)
    assert answer.state.attributes["id"] == subject.moved.source_state["id"]
    assert find_unknown_parts(life.block, answer.state) == []


@each_subject
def test_an_object_that_nobody_can_take_over_is_a_complaint(subject: Subject) -> None:
    life = Life(subject)
    stranger = MoveRequest(
        source_provider="registry.terraform.io/strange/strange",
        source_type="strange_thing",
        source_version=0,
        source_state={"id": "1"},
        type=subject.type,
    )

    answer = life.provider.move(stranger)

    assert len(answer.complaints) == 1
    assert answer.state == life.nothing


@each_subject
def test_what_is_not_declared_is_not_opened(subject: Subject) -> None:
    provider = subject.make()
    assert provider.schema().ephemeral_resources == {}

    answer = provider.open_ephemeral("no_such", an_object())

    assert len(answer.complaints) == 1
    assert len(provider.renew_ephemeral("no_such", b"")) == 1
    assert len(provider.close_ephemeral("no_such", b"")) == 1


@each_subject
def test_several_objects_are_made_at_once_and_kept_apart(subject: Subject) -> None:
    life = Life(subject)
    config = life.config(subject.first)
    planned = life.plan(config)
    request = ApplyRequest(
        type=subject.type,
        prior=life.nothing,
        planned=planned.planned,
        config=config,
        private=planned.private,
    )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(life.provider.apply, [request] * 20))

    ids = {a.state.attributes["id"] for a in answers if isinstance(a.state, ObjectValue)}
    assert len(ids) == 20
