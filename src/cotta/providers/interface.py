"""The Provider Protocol: plugin protocol 6, call for call.

A native provider is a Python class, an external one a process behind the
same calls; the engine can't tell.  Values have the type that the schema
implies, without marks.  A call never raises for a mistake of the person or a
failure of the world: it answers with diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cotta.diagnostics.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from cotta.schemas.model import Schema
    from cotta.values.functions import Function
    from cotta.values.json_text import Json
    from cotta.values.paths import Path
    from cotta.values.value import Value

    # A figure that goes with a line of progress, for programs.
    Figure: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDiagnostic:
    """What a provider complains of; `path` leads to the part of the configuration at fault."""

    severity: Severity = Severity.ERROR
    summary: str
    detail: str = ""
    path: Path = ()


Complaints = tuple[ProviderDiagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSchema:
    """Everything a provider declares.

    `is_instant` says that its calls only compute: none waits for anything
    outside the process, so they need no thread.  `advice` are sentences for
    whoever asks for a type that is not there.
    """

    is_instant: bool = False
    advice: str = ""
    provider: Schema
    resources: Mapping[str, Schema] = field(default_factory=dict)
    data_sources: Mapping[str, Schema] = field(default_factory=dict)
    ephemeral_resources: Mapping[str, Schema] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeResponse:
    """A stored object in the present schema's form."""

    state: Value
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Ask what has become of an object."""

    type: str
    current: Value
    private: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResponse:
    """The object as it is now; null if it is gone."""

    state: Value
    private: bytes = b""
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """Ask what would become of an object.

    `prior` is null to create, `proposed` is null to destroy.
    """

    type: str
    prior: Value
    proposed: Value
    config: Value
    private: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNote:
    """Lines that the plan's text shows of an object, each a sentence or less.

    They stand below the attribute that `path` leads to, or where it is None
    below the object's head.
    """

    lines: tuple[str, ...]
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResponse:
    """The object as it would be; `replace` leads to the parts that can't change in place.

    Of a replacement, `notes` count as given when there still was an object;
    else those given for the new one.

    `is_lenient` is protocol 6's `legacy_type_system`: breaches of the rules
    about planned values are tolerated.
    """

    planned: Value
    replace: tuple[Path, ...] = ()
    private: bytes = b""
    notes: tuple[PlanNote, ...] = ()
    is_lenient: bool = False
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What only a person can decide while a change is made.

    `choices` are the possible answers, each with what it means.  Where nobody
    can be asked, or gives no answer, it is `default`, which is one of them.
    """

    text: str
    choices: Mapping[str, str]
    default: str


class Say(Protocol):
    """Takes what a provider has to say while it makes a change."""

    def __call__(self, line: str, /, **figures: Figure) -> None:
        """Show a line to people, and give the figures that go with it to programs."""
        ...


def say_nothing(_line: str, /, **_figures: Figure) -> None:
    """Take no notice of what is said."""


def answer_by_default(question: Question) -> str:
    """Return the answer where nobody can be asked."""
    return question.default


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """Ask to make it so; `planned` is null to destroy.

    `say` and `ask` may be called from any thread until the call has ended.
    What is said is shown at once.  `ask` returns when a person has answered:
    it is for once in a call, say whether to leave or undo what is under way
    when the provider is stopped.
    """

    type: str
    prior: Value
    planned: Value
    config: Value
    private: bytes = b""
    say: Say = field(default=say_nothing, compare=False, repr=False)
    ask: Callable[[Question], str] = field(default=answer_by_default, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResponse:
    """The object that there is now, also after an error; null if there is none."""

    state: Value
    private: bytes = b""
    is_lenient: bool = False
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedObject:
    """An object found by its id; a read completes it."""

    type: str
    state: Value
    private: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResponse:
    """What an id stands for: usually one object."""

    objects: tuple[ImportedObject, ...] = ()
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRequest:
    """Ask to take over an object of another resource type, as that type stored it."""

    source_provider: str
    source_type: str
    source_version: int
    source_state: Json
    source_private: bytes = b""
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveResponse:
    """The object as the new type has it."""

    state: Value
    private: bytes = b""
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataResponse:
    """What a data source found."""

    state: Value
    complaints: Complaints = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenResponse:
    """An ephemeral object, and what closing it needs."""

    result: Value
    private: bytes = b""
    complaints: Complaints = ()


class Provider(Protocol):
    """One configuration of a provider.  Calls may come from several threads at once."""

    def schema(self) -> ProviderSchema:
        """Return everything it declares; the same object each time."""
        ...

    def validate_provider(self, config: Value) -> Complaints:
        """Return the mistakes of a `provider` block, of which parts may be unknown."""
        ...

    def validate_resource(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `resource` block, of which parts may be unknown."""
        ...

    def validate_data(self, type_: str, config: Value) -> Complaints:
        """Return the mistakes of a `data` block, of which parts may be unknown."""
        ...

    def upgrade(self, type_: str, version: int, stored: Json) -> UpgradeResponse:
        """Return an object stored by schema `version` in the form of the present one."""
        ...

    def configure(self, config: Value) -> Complaints:
        """Make ready for the calls below."""
        ...

    def stop(self) -> None:
        """Ask calls under way to end soon; they answer with what there is by then."""
        ...

    def close(self) -> None:
        """Free what the provider holds; nothing is called after this."""
        ...

    def announce(self, requests: Sequence[ReadRequest]) -> None:
        """Take note of what is about to be read, so that it can be read together.

        Called once at most, between `configure` and the first read, and not
        of a provider that is instant.  It returns soon.  It changes no
        answer: what is announced may never be read, and what is read may not
        have been announced.
        """
        ...

    def read(self, request: ReadRequest) -> ReadResponse:
        """Return what has become of an object."""
        ...

    def plan(self, request: PlanRequest) -> PlanResponse:
        """Return what would become of an object.  Changes nothing."""
        ...

    def apply(self, request: ApplyRequest) -> ApplyResponse:
        """Create, change or destroy an object."""
        ...

    def import_(self, type_: str, id_: str) -> ImportResponse:
        """Return the objects that an id stands for."""
        ...

    def move(self, request: MoveRequest) -> MoveResponse:
        """Return an object of another resource type as one of this provider's."""
        ...

    def read_data(self, type_: str, config: Value) -> DataResponse:
        """Return what a data source finds."""
        ...

    def open_ephemeral(self, type_: str, config: Value) -> OpenResponse:
        """Return a new ephemeral object."""
        ...

    def renew_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """Keep an ephemeral object alive."""
        ...

    def close_ephemeral(self, type_: str, private: bytes) -> Complaints:
        """End an ephemeral object."""
        ...


class Provisioner(Protocol):
    """Does something once after an object is made, or before it is destroyed."""

    def schema(self) -> Schema:
        """Return what its block may hold."""
        ...

    def run(self, config: Value, *, say: Callable[[str], None]) -> Complaints:
        """Do it; each line it has to say goes to `say`."""
        ...

    def stop(self) -> None:
        """End whatever is under way, in any thread: nobody waits for it any more."""
        ...


def errors_of(complaints: Sequence[ProviderDiagnostic]) -> bool:
    """Say whether any of them is an error."""
    return any(complaint.severity is Severity.ERROR for complaint in complaints)
