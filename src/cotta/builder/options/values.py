"""What a block said, in the declared types, for whoever runs it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.options.declare import Schema
    from cotta.diagnostics.source import SourceRange
    from cotta.values.value import Value


class _NotKnown:
    """Stands for a value that is known only while building."""

    def __repr__(self) -> str:
        return "NOT_KNOWN"


NOT_KNOWN: Final = _NotKnown()


class NotKnownError(Exception):
    """An option was asked for that is known only while building; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f'the option "{name}" is not known yet')
        self.name = name


Plain: TypeAlias = object


class Options:
    """The options of one block, by name; what was not written has its default.

    Without a default an option is empty: "", 0, False, (), {}, no time.  Asking
    for what the schema doesn't declare is a `KeyError`, a mistake of ours;
    for what isn't known yet a `NotKnownError`, which nobody meets who runs a
    block with the variables of its build.
    """

    __slots__ = ("_places", "_values", "_written", "place_of_block", "schema")

    def __init__(
        self,
        schema: Schema,
        values: Mapping[str, Plain],
        places: Mapping[str, SourceRange],
        place_of_block: SourceRange,
    ) -> None:
        self.schema = schema
        self.place_of_block = place_of_block
        self._values = dict(values)
        self._places = dict(places)
        self._written = frozenset(places)

    def __repr__(self) -> str:
        shown = {name: self._values.get(name) for name in sorted(self._written)}
        return f"Options({shown!r})"

    # --- by type --------------------------------------------------------------

    def text(self, name: str) -> str:
        """Return a text."""
        found = self._found(name, "")
        assert isinstance(found, str)
        return found

    def number(self, name: str) -> int:
        """Return a whole number."""
        found = self._found(name, 0)
        assert isinstance(found, int)
        return found

    def decimal(self, name: str) -> float:
        """Return a number that may have a fraction."""
        found = self._found(name, 0.0)
        assert isinstance(found, int | float)
        return float(found)

    def flag(self, name: str) -> bool:
        """Return whether a flag is set."""
        found = self._found(name, False)
        assert isinstance(found, bool)
        return found

    def maybe_flag(self, name: str) -> bool | None:
        """Return a flag; None where it was left open."""
        found = self._found(name, None)
        assert found is None or isinstance(found, bool)
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self._found(name, ())
        assert isinstance(found, tuple)
        return found

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found = self._found(name, ())
        assert isinstance(found, tuple)
        return found

    def mapping(self, name: str) -> dict[str, str]:
        """Return a map of texts, sorted by key."""
        found = self._found(name, {})
        assert isinstance(found, dict)
        return dict(found)

    def duration(self, name: str) -> timedelta:
        """Return a stretch of time."""
        found = self._found(name, timedelta())
        assert isinstance(found, timedelta)
        return found

    def value(self, name: str) -> Value | None:
        """Return an option that may be anything, as a value of the language; None if unset."""
        return self._found(name, None)  # type: ignore[return-value]  # ANYTHING is kept as it is

    def blocks(self, name: str) -> tuple[Options, ...]:
        """Return the nested blocks of one name, in the order in which they were written."""
        if name not in self.schema.groups_by_name:
            raise KeyError(name)
        found = self._values.get(name, ())
        if found is NOT_KNOWN:
            raise NotKnownError(name)
        assert isinstance(found, tuple)
        return found

    def block(self, name: str) -> Options | None:
        """Return the nested block of a name, of which there is one at most."""
        found = self.blocks(name)
        return found[0] if found else None

    # --- about options --------------------------------------------------------

    def is_set(self, name: str) -> bool:
        """Say whether an option or a block was written, and is not null or a default."""
        return name in self._written

    def is_known(self, name: str) -> bool:
        """Say whether an option can be asked for."""
        return self._values.get(name) is not NOT_KNOWN

    def plain(self, name: str) -> Plain:
        """Return an option as it is kept, whatever its type; `NOT_KNOWN` is one value."""
        return self._values.get(name)

    def place(self, name: str) -> SourceRange:
        """Return where an option was written; the head of its block if it was not."""
        return self._places.get(name, self.place_of_block)

    def _found(self, name: str, empty: Plain) -> Plain:
        if name not in self.schema.by_name:
            raise KeyError(name)
        found = self._values.get(name)
        if found is NOT_KNOWN:
            raise NotKnownError(name)
        return empty if found is None else found
