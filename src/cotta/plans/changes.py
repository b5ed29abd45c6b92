"""The plan: each change, its cause, and what it was decided on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.diagnostics.source import SourceRange
    from cotta.states.model import CheckResult, Snapshot, State
    from cotta.values.paths import Path
    from cotta.values.value import Value


class Action(Enum):
    """What happens to an object; the value is the symbol in front of it."""

    NO_OP = " "
    CREATE = "+"
    READ = "<="
    UPDATE = "~"
    DELETE = "-"
    DELETE_THEN_CREATE = "-/+"
    CREATE_THEN_DELETE = "+/-"
    FORGET = "."

    @property
    def is_replace(self) -> bool:
        """Whether one object takes another's place."""
        return self in (Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE)


class Reason(Enum):
    """Why an action was chosen, where the values alone don't say; as in plan JSON."""

    NONE = ""
    REPLACE_TAINTED = "replace_because_tainted"
    REPLACE_BY_REQUEST = "replace_by_request"
    REPLACE_BY_TRIGGERS = "replace_by_triggers"
    REPLACE_CANNOT_UPDATE = "replace_because_cannot_update"
    DELETE_NO_CONFIG = "delete_because_no_resource_config"
    DELETE_WRONG_REPETITION = "delete_because_wrong_repetition"
    DELETE_COUNT_INDEX = "delete_because_count_index"
    DELETE_EACH_KEY = "delete_because_each_key"
    DELETE_NO_MODULE = "delete_because_no_module"
    DELETE_NO_MOVE_TARGET = "delete_because_no_move_target"
    READ_CONFIG_UNKNOWN = "read_because_config_unknown"
    READ_DEPENDENCY_PENDING = "read_because_dependency_pending"
    READ_CHECK_NESTED = "read_because_check_nested"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of an action, for `plan -why`: in words, and the place that made it.

    `change` is the address of the object whose change it goes back to, if it does.
    """

    text: str
    place: SourceRange | None = None
    change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """The object is taken over rather than made."""

    id: str
    generated_config: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a provider has to say of a change: lines, and the attribute they are about, if any."""

    lines: tuple[str, ...]
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What happens to one object.

    `before` and `after` are values of the schema's type, with marks where
    the configuration or the schema says sensitive; null for "not there".
    `deposed` is the key of an object that was put aside.
    `previous_address` differs after a move.
    """

    address: AbsResourceInstance
    previous_address: AbsResourceInstance
    deposed: str = ""
    provider: ProviderConfig
    action: Action
    reason: Reason = Reason.NONE
    before: Value
    after: Value
    private: bytes = b""
    replace: tuple[Path, ...] = ()
    importing: Importing | None = None
    causes: tuple[Cause, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """What happens to an output of the root module; `is_sensitive` if either side is."""

    name: str
    action: Action
    before: Value
    after: Value
    is_sensitive: bool = False
    will_be_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class RelevantAttribute:
    """An attribute that changes were decided on; an empty path is the whole object.

    The address is as the reference has it: without a key where that names all instances.
    """

    resource: AbsResourceInstance
    path: Path


class PlanMode(Enum):
    """What a plan is for."""

    NORMAL = "normal"
    DESTROY = "destroy"
    REFRESH_ONLY = "refresh-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that will happen, and the state and variables it was decided on.

    `changes` has every object that was looked at, unchanged ones too, in the
    order of `addrs.resources.instance_order`.  `drift` is what was found to
    have changed by itself, `relevant` the attributes that the changes were
    decided on.  `prior` is the state after reading, `previous`
    the one before.  `has_new_terms` says that refreshing alone notes with an object
    that it is made after others, or before its predecessor goes.
    """

    mode: PlanMode
    changes: tuple[ResourceChange, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    variables: dict[str, Value] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    prior: State
    previous: Snapshot
    checks: tuple[CheckResult, ...] = ()
    relevant: tuple[RelevantAttribute, ...] = ()
    has_new_terms: bool = False
    timestamp: datetime
    is_errored: bool = False
    is_complete: bool = True


def is_applyable(plan: Plan) -> bool:
    """Say whether applying the plan would do anything: change an object, an output or the state."""
    if plan.is_errored:
        return False
    if any(output.action is not Action.NO_OP for output in plan.outputs):
        return True
    if any(map(_matters, plan.changes)):
        return True
    # A move is not news to the state: it is made before anything is read.
    return plan.mode is PlanMode.REFRESH_ONLY and (
        plan.has_new_terms or any(change.action is not Action.NO_OP for change in plan.drift)
    )


def _matters(change: ResourceChange) -> bool:
    moved = change.previous_address != change.address
    return change.action is not Action.NO_OP or moved or change.importing is not None
