"""Whether a change is none, an update, or needs a new object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.plans.changes import Action
from cotta.values.marking import take_marks
from cotta.values.operations import equal
from cotta.values.value import Null, is_null, same, type_of, unmark_deep
from cotta.values.walks import value_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.paths import Path
    from cotta.values.value import Value


class NoSuchPathError(Exception):
    """A provider asks for a replacement because of something that is in no object; see `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path


def changed_paths(prior: Value, planned: Value, replace: Sequence[Path]) -> tuple[Path, ...]:
    """Return the paths of `replace` where something changes or may change.

    Marks don't count.  With nothing there before nothing can be replaced.
    Raises `NoSuchPathError` for a path that leads nowhere in either object.
    """
    if is_null(prior):
        return ()
    return tuple(dict.fromkeys(path for path in replace if _is_changed(prior, planned, path)))


def _is_changed(prior: Value, planned: Value, path: Path) -> bool:
    was, is_ = value_at(prior, path), value_at(planned, path)
    if was is None and is_ is None:
        raise NoSuchPathError(path)
    if was is None:
        was = Null(type_of(is_))  # type: ignore[arg-type]  # one of them is there
    if is_ is None:
        is_ = Null(type_of(was))
    return unmark_deep(equal(was, is_))[0] is not True


def choose_action(
    prior: Value, planned: Value, replace: Sequence[Path], *, create_first: bool = False
) -> Action:
    """Return what happens to an object; `replace` has what can't change in place.

    Both values carry their marks: where only these differ it is an update,
    because the state has to remember them.
    """
    if is_null(prior):
        return Action.NO_OP if is_null(planned) else Action.CREATE
    if is_null(planned):
        return Action.DELETE
    if replace:
        return Action.CREATE_THEN_DELETE if create_first else Action.DELETE_THEN_CREATE
    return Action.NO_OP if _is_unchanged(prior, planned) else Action.UPDATE


def _is_unchanged(prior: Value, planned: Value) -> bool:
    if prior is planned or same(prior, planned):
        return True
    # Nulls of whatever type are equal, so that a state that forgot one's type is no change.
    before, marks = take_marks(prior)
    after, marks_after = take_marks(planned)
    return marks == marks_after and equal(before, after) is True
