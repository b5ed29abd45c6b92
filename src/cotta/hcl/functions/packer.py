"""What Packer's templates have under names of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.go_layout import format_by_layout, layout_of_strftime
from cotta.hcl.functions.hashes import make_uuid
from cotta.hcl.functions.instants import (
    MONTHS,
    WEEKDAYS,
    Instant,
    format_rfc3339,
    from_datetime,
    parse_rfc3339_loosely,
)
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.types import NUMBER, STRING, ObjectType
from cotta.values.value import ObjectValue, make_string

if TYPE_CHECKING:
    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.numbers import Number
    from cotta.values.value import Value

_NUMBERS: Final = (
    "year", "year_day", "day", "month", "weekday", "hour", "minute", "second",
    "iso_year", "iso_week",
)  # fmt: skip
_PARTS: Final = {**dict.fromkeys(_NUMBERS, NUMBER), "month_name": STRING, "weekday_name": STRING}


def _parts(instant: Instant) -> dict[str, Value]:
    date, (hour, minute, second) = instant.date, instant.clock
    iso_year, iso_week = instant.iso_week
    return {
        "year": date.year,
        "year_day": instant.year_day,
        "day": date.day,
        "month": date.month,
        "month_name": MONTHS[date.month - 1],
        "weekday": instant.weekday,
        "weekday_name": WEEKDAYS[instant.weekday],
        "hour": hour,
        "minute": minute,
        "second": second,
        "iso_year": iso_year,
        "iso_week": iso_week,
    }


def _rfc3339_parse(timestamp: str) -> Value:
    instant = parse_rfc3339_loosely(timestamp, separators="T ")
    if instant is None:
        raise ArgumentError(
            0, 'a timestamp must be written as RFC 3339 says, such as "2006-01-02T15:04:05Z"'
        )
    return ObjectValue({**_parts(instant), "unix": instant.unix})


_LARGEST: Final = 1 << 63


def _unix_timestamp_parse(unix_timestamp: Number) -> Value:
    if not isinstance(unix_timestamp, int) or not -_LARGEST <= unix_timestamp < _LARGEST:
        raise ArgumentError(0, "the seconds must be a whole number of no more than 64 bits")
    instant = Instant(unix_timestamp * 1_000_000_000)
    return ObjectValue({**_parts(instant), "rfc3339": format_rfc3339(instant)})


def _start(surroundings: Surroundings, formats: tuple[str, ...]) -> Instant:
    if len(formats) > 1:
        raise FunctionError("no more than one format can be given")
    return from_datetime(surroundings.plan_time or surroundings.now())


def _legacy_isotime(surroundings: Surroundings, *formats: str) -> Value:
    instant = _start(surroundings, formats)
    return make_string(
        format_by_layout(instant, formats[0]) if formats else format_rfc3339(instant)
    )


def _legacy_strftime(surroundings: Surroundings, *formats: str) -> Value:
    instant = _start(surroundings, formats)
    if not formats:
        return format_rfc3339(instant)
    return make_string(format_by_layout(instant, layout_of_strftime(formats[0])))


def _env(surroundings: Surroundings, key: str) -> Value:
    return make_string(surroundings.environment.get(key, ""))


def _fetched(name: str, what: str, instead: str, *parameters: Parameter) -> Function:
    """Return a function that says why a secret is not fetched, and what to do."""

    def refuse(*_arguments: Value) -> Value:
        raise FunctionError(
            f"{what} is not read natively here; {instead}, and give it to the template as a "
            'variable: -var, PKR_VAR_name, or a variable\'s default of env("NAME")'
        )

    return Function(
        name=name,
        description=f"Is known by name only: {what} is not read natively.",
        parameters=parameters,
        result=STRING,
        implementation=refuse,
        nullable=True,
        impure=True,
    )


_AWS_CLI: Final = 'fetch the secret with "aws secretsmanager get-secret-value"'

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="rfc3339_parse",
        description="Returns the parts of a timestamp, and its seconds since 1970.",
        parameters=(Parameter("timestamp", STRING),),
        result=ObjectType({**_PARTS, "unix": NUMBER}),
        implementation=_rfc3339_parse,
    ),
    Function(
        name="unix_timestamp_parse",
        description="Returns the parts of the time so many seconds after 1970, and its timestamp.",
        parameters=(Parameter("unix_timestamp", NUMBER),),
        result=ObjectType({**_PARTS, "rfc3339": STRING}),
        implementation=_unix_timestamp_parse,
    ),
    _fetched(
        "aws_secretsmanager",
        "AWS Secrets Manager",
        _AWS_CLI,
        Parameter("name", STRING),
        Parameter("key", STRING, null=True),
    ),
    _fetched("aws_secretsmanager_raw", "AWS Secrets Manager", _AWS_CLI, Parameter("name", STRING)),
    _fetched(
        "consul_key",
        "a Consul key",
        'fetch the key with "consul kv get"',
        Parameter("key", STRING),
    ),
    _fetched(
        "vault",
        "a Vault secret",
        'fetch the secret with "vault kv get"',
        Parameter("path", STRING),
        Parameter("key", STRING),
    ),
)


def functions(surroundings: Surroundings) -> tuple[Function, ...]:
    """Return the functions that need the clock, chance or the environment."""
    return (
        Function(
            name="env",
            description="Returns an environment variable, empty if it is not set; "
            "only for the defaults of variables.",
            parameters=(Parameter("key", STRING),),
            result=STRING,
            implementation=partial(_env, surroundings),
            impure=True,
        ),
        Function(
            name="legacy_isotime",
            description="Returns the time of the start in UTC, in a layout of Go's.",
            variadic=Parameter("format", STRING),
            result=STRING,
            implementation=partial(_legacy_isotime, surroundings),
            impure=True,
        ),
        Function(
            name="legacy_strftime",
            description="Returns the time of the start in UTC, in a format with %Y and the like.",
            variadic=Parameter("format", STRING),
            result=STRING,
            implementation=partial(_legacy_strftime, surroundings),
            impure=True,
        ),
        make_uuid("uuidv4", surroundings),
    )
