"""A provider that does what a test tells it to, and remembers what it did.

Its resource types have every shape that a schema can have.  What it makes
lives in a `RemoteWorld` that outlives it, so that a test can compare the
remote world with the state.  Left alone it keeps all the rules; a `Script`
makes the n-th call of a kind fail, hang, lie or come late.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from cotta.plans.proposed import open_computed
from cotta.providers.interface import (
    ApplyResponse,
    DataResponse,
    ImportedObject,
    ImportResponse,
    MoveResponse,
    OpenResponse,
    PlanResponse,
    ProviderDiagnostic,
    ProviderSchema,
    ReadResponse,
    UpgradeResponse,
)
from cotta.schemas.model import Nesting, Schema
from cotta.schemas.types import without_write_only
from cotta.values.codec_json import CodecError, decode_json
from cotta.values.paths import AttributePath
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    Type,
)
from cotta.values.value import (
    ANY_NULL,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    same,
)
from cotta.values.walks import transform
from tests.support.schemas import EVERYTHING, a_block, an_attribute

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from cotta.providers.interface import (
        ApplyRequest,
        Complaints,
        MoveRequest,
        PlanNote,
        PlanRequest,
        Question,
        ReadRequest,
    )
    from cotta.schemas.model import NestedAttribute
    from cotta.values.json_text import Json
    from cotta.values.paths import Path
    from cotta.values.value import Value

THING: Final = a_block(
    id=an_attribute(STRING, computed=True),
    name=an_attribute(STRING, required=True),
    size=an_attribute(NUMBER, optional=True, computed=True),
    note=an_attribute(STRING, optional=True),
    after=an_attribute("any", optional=True),
    secret=an_attribute(STRING, optional=True, sensitive=True),
    password=an_attribute(STRING, optional=True, write_only=True),
    revision=an_attribute(NUMBER, computed=True),
)
LOOKUP: Final = a_block(
    name=an_attribute(STRING, required=True),
    id=an_attribute(STRING, computed=True),
    size=an_attribute(NUMBER, computed=True),
)
SETTINGS: Final = a_block(region=an_attribute(STRING, optional=True))

SCHEMA: Final = ProviderSchema(
    provider=Schema(SETTINGS),
    resources={
        "scripted_thing": Schema(THING, version=1),
        "scripted_everything": Schema(EVERYTHING),
    },
    data_sources={"scripted_lookup": Schema(LOOKUP)},
)

# What can't be changed in place, by resource type; `size` is 1 unless somebody says otherwise.
_FIXED: Final = {"scripted_thing": ("name",), "scripted_everything": ("kind",)}
_DEFAULTS: Final[dict[str, dict[str, Value]]] = {"scripted_thing": {"size": 1}}


class Trouble(Enum):
    """What goes wrong with a call.

    FAIL: an error, and nothing has happened.  PARTIAL: an error after the
    work was done, with the object.  LOSE: the same without the object.  LIE:
    no error, but another answer than the rules allow.  HANG: no answer until
    `stop`, then an error.  RAISE: a bug in the provider.
    """

    FAIL = "fail"
    PARTIAL = "partial"
    LOSE = "lose"
    LIE = "lie"
    HANG = "hang"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class Call:
    """One call, in the order in which they began; `name` is the object's `name`, if any."""

    kind: str
    type: str = ""
    name: str = ""


@dataclass(slots=True)
class Script:
    """What is to go wrong: by kind of call, and which one of it, counted from 1.

    Kind "any" counts all calls that can go wrong: read, plan, apply, read_data.
    """

    troubles: dict[tuple[str, int], Trouble] = field(default_factory=dict)
    delays: dict[tuple[str, int], float] = field(default_factory=dict)
    named: dict[tuple[str, str], Trouble] = field(default_factory=dict)
    # By the object's name: lines said, and a question asked, each time it is applied.
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    # By the object's name: what its plans say, and warn of.
    notes: dict[str, tuple[PlanNote, ...]] = field(default_factory=dict)
    warnings: dict[str, ProviderDiagnostic] = field(default_factory=dict)


@dataclass(slots=True)
class RemoteWorld:
    """Everything that exists remotely, by id, and how it came about."""

    objects: MutableMapping[str, ObjectValue] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    made: int = 0


