"""The state: every object that is known to exist, under its address.

Objects keep their attributes as the JSON tree that the file has: a state of
thousands is read without a schema, and only what is looked at is decoded.
The objects are immutable; `State` itself is changed by one thread, the one
that decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResource, ConfigResource, InstanceKey
    from cotta.values.json_text import Json
    from cotta.values.paths import Path
    from cotta.values.value import Value


class ObjectStatus(Enum):
    """READY, or TAINTED: made but not in order, to be replaced."""

    READY = "ready"
    TAINTED = "tainted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object, as its provider last described it.

    `attributes` is its JSON tree by the schema of `schema_version`;
    `sensitive` leads to the parts that a configuration marked as such.
    `dependencies` are all resources it was made after, directly or not.
    `is_flat` says that `attributes` are in the form of Terraform before 0.12:
    texts under names such as `tags.%` and `ports.0`.
    """

    attributes: Json
    schema_version: int = 0
    sensitive: tuple[Path, ...] = ()
    private: bytes = b""
    status: ObjectStatus = ObjectStatus.READY
    dependencies: tuple[ConfigResource, ...] = ()
    create_before_destroy: bool = False
    is_flat: bool = False


@dataclass(slots=True)
class StoredInstance:
    """An instance: its current object, if any, and deposed ones under their 8-digit keys."""

    current: StoredObject | None = None
    deposed: dict[str, StoredObject] = field(default_factory=dict)


@dataclass(slots=True)
class StoredResource:
    """A resource in one module instance: who manages it, and its instances by key."""

    address: AbsResource
    provider: ProviderConfig
    instances: dict[InstanceKey, StoredInstance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """An output of the root module."""

    value: Value
    is_sensitive: bool = False


class CheckStatus(Enum):
    """The outcome of a check, as state files and plans have it."""

    PASSED = "pass"
    FAILED = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckObject:
    """The outcome of one object's checks."""

    address: str
    status: CheckStatus
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of a block's checks; `kind` is "resource", "output", "check" or "var"."""

    kind: str
    address: str
    status: CheckStatus
    objects: tuple[CheckObject, ...] = ()


@dataclass(slots=True)
class State:
    """Everything that is known to exist."""

    resources: dict[AbsResource, StoredResource] = field(default_factory=dict)
    outputs: dict[str, StoredOutput] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing exists and no output is remembered."""
        return not self.resources and not self.outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state at one time, as a file has it.

    `lineage` is given once, at the first write; `serial` grows with every
    change, so that the newer of two snapshots is known.
    """

    state: State
    lineage: str = ""
    serial: int = 0
    terraform_version: str = ""
