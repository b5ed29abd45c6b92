"""Find what a request names by id, or say in AWS's words that it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.store.kinds import Kind
    from cotta.region.store.store import Reading

R = TypeVar("R")


def require(rows: Reading, kind: Kind[R], key: str, *, prefix: str, code: str, what: str) -> R:
    """Return the record with an id; `ApiError` with `code.NotFound` or `code.Malformed`."""
    (found,) = require_all(rows, kind, [key], prefix=prefix, code=code, what=what)
    return found


def require_all(
    rows: Reading,
    kind: Kind[R],
    keys: Sequence[str] | None,
    *,
    prefix: str,
    code: str,
    what: str,
) -> list[R]:
    """Return the records with these ids, or all there are if none are named."""
    if not keys:
        return rows.all(kind)
    for key in keys:
        if not key.startswith(f"{prefix}-"):
            raise ApiError(f"{code}.Malformed", f'Invalid id: "{key}" (expecting "{prefix}-...")')
    found = {key: rows.find(kind, key) for key in keys}
    missing = [key for key, record in found.items() if record is None]
    if missing:
        verb = "do" if len(missing) > 1 else "does"
        plural = "s" if len(missing) > 1 else ""
        raise ApiError(
            f"{code}.NotFound", f"The {what}{plural} '{', '.join(missing)}' {verb} not exist"
        )
    return [record for record in found.values() if record is not None]
