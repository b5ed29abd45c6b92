"""The mistakes of a block that can be seen without asking anybody: all, with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.diagnostics.diagnostics import Severity
from cotta.providers.aws.declare import Argument, Nested
from cotta.providers.aws.plain import UNKNOWN
from cotta.providers.interface import ProviderDiagnostic
from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.providers.aws.declare import Field, Fields
    from cotta.values.paths import Path


def check_fields(
    fields: Mapping[str, Field], config: Fields, path: Path = ()
) -> Iterator[ProviderDiagnostic]:
    """Yield the mistakes of a block and of those inside it, in the order of the fields."""
    reported: set[tuple[str, ...]] = set()
    for name, each in fields.items():
        value = config.get(name)
        here = (*path, AttributePath(name))
        yield from _check_combinations(name, each, config, here, reported)
        if each.instead and is_given(value):
            yield ProviderDiagnostic(
                severity=Severity.WARNING,
                summary="Argument is deprecated",
                detail=f'"{name}" is deprecated: take {each.instead} instead.',
                path=here,
            )
        if isinstance(each, Nested):
            yield from _check_nested(each, value, here)
        elif value is not None and value is not UNKNOWN:
            yield from _check_value(name, each, value, here)


def _check_nested(nested: Nested, value: Any, path: Path) -> Iterator[ProviderDiagnostic]:
    if value is None or value is UNKNOWN:
        return
    if nested.nesting is Nesting.SINGLE:
        yield from check_fields(nested.fields, value, path)
        return
    for at, one in enumerate(value):
        # An element of a set has no place of its own.
        inside = path if nested.nesting is Nesting.SET else (*path, IndexPath(at))
        found = check_fields(nested.fields, one, inside)
        if nested.nesting is Nesting.SET:
            for each in found:
                yield ProviderDiagnostic(summary=each.summary, detail=each.detail, path=path)
        else:
            yield from found


def _check_value(
    name: str, argument: Argument, value: Any, path: Path
) -> Iterator[ProviderDiagnostic]:
    if argument.computed and not argument.optional:
        yield ProviderDiagnostic(
            summary="Value for unconfigurable attribute",
            detail=f'"{name}" is decided by AWS; take it out of the configuration.',
            path=path,
        )
        return
    if argument.type is NUMBER and isinstance(value, float) and not argument.fractions:
        yield _bad(name, f"needs a whole number, and this is {value}", path)
        return
    for check in argument.checks:
        wrong = check(value)
        if wrong is not None:
            yield _bad(name, wrong, path)


def _bad(name: str, wrong: str, path: Path) -> ProviderDiagnostic:
    return ProviderDiagnostic(
        summary="Unusable value", detail=f'The argument "{name}" {wrong}.', path=path
    )


def is_given(value: Any) -> bool:
    """Say whether the configuration sets an argument or has a block: unknown counts as set."""
    return value is not None and value != []


def _check_combinations(
    name: str, each: Field, config: Fields, path: Path, reported: set[tuple[str, ...]]
) -> Iterator[ProviderDiagnostic]:
    rules = each.rules
    given = is_given(config.get(name))
    known = given and config.get(name) is not UNKNOWN
    if known:
        for other in rules.conflicts_with:
            there = config.get(other)
            pair = tuple(sorted((name, other)))
            if is_given(there) and there is not UNKNOWN and pair not in reported:
                reported.add(pair)
                yield ProviderDiagnostic(
                    summary="Conflicting configuration arguments",
                    detail=f'"{name}" can\'t be set together with "{other}": take one of them out.',
                    path=path,
                )
    if given:
        missing = [other for other in rules.required_with if not is_given(config.get(other))]
        if missing:
            yield ProviderDiagnostic(
                summary="Missing required argument",
                detail=f'"{name}" needs {_words(missing, "and")} as well.',
                path=path,
            )
    for group, is_exact in ((rules.exactly_one_of, True), (rules.at_least_one_of, False)):
        if group and group not in reported:
            reported.add(group)
            yield from _check_group(group, config, path, is_exact=is_exact)


def _check_group(
    group: tuple[str, ...], config: Fields, path: Path, *, is_exact: bool
) -> Iterator[ProviderDiagnostic]:
    given = [each for each in group if is_given(config.get(each))]
    certain = [each for each in given if config.get(each) is not UNKNOWN]
    if not given:
        yield ProviderDiagnostic(
            summary="Missing required argument",
            detail=f"One of {_words(group, 'or')} needs to be set.",
            path=path[:-1],
        )
    elif is_exact and len(certain) > 1:
        yield ProviderDiagnostic(
            summary="Invalid combination of arguments",
            detail=f"Only one of {_words(group, 'or')} can be set, and here are "
            f"{_words(certain, 'and')}.",
            path=(*path[:-1], AttributePath(certain[1])),
        )


def _words(names: tuple[str, ...] | list[str], last: str) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
