"""botocore's models of services, of which only what is used becomes Python objects.

EC2's model has 4,400 shapes, and a program uses some dozens of them: decoded as botocore
does it, they take 30 MB and half the time until a client is there.  So its text is kept, of which
a member of a large table is decoded when somebody asks for it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Tables that are worth it, and what such files look like: two blanks for each depth.
_TABLES: Final = tuple(
    re.compile(rf'^  "{name}": ?(?={{\n)', re.MULTILINE) for name in ("operations", "shapes")
)
_END: Final = "\n  }"
_LARGE: Final = 100_000
_MEMBER: Final = re.compile(r'^    "([^"\\]+)":', re.MULTILINE)


def make_loader() -> Any:
    """Return what reads botocore's models, and those of the person's own, in botocore's order."""
    from botocore.loaders import JSONFileLoader, Loader

    class Files(JSONFileLoader):  # type: ignore[misc]  # botocore has no types
        def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
            if not Path(full_path).is_file():
                return None
            with open_method(full_path, "rb") as file:
                return decode_model(file.read().decode())

    return Loader(file_loader=Files())


def decode_model(text: str) -> Any:
    """Return what JSON says; the tables of a large model of a service decode members when asked."""
    if len(text) < _LARGE or not text.startswith("{\n"):
        return json.loads(text)
    tables: dict[str, Members] = {}
    rest, end = [], 0
    for table in _TABLES:
        start = table.search(text, end)
        stop = text.find(_END, start.end()) if start is not None else -1
        if start is None or stop < 0:
            return json.loads(text)
        tables[start[0].strip(' ":')] = Members(text, start.end(), stop)
        rest += [text[end : start.end()], "{}"]
        end = stop + len(_END)
    model = json.loads("".join([*rest, text[end:]]))
    return {**model, **tables}


class Members(dict[str, Any]):
    """A table of a model: a dictionary whose values are made of text when they are first asked for.

    What is there without that is where a value's text begins and ends.
    """

    def __init__(self, text: str, begin: int, end: int) -> None:
        """Find the members of the table whose text is between `begin` and `end`."""
        self._text = text
        found = list(_MEMBER.finditer(text, begin, end))
        ends = [one.start() for one in found[1:]] + [end]
        super().__init__(
            (one[1], (one.end(), stop)) for one, stop in zip(found, ends, strict=False)
        )

    def __getitem__(self, name: str) -> Any:
        """Return a member, decoded."""
        value = super().__getitem__(name)
        if isinstance(value, tuple):
            value = json.loads(self._text[slice(*value)].rstrip().removesuffix(","))
            self[name] = value
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return a member, decoded, or else `default`."""
        try:
            return self[name]
        except KeyError:
            return default

    def values(self) -> Iterator[Any]:  # type: ignore[override]  # enough for whoever goes through
        """Give all members, decoded."""
        return (self[name] for name in self)

    def items(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]  # likewise
        """Give all names and members, decoded."""
        return ((name, self[name]) for name in self)
