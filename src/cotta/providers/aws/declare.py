"""How a type is declared: what its blocks hold, and what reads and makes its objects.

A field says what the protocol's schema says (type, who sets it) and what it
can't say: defaults, what replaces, which values and which combinations are
refused.  `schema_of` derives the protocol's schema.  Functions of a type see
plain Python values: str, int, float, bool, list (of sets too), dict, None.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cotta.schemas.model import Attribute, Block, NestedBlock, Nesting, Schema
from cotta.values.types import STRING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.planning import Draft
    from cotta.values.types import Type

# One object, by the names of its attributes.
Fields: TypeAlias = dict[str, Any]

# A sentence on what is wrong with a value; None if nothing is.
Check: TypeAlias = "Callable[[Any], str | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the protocol's schema can't say of an attribute or a type of block.

    Names in combinations are of the same block.  `exactly_one_of` and
    `at_least_one_of` list all the names, this one too.
    """

    replaces: bool = False
    conflicts_with: tuple[str, ...] = ()
    required_with: tuple[str, ...] = ()
    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()


NO_RULES: Final = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An attribute.

    `form` brings a configured value into the form that is stored (the SDK's StateFunc).
    `instead` is what to take for what is deprecated.
    `same(stored, configured)` says of two unequal values that they mean the same, so that what is
    stored stays: JSON in other words, a list in another order.
    """

    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    deprecated: bool = False
    instead: str = ""
    fractions: bool = False
    default: Any = None
    checks: tuple[Check, ...] = ()
    form: Callable[[Any], Any] | None = None
    same: Callable[[Any, Any], bool] | None = None
    wire: str = ""
    flag: bool = False
    keeps_zero: bool = False
    rules: Rules = NO_RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A type of nested block.

    `computed`: where the configuration has none, the object keeps those it has
    (the protocol has no word for that).  `instead` is what to take for a type that is deprecated.
    """

    nesting: Nesting
    fields: Mapping[str, Field]
    at_least: int = 0
    at_most: int = 0
    computed: bool = False
    instead: str = ""
    same: Callable[[Any, Any], bool] | None = None
    wire: str = ""
    rules: Rules = NO_RULES


Field: TypeAlias = Argument | Nested


def required(type_: Type, *checks: Check, **more: Any) -> Argument:
    """Return an attribute that the configuration must set."""
    return _argument(type_, checks, more, required=True)


def optional(type_: Type, *checks: Check, **more: Any) -> Argument:
    """Return an attribute that the configuration may set; else it is its default, or null."""
    return _argument(type_, checks, more, optional=True)


def either(type_: Type, *checks: Check, **more: Any) -> Argument:
    """Return an attribute that the configuration may set, and else the provider."""
    return _argument(type_, checks, more, optional=True, computed=True)


def computed(type_: Type, **more: Any) -> Argument:
    """Return an attribute that only the provider sets."""
    return _argument(type_, (), more, computed=True)


_RULES: Final = frozenset(Rules.__dataclass_fields__)


def _argument(type_: Type, checks: tuple[Check, ...], more: Fields, **flags: Any) -> Argument:
    rules, rest = _split(more)
    return Argument(type=type_, checks=checks, rules=rules, **flags, **rest)


def _split(more: Fields) -> tuple[Rules, Fields]:
    rules = {name: value for name, value in more.items() if name in _RULES}
    rest = {name: value for name, value in more.items() if name not in _RULES}
    return Rules(**rules) if rules else NO_RULES, rest


def blocks(fields: Mapping[str, Field], **more: Any) -> Nested:
    """Return a type of block of which there may be several, in order."""
    rules, rest = _split(more)
    return Nested(nesting=Nesting.LIST, fields=fields, rules=rules, **rest)


def block(fields: Mapping[str, Field], **more: Any) -> Nested:
    """Return a type of block of which there is one at most: a list of one."""
    return blocks(fields, at_most=1, **more)


def block_set(fields: Mapping[str, Field], **more: Any) -> Nested:
    """Return a type of block of which there may be several, in no order."""
    rules, rest = _split(more)
    return Nested(nesting=Nesting.SET, fields=fields, rules=rules, **rest)


def timeouts(*operations: str) -> Nested:
    """Return the block `timeouts` with an attribute for each of `create`, `update`, `delete`."""
    return Nested(
        nesting=Nesting.SINGLE,
        fields={name: optional(STRING, is_duration) for name in sorted(operations)},
    )


def is_duration(text: str) -> str | None:
    """Allow durations in Go's notation."""
    if parse_duration(text) is not None:
        return None
    return f'needs a duration such as "10m" or "1h30m", and "{text}" is none'


_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def parse_duration(text: str) -> timedelta | None:
    """Return what Go's notation stands for ("1h30m", "90s", "0"); None if it is not that."""
    if text == "0":
        return timedelta()
    seconds, rest = 0.0, text
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789."))
        unit = (
            rest[digits : digits + 2]
            if rest[digits : digits + 2] in _UNITS
            else rest[digits : digits + 1]
        )
        if not digits or unit not in _UNITS or rest[:digits].count(".") > 1 or rest[:digits] == ".":
            return None
        seconds += float(rest[:digits]) * _UNITS[unit]
        rest = rest[digits + len(unit) :]
    return timedelta(seconds=seconds) if text else None


def _no_change(draft: Draft) -> None:
    del draft


def _nothing_wrong(config: Fields) -> list[tuple[str, str]]:
    del config
    return []


def _no_caution(config: Fields) -> list[tuple[str, str]]:
    del config
    return []


def _by_id(id_: str) -> Fields:
    return {"id": id_}


def _as_stored(version: int, stored: Fields) -> Fields:
    del version
    return stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A type of resource.

    `create` makes the object and returns its id, in as few calls as there can
    be; `settle` does what follows (rules, attachments, waits), so that a
    failure there leaves a known object.  `read` returns the attributes that it
    finds, None if the object is gone; what it leaves out stays as it was.
    `update` gets what there is and what is wanted; both may raise CloudError
    and WaitEndedError, as may `delete`, for which an object that is gone
    already is no mistake.  `wanted` has None for what is not known yet.

    `customise` changes a plan (see `planning.Draft`), `validate` returns
    (attribute, sentence) pairs for what fields can't say; what is unknown is
    `UNKNOWN` there.  `find` turns the id of an import into attributes for `read`.
    `upgrade` brings what an older version of the schema stored into the present form.
    """

    name: str
    fields: Mapping[str, Field]
    version: int = 0
    create: Callable[[Connection, Fields], str]
    read: Callable[[Connection, Fields], Fields | None]
    delete: Callable[[Connection, Fields], None]
    settle: Callable[[Connection, Fields, str], None] | None = None
    update: Callable[[Connection, Fields, Fields], None] | None = None
    customise: Callable[[Draft], None] = _no_change
    validate: Callable[[Fields], list[tuple[str, str]]] = _nothing_wrong
    find: Callable[[str], Fields] = _by_id
    upgrade: Callable[[int, Fields], Fields] = _as_stored
    # What an object of this type is read by, for reads in batches: (lookup, id in the state).
    lookups: Callable[[Fields], list[tuple[Any, str]]] | None = None
    schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", Schema(block_of(self.fields), self.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """A type of data source; `read` returns attributes, and what it leaves out is as configured.

    `read` raises CloudError for a refused call, NothingFoundError for what is not there.
    `caution` returns (summary, detail) pairs: warnings about a search that may go wrong one day.
    """

    name: str
    fields: Mapping[str, Field]
    version: int = 0
    read: Callable[[Connection, Fields], Fields]
    validate: Callable[[Fields], list[tuple[str, str]]] = _nothing_wrong
    caution: Callable[[Fields], list[tuple[str, str]]] = _no_caution
    schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", Schema(block_of(self.fields), self.version))


def read_only(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the same fields with all attributes computed: what a data source tells of a block."""
    changed: dict[str, Field] = {}
    for name, each in fields.items():
        if isinstance(each, Nested):
            changed[name] = replace(each, fields=read_only(each.fields), computed=True)
        else:
            changed[name] = Argument(type=each.type, computed=True, sensitive=each.sensitive)
    return changed


def defaults_of(fields: Mapping[str, Field]) -> Fields:
    """Return the attributes that have a default, with it; those of nested blocks are left out."""
    return {
        name: each.default
        for name, each in fields.items()
        if isinstance(each, Argument) and each.default is not None
    }


def block_of(fields: Mapping[str, Field]) -> Block:
    """Return the protocol's schema of a block."""
    attributes: dict[str, Attribute] = {}
    nested: dict[str, NestedBlock] = {}
    for name, each in fields.items():
        if isinstance(each, Nested):
            nested[name] = NestedBlock(
                nesting=each.nesting,
                block=block_of(each.fields),
                min_items=each.at_least,
                max_items=each.at_most,
            )
        else:
            attributes[name] = Attribute(
                type=each.type,
                required=each.required,
                optional=each.optional,
                computed=each.computed,
                sensitive=each.sensitive,
                deprecated=each.deprecated,
            )
    return Block(attributes=attributes, blocks=nested)