class ProviderBrokeError(Exception):
    """A bug in a provider, on demand."""


class ScriptedProvider:
    """A provider for tests.  All its instances may share a world and a script."""

    def __init__(self, world: RemoteWorld | None = None, script: Script | None = None) -> None:
        self.world = world if world is not None else RemoteWorld()
        self.script = script if script is not None else Script()
        self.calls: list[Call] = []
        self.announced: list[tuple[ReadRequest, ...]] = []
        self.answers: list[str] = []
        self.configured: Value | None = None
        self.is_closed = False
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    # --- what was declared --------------------------------------------------------

    def schema(self) -> ProviderSchema:
        """Return everything it declares; the same object each time."""
        return SCHEMA

    def validate_provider(self, config: Value) -> Complaints:
        """Refuse the region "nowhere"."""
        self._note(Call("validate_provider"))
        assert isinstance(config, ObjectValue)
        if config.attributes["region"] == "nowhere":
            return (_error("Unknown region", (AttributePath("region"),)),)
        return ()

    def validate_resource(self, type_: str, config: Value) -> Complaints:
        """Refuse the name "bad"."""
        self._note(Call("validate_resource", type_, _name(config)))
        if _name(config) == "bad":
            return (_error("Bad name", (AttributePath("name"),)),)
        return ()

    def validate_data(self, type_: str, config: Value) -> Complaints:
        """Refuse the name "bad"."""
        self._note(Call("validate_data", type_, _name(config)))
        if _name(config) == "bad":
            return (_error("Bad name", (AttributePath("name"),)),)
        return ()

    def upgrade(self, type_: str, version: int, stored: Json) -> UpgradeResponse:
        """Return a stored object; in version 0 a thing's `name` was its `title`."""
        if type_ == "scripted_thing" and version == 0 and isinstance(stored, dict):
            stored = {("name" if k == "title" else k): v for k, v in stored.items()}
        kind = SCHEMA.resources[type_].block.implied_type
        try:
            return UpgradeResponse(state=decode_json(stored, kind))
        except CodecError as error:
            return UpgradeResponse(state=Null(kind), complaints=(_error(str(error)),))

    def configure(self, config: Value) -> Complaints:
        """Remember the configuration."""
        self._note(Call("configure"))
        self.configured = config
        return ()

    def stop(self) -> None:
        """Let calls that hang come back."""
        self._stopped.set()

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True
        self._stopped.set()

    # --- objects ------------------------------------------------------------------

    def announce(self, requests: Sequence[ReadRequest]) -> None:
        """Remember what was announced, and when."""
        self._note(Call("announce"))
        self.announced.append(tuple(requests))

    def read(self, request: ReadRequest) -> ReadResponse:
        """Return the object as the world has it."""
        trouble = self._begin(Call("read", request.type, _name(request.current)))
        if trouble is not None and trouble is not Trouble.LIE:
            return ReadResponse(state=request.current, private=request.private, complaints=_FAILED)
        found = self.world.objects.get(_id(request.current))
        if found is None or trouble is Trouble.LIE:
            return ReadResponse(state=Null(SCHEMA.resources[request.type].block.implied_type))
        return ReadResponse(state=found, private=request.private)

    def plan(self, request: PlanRequest) -> PlanResponse:
        """Return what would become of an object."""
        trouble = self._begin(Call("plan", request.type, _name(request.proposed)))
        if trouble is not None and trouble is not Trouble.LIE:
            return PlanResponse(planned=request.prior, complaints=_FAILED)
        proposed = request.proposed
        if not isinstance(proposed, ObjectValue):
            return PlanResponse(planned=proposed)
        planned = self._planned(request, proposed)
        if trouble is Trouble.LIE:
            planned = _set(planned, name="a lie")
        name = _name(proposed)
        warning = self.script.warnings.get(name)
        return PlanResponse(
            planned=planned,
            replace=_replaced(request, planned),
            private=b"planned",
            notes=self.script.notes.get(name, ()),
            complaints=() if warning is None else (warning,),
        )

    def _planned(self, request: PlanRequest, proposed: ObjectValue) -> ObjectValue:
        block = SCHEMA.resources[request.type].block
        wanted = without_write_only(block, proposed)
        assert isinstance(wanted, ObjectValue)
        for name, value in _DEFAULTS.get(request.type, {}).items():
            if isinstance(wanted.attributes[name], Null):
                wanted = _set(wanted, **{name: value})
        if not isinstance(request.prior, ObjectValue) or _replaced(request, wanted):
            config = request.config
            assert isinstance(config, ObjectValue)
            fresh = {n: config.attributes[n] for n, a in block.attributes.items() if a.computed}
            opened = open_computed(block, _set(wanted, **fresh))
            assert isinstance(opened, ObjectValue)
            defaults = _DEFAULTS.get(request.type, {})
            return _set(
                opened,
                **{n: v for n, v in defaults.items() if isinstance(config.attributes[n], Null)},
            )
        if "revision" in wanted.attributes and not same(wanted, request.prior):
            wanted = _set(wanted, revision=Unknown(NUMBER))
        opened = open_computed(block, wanted)
        assert isinstance(opened, ObjectValue)
        return opened

    def apply(self, request: ApplyRequest) -> ApplyResponse:
        """Create, change or destroy an object in the world."""
        name = _name(request.planned) or _name(request.prior)
        for step, line in enumerate(self.script.lines.get(name, ()), 1):
            request.say(line, step=step)
        trouble = self._begin(Call("apply", request.type, _name(request.planned)))
        if name in self.script.questions:
            self.answers.append(request.ask(self.script.questions[name]))
        if trouble in (Trouble.FAIL, Trouble.HANG):
            return ApplyResponse(state=request.prior, complaints=_FAILED)
        with self._lock:
            state = self._carry_out(request)
        if trouble is Trouble.PARTIAL:
            return ApplyResponse(state=state, private=b"partial", complaints=_FAILED)
        nothing = Null(SCHEMA.resources[request.type].block.implied_type)
        if trouble is Trouble.LOSE:
            return ApplyResponse(state=nothing, complaints=_FAILED)
        if trouble is Trouble.LIE:
            lie = _set(state, name="a lie") if isinstance(state, ObjectValue) else state
            return ApplyResponse(state=lie)
        return ApplyResponse(state=state, private=b"applied")

    def _carry_out(self, request: ApplyRequest) -> Value:
        world = self.world
        planned = request.planned
        if not isinstance(planned, ObjectValue):
            world.objects.pop(_id(request.prior), None)
            world.history.append(f"delete {_name(request.prior)}")
            return planned
        verb = "update" if isinstance(request.prior, ObjectValue) else "create"
        if verb == "create":
            world.made += 1
            planned = _set(planned, id=f"obj-{world.made}")
        if "revision" in planned.attributes:
            planned = _set(planned, revision=world.made)
        block = SCHEMA.resources[request.type].block
        for name, attribute in block.attributes.items():
            if attribute.nested is not None and isinstance(planned.attributes[name], Unknown):
                planned = _set(planned, **{name: _some_nested(attribute.nested)})
        state = transform(planned, lambda _, value: _filled(value))
        assert isinstance(state, ObjectValue)
        world.objects[_id(state)] = state
        world.history.append(f"{verb} {_name(state)}")
        return state

    def import_(self, type_: str, id_: str) -> ImportResponse:
        """Return the object of that id, if the world has it."""
        self._note(Call("import", type_))
        found = self.world.objects.get(id_)
        if found is None:
            return ImportResponse(complaints=(_error("No such object"),))
        return ImportResponse(objects=(ImportedObject(type=type_, state=found),))

    def move(self, request: MoveRequest) -> MoveResponse:
        """Return a thing as an everything, by its id and name."""
        self._note(Call("move", request.type))
        nothing = Null(SCHEMA.resources[request.type].block.implied_type)
        stored = request.source_state
        if request.source_type not in SCHEMA.resources or not isinstance(stored, dict):
            return MoveResponse(state=nothing, complaints=(_error("Unsupported source"),))
        known = {"id": stored.get("id"), "name": stored.get("name")}
        return MoveResponse(state=decode_json(known, nothing.type))

    def read_data(self, type_: str, config: Value) -> DataResponse:
        """Return the object of that name."""
        trouble = self._begin(Call("read_data", type_, _name(config)))
        assert isinstance(config, ObjectValue)
        for found in self.world.objects.values():
            if _name(found) == _name(config) and trouble is None:
                size = found.attributes.get("size", Null(NUMBER))
                return DataResponse(state=_set(config, id=_id(found), size=size))
        if trouble is None:
            return DataResponse(state=_set(config, id="none", size=Null(NUMBER)))
        return DataResponse(state=Null(LOOKUP.implied_type), complaints=_FAILED)

    def open_ephemeral(self, type_: str, config: Value) -> OpenResponse:
        """Refuse: there are no ephemeral resources yet."""
        del type_, config
        return OpenResponse(result=ANY_NULL, complaints=_FAILED)

    def renew_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """Refuse: there are no ephemeral resources yet."""
        del type_, private
        return _FAILED

    def close_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """Refuse: there are no ephemeral resources yet."""
        del type_, private
        return _FAILED

    # --- the script ---------------------------------------------------------------

    def _note(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)

    def _begin(self, call: Call) -> Trouble | None:
        """Record a call, wait or raise if the script says so, and return what goes wrong."""
        with self._lock:
            self.calls.append(call)
            keys = []
            for kind in (call.kind, "any"):
                self._counts[kind] = self._counts.get(kind, 0) + 1
                keys.append((kind, self._counts[kind]))
        for key in keys:
            if key in self.script.delays:
                time.sleep(self.script.delays[key])
        troubles = [self.script.troubles[key] for key in keys if key in self.script.troubles]
        by_name = self.script.named.get((call.kind, call.name))
        trouble = next(iter(troubles), by_name)
        if trouble is Trouble.RAISE:
            raise ProviderBrokeError(call.kind)
        if trouble is Trouble.HANG:
            assert self._stopped.wait(60), "nobody asked the provider to stop"
        return trouble


