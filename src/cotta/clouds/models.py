"""botocore's models of services, of which only what is used is read.

The model of EC2 alone is 7 MB of JSON: 17 MB of memory and 0.07 s for every command, of which a
plan uses a fiftieth.  So a model is written once as a file of small parts with an index in front,
beside the compiled modules of Python and under the same conditions, and then read part by part.
Where there can be no such file, the whole model is read.

    length of the index, 8 bytes   index, JSON   parts, JSON each

The index has the model's small members as they are, and of its operations and shapes the place and
length of each.  Texts that explain are left out.  The endpoints of all services, 8 MB of memory,
are kept in the same way.
"""

from __future__ import annotations

import importlib.util
import json
import mmap
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore
from botocore.loaders import Loader

from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KIND: Final = "service-2"
_ENDPOINTS: Final = "endpoints"
# Members that are kept in parts; the last is of endpoints, one for each partition.
_IN_PARTS: Final = re.compile("operations|shapes|services of [0-9]+")
_LENGTH: Final = 8


class Models(Loader):  # type: ignore[misc]  # botocore has no types
    """Loads what botocore comes with, and nothing that a person has added for other programs.

    `folder` is where compiled models are; None if there is no such place.
    """

    def __init__(self, folder: Path | None, *, writes: bool = True) -> None:
        super().__init__(include_default_search_paths=False)
        self._search_paths.append(self.BUILTIN_DATA_PATH)
        self._folder = folder
        self._writes = writes
        self._read: dict[str, dict[str, Any]] = {}

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """Return a model; of a service's operations and shapes only what is looked up is read."""
        if type_name != _KIND or api_version is not None:
            return super().load_service_model(service_name, type_name, api_version)
        return self._in_parts(
            service_name, lambda: super(Models, self).load_service_model(service_name, _KIND)
        )

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Return data and their path; of endpoints only those of services that are looked up."""
        if name != _ENDPOINTS:
            found: tuple[Any, str] = super().load_data_with_path(name)
            return found
        flat = self._in_parts(
            name, lambda: _flat(super(Models, self).load_data_with_path(_ENDPOINTS)[0])
        )
        return _unflat(flat), str(Path(self.BUILTIN_DATA_PATH, name))

    def _in_parts(self, name: str, whole: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name not in self._read:
            self._read[name] = self._compiled(name, whole)
        return self._read[name]

    def _compiled(self, name: str, whole: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._folder is None:
            return whole()
        path = self._folder / f"{name}.botocore-{botocore.__version__}.model"
        compiled = _read(path)
        if compiled is not None:
            return compiled
        model = whole()
        if not self._writes:
            return model
        try:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, compile_model(model))
        except OSError:
            return model  # Not ours to write in, or no room: as with Python's own.
        return _read(path) or model


def make_models() -> Models:
    """Return models compiled where Python keeps compiled modules, if it keeps any."""
    try:
        folder = Path(importlib.util.cache_from_source(__file__)).parent
    except NotImplementedError:
        return Models(None)
    return Models(folder, writes=not sys.dont_write_bytecode)


def compile_model(model: Mapping[str, Any]) -> bytes:
    """Return the content of the file that a model is read from part by part."""
    parts = bytearray()
    index: dict[str, Any] = {}
    for member, content in _without_texts(model).items():
        if not _IN_PARTS.fullmatch(member):
            index[member] = content
            continue
        places = index[member] = {}
        for name, part in content.items():
            text = json.dumps(part, separators=(",", ":")).encode()
            places[name] = [len(parts), len(text)]
            parts += text
    head = json.dumps(index, separators=(",", ":")).encode()
    return len(head).to_bytes(_LENGTH, "big") + head + parts


class _Parts(Mapping[str, Any]):
    """The operations or shapes of a model, each read when it is looked up."""

    def __init__(self, places: Mapping[str, list[int]], content: mmap.mmap, start: int) -> None:
        self._places = places
        self._content = content
        self._start = start
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            place, length = self._places[name]
            start = self._start + place
            self._read[name] = json.loads(self._content[start : start + length])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _read(path: Path) -> dict[str, Any] | None:
    """Return the model in a file; None if there is none, or not a whole one."""
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
        model: dict[str, Any] = json.loads(content[_LENGTH:start])
        places = {member: model[member] for member in model if _IN_PARTS.fullmatch(member)}
        ends = [place + length for part in places.values() for place, length in part.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if start + max(ends, default=0) != len(content):
        return None
    for member, found in places.items():
        model[member] = _Parts(found, content, start)
    return model


def _flat(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    """Return endpoints with the services of each partition beside the partitions."""
    flat = dict(endpoints)
    flat["partitions"] = [
        {name: content for name, content in one.items() if name != "services"}
        for one in endpoints["partitions"]
    ]
    for number, one in enumerate(endpoints["partitions"]):
        flat[f"services of {number}"] = one["services"]
    return flat


def _unflat(flat: Mapping[str, Any]) -> dict[str, Any]:
    partitions = [
        {**one, "services": flat[f"services of {number}"]}
        for number, one in enumerate(flat["partitions"])
    ]
    return {"partitions": partitions, "version": flat["version"]}


def _without_texts(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {
            key: _without_texts(value)
            for key, value in tree.items()
            # A member of a shape can be called so too; then it is no text.
            if not (key == "documentation" and isinstance(value, str))
        }
    if isinstance(tree, list):
        return [_without_texts(one) for one in tree]
    return tree
