"""Whether two policies mean the same: AWS gives back what it was given, in a layout of its own.

A single value is as good as a list of one, lists may be in any order, and an
account's number is its root user's ARN.  Nothing is read into the actions themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.values.json_text import JsonError, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.json_text import Json

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ROOT: Final = re.compile(r"arn:[^:]*:iam:[^:]*:([0-9]*):root")
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


def are_equivalent(left: str, right: str) -> bool:
    """Say whether two policies are the same to AWS; two texts that are no policies, if equal."""
    ours, theirs = _read(left), _read(right)
    if ours is None or theirs is None:
        return left == right
    if any(ours.get(name) != theirs.get(name) for name in ("Version", "Id")):
        return False
    mine, others = _statements(ours), _statements(theirs)
    return len(mine) == len(others) and _covers(mine, others) and _covers(others, mine)


def _covers(some: list[Json], others: list[Json]) -> bool:
    """Say whether each of `some` has its like among the others."""
    return all(any(_same_statement(one, other) for other in others) for one in some)


def _read(text: str) -> Mapping[str, Json] | None:
    try:
        tree = parse_json(text)
    except JsonError:
        return None
    if not isinstance(tree, dict) or not isinstance(tree.get("Statement"), list | dict):
        return None
    return tree


def _statements(policy: Mapping[str, Json]) -> list[Json]:
    statements = policy["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _same_statement(left: Json, right: Json) -> bool:
    if not isinstance(left, dict) or not isinstance(right, dict):
        return left == right
    return (
        (left.get("Sid") or "") == (right.get("Sid") or "")
        and str(left.get("Effect") or "").lower() == str(right.get("Effect") or "").lower()
        and all(_sorted(left.get(name)) == _sorted(right.get(name)) for name in _LISTS)
        and _same_conditions(left.get("Condition"), right.get("Condition"))
        and all(
            _same_principals(left.get(name), right.get(name))
            for name in ("Principal", "NotPrincipal")
        )
    )


def _texts(value: Json) -> list[str] | None:
    """Return a value as texts; None if it holds anything else."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return None
    texts = [each for each in value if isinstance(each, str)]
    return texts if len(texts) == len(value) else None


def _sorted(value: Json) -> list[str]:
    return sorted(_texts(value) or [])


def _same_conditions(left: Json, right: Json) -> bool:
    if left is None or right is None:
        return left is right
    if not isinstance(left, dict) or not isinstance(right, dict):
        return left == right
    return left.keys() == right.keys() and all(
        _same_variables(left[test], right[test]) for test in left
    )


def _same_variables(left: Json, right: Json) -> bool:
    if not isinstance(left, dict) or not isinstance(right, dict):
        return left == right
    return left.keys() == right.keys() and all(
        _same_values(left[variable], right[variable]) for variable in left
    )


def _same_values(left: Json, right: Json) -> bool:
    ours, theirs = _texts(left), _texts(right)
    if ours is None or theirs is None:
        # Numbers and truths: the official comparison never finds them equal, and plans for ever.
        return left == right
    return len(ours) == len(theirs) and set(ours) == set(theirs)


def _same_principals(left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return _same_principal(left, right)
    if isinstance(left, str) or isinstance(right, str):
        return False
    ours, theirs = _by_type(left), _by_type(right)
    return ours.keys() == theirs.keys() and all(
        _same_identifiers(ours[type_], theirs[type_]) for type_ in ours
    )


def _by_type(principals: Json) -> dict[str, list[str]]:
    if not isinstance(principals, dict):
        return {}
    found = {type_: _texts(value) or [] for type_, value in principals.items()}
    return {type_: texts for type_, texts in found.items() if texts}


def _same_identifiers(left: list[str], right: list[str]) -> bool:
    return (
        len(left) == len(right)
        and all(any(_same_principal(one, other) for other in right) for one in left)
        and all(any(_same_principal(one, other) for other in left) for one in right)
    )


def _same_principal(left: str, right: str) -> bool:
    return left == right or _root_of(left) == right or _root_of(right) == left


def _root_of(principal: str) -> str | None:
    """Return the account whose root user a principal names."""
    found = _ROOT.fullmatch(principal)
    account = found.group(1) if found is not None else ""
    return account if _ACCOUNT.fullmatch(account) else None