_FAILED: Final = (ProviderDiagnostic(summary="Scripted failure", detail="As the test asked."),)


def _error(summary: str, path: Path = ()) -> ProviderDiagnostic:
    return ProviderDiagnostic(summary=summary, path=path)


def _set(value: ObjectValue, **changed: Value) -> ObjectValue:
    return ObjectValue({**value.attributes, **changed})


def _text(value: Value, attribute: str) -> str:
    if not isinstance(value, ObjectValue):
        return ""
    found = value.attributes.get(attribute)
    return found if isinstance(found, str) else ""


def _name(value: Value) -> str:
    return _text(value, "name")


def _id(value: Value) -> str:
    return _text(value, "id")


def _replaced(request: PlanRequest, planned: ObjectValue) -> tuple[Path, ...]:
    prior = request.prior
    if not isinstance(prior, ObjectValue):
        return ()
    return tuple(
        (AttributePath(name),)
        for name in _FIXED[request.type]
        if not same(prior.attributes[name], planned.attributes[name])
        and not isinstance(prior.attributes[name], Null)
    )


def _filled(value: Value) -> Value:
    """Return something for an unknown part, always the same for its type."""
    return _some(value.type) if isinstance(value, Unknown) else value


def _some_nested(nested: NestedAttribute) -> Value:
    """Return one object in which only what is computed is filled in."""
    assert nested.nesting is Nesting.SINGLE
    return ObjectValue(
        {
            name: _some(each.value_type) if each.computed else Null(each.value_type)
            for name, each in nested.attributes.items()
        }
    )


def _some(type_: Type) -> Value:
    match type_:
        case ListType(element):
            return ListValue(element, ())
        case SetType(element):
            return SetValue(element, ())
        case MapType(element):
            return MapValue(element, {})
        case ObjectType():
            return ObjectValue({name: _some(each) for name, each in type_.attributes.items()})
        case _:
            return _PRIMITIVES.get(type_, TupleValue(()))


_PRIMITIVES: Final[dict[Type, Value]] = {STRING: "made", NUMBER: 7, BOOL: True, DYNAMIC: "any"}


def at(kind: str, ordinal: int, trouble: Trouble) -> Script:
    """Return a script in which one call goes wrong."""
    return replace(Script(), troubles={(kind, ordinal): trouble})
