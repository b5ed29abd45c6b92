"""The plan of the house, and the tests that hold the code to it.

The tables are the plan: which rooms there are (those that don't exist yet
included), on which level, what each may know, where each outside thing has
its door.  The code must fit the tables; change both in one commit and say why in
`docs/decisions/`.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[1]
SOURCE: Final = PROJECT / "src" / "cotta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room stands on the levels below it, and on nothing else.

    `beside` are the rooms of its own level that it may import all the same;
    `only`, where given, is all it may import.  A room is pure, so it decides and
    never acts (see IMPURE), except for its `edges`: modules, or ALL of them.  What is `pure` is
    so all the same, though inside of an edge.
    """

    level: int
    beside: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    edges: tuple[str, ...] = ()
    pure: tuple[str, ...] = ()


ALL: Final = ("",)

# fmt: off
ROOMS: Final = {
    # Level 0: vocabulary.
    "diagnostics":         Room(level=0),
    "values":              Room(level=0),
    "graphs":              Room(level=0),
    "rollouts":            Room(level=0),
    "system":              Room(level=0, edges=ALL),
    # Level 1: the language; the one door to AWS.
    "hcl":                 Room(level=1, only=("diagnostics", "values")),
    "clouds":              Room(level=1, edges=ALL),
    # Level 2: names of things, and their shapes.
    "addrs":               Room(level=2),
    "schemas":             Room(level=2),
    # Level 3: what is declared, what was, what will be.
    "configs":             Room(level=3, edges=("install", "loader")),
    "states":              Room(level=3, edges=("backends", "storage", "s3", "memory", "session",
                                                "workspaces")),
    "plans":               Room(level=3, beside=("configs", "states")),
    "providers.interface": Room(level=3),
    # Level 4: the engine; what the cloud reports.
    "engine":              Room(level=4, edges=("session",)),
    "images":              Room(level=4, edges=ALL),
    "fleets":              Room(level=4, edges=ALL),
    # Level 5: strangers to one another.
    "providers":           Room(level=5, edges=("registry", "aws", "plugin", "local_exec")),
    "builder":             Room(level=5, edges=("build", "digests", "journal", "parallel",
                                                "reaping", "loader", "communicators", "sources",
                                                "provisioners", "post_processors",
                                                "data_sources", "looking", "verifying"),
                                pure=("communicators.interface", "communicators.settings")),
    "region":              Room(level=5, only=("system", "rollouts"),
                                edges=("api", "store", "machines", "networks.bridge",
                                       "networks.forwarding", "balancer.haproxy", "imagestore",
                                       "base_images", "launching", "metadata", "founding",
                                       "controller", "duties", "membership", "server", "home",
                                       "readiness", "running", "daemon", "grounds", "status",
                                       "targets", "sharing", "consoles", "set_back"),
                                pure=("machines.driver",)),
    "practices":           Room(level=5),
    # Level 6: the composition root, which nobody knows.
    "cli":                 Room(level=6, edges=ALL),
    "__main__":            Room(level=7, edges=ALL),
}

# What nothing pure imports: the machine, the network, chance and the clock.
IMPURE: Final = frozenset({
    "asyncio", "boto3", "botocore", "concurrent", "fcntl", "glob", "grpc", "http",
    "multiprocessing", "os", "random", "secrets", "select", "shutil", "signal", "socket",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid",
})

# Everything outside the language has one door; () is none at all.
DOORS: Final[dict[str, tuple[str, ...]]] = {
    "subprocess":   ("system.processes", "providers.local_exec"),  # there, for a constant
    "ctypes":       ("system.namespaces", "system.mounts", "system.descriptors"),
    "fcntl":        ("system.files",),
    "random":       ("system.ids",),
    "uuid":         ("system.ids",),
    "secrets":      ("system.ids",),
    "sqlite3":      ("region.store", "region.imagestore.packages",  # there, rpm's own records
                     "region.imagestore.rpm_times"),
    "threading":    ("builder.parallel", "engine.walk", "region.controller", "region.server",
                     "clouds.session", "providers.aws.provider",
                     "providers.aws.reading"),
    "concurrent":   ("engine.walk", "region.controller", "region.server"),
    "queue":        ("builder.parallel", "engine.walk", "region.controller", "region.server"),
    "http":         ("region.server",),
    "argparse":     ("cli",),
    "readline":     ("cli.commands.console",),
    "asyncio":      (),  # docs/decisions/0002
    "multiprocessing": (),
    "pickle":       (),
    # Libraries: docs/decisions/0005 says why each.
    "bcrypt":       ("hcl.functions",),
    "boto3":        ("clouds",),
    "botocore":     ("clouds", "region.wire"),
    "cryptography": ("hcl.functions", "region.api.ec2.key_material"),
    "google":       ("providers.plugin",),
    "grpc":         ("providers.plugin",),
    "msgpack":      ("values.codec_msgpack", "plans"),
    "paramiko":     ("builder.communicators",),
    "re2":          ("hcl.functions",),
    "regex":        ("diagnostics.source", "values", "hcl"),
    "rich":         ("cli.views",),
    "yaml":         ("hcl.functions", "region.userdata"),
}

# A file past 800 lines, or a function past 80, with the reason why it is one.
LONG_FILES: Final[dict[str, str]] = {}
LONG_FUNCTIONS: Final[dict[str, str]] = {}

# Who may catch whatever comes (the walk raises it again on its own thread), and who may
# end the process.
# The region's server answers 500 and goes on: other requests have nothing to do with it.
CATCHES_EVERYTHING: Final = frozenset({"builder.parallel", "cli.main", "engine.walk",
                                       "region.controller", "region.server"})
ENDS_THE_PROCESS: Final = frozenset({"cli.main"})
# fmt: on

LONGEST_FILE: Final = 800
LONGEST_FUNCTION: Final = 80
NAMES_OF_NOTHING: Final = frozenset({"base", "common", "core", "helpers", "manager", "utils"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a module: by its dotted name, at a line, for types only or for real."""

    name: str
    line: int
    for_types: bool


@dataclass(frozen=True, slots=True)
class Module:
    """A file of the house; `name` is dotted and begins below `cotta`."""

    name: str
    path: Path
    lines: int
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def is_front(self) -> bool:
        return self.path.name == "__init__.py"

    def at(self, line: int) -> str:
        return f"{self.path.relative_to(PROJECT)}:{line}"


@cache
def modules() -> tuple[Module, ...]:
    return tuple(_read(path) for path in sorted(SOURCE.rglob("*.py")))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    parts = path.relative_to(SOURCE).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, text.count("\n"), tree, tuple(_imports(tree, for_types=False)))


def _imports(node: ast.AST, *, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, child.lineno, for_types)
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                for alias in names:
                    yield Import(f"{module}.{alias.name}", child.lineno, for_types)
            case ast.ImportFrom():
                yield Import("(relative)", child.lineno, for_types)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _imports(child, for_types=True)
            case _:
                yield from _imports(child, for_types=for_types)


def _within(name: str, place: str) -> bool:
    return place == "" or name == place or name.startswith(f"{place}.")


def room_of(name: str) -> str:
    """Return the innermost room that a module, named below `cotta`, is in; "" for none."""
    return max((room for room in ROOMS if _within(name, room)), key=len, default="")


def is_edge(name: str) -> bool:
    """Say whether a module may act."""
    room = room_of(name)
    inside = name.removeprefix(f"{room}.")
    if any(_within(inside, pure) for pure in ROOMS[room].pure):
        return False
    return any(edge == "" or _within(inside, edge) for edge in ROOMS[room].edges)


def _house(found: Import) -> str | None:
    """Return what an import means below `cotta`; None if it is from outside."""
    return found.name.removeprefix("cotta.") if found.name.startswith("cotta.") else None


def _outside(found: Import) -> str:
    return found.name.partition(".")[0]


def assert_none(mistakes: list[str]) -> None:
    assert not mistakes, "\n" + "\n".join(mistakes)


# --- arrows ---------------------------------------------------------------------


def may_import(importer: str, imported: str) -> bool:
    """Say whether a module of the house may know another."""
    here, there = room_of(importer), room_of(imported)
    if here == there:
        return True
    if ROOMS[here].only is not None:
        return there in (ROOMS[here].only or ())
    return ROOMS[there].level < ROOMS[here].level or there in ROOMS[here].beside


def _house_imports() -> Iterator[tuple[Module, Import, str]]:
    for module in modules():
        for found in module.imports:
            name = _house(found)
            if module.name and name is not None and room_of(name):
                yield module, found, name


def test_arrows_point_down() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: {room_of(module.name)} may not import {name}"
            for module, found, name in _house_imports()
            if not may_import(module.name, name)
        ]
    )


def test_every_module_is_in_a_room_of_the_plan() -> None:
    assert_none(
        [
            f"{module.at(1)}: no room of the plan"
            for module in modules()
            if module.name and not room_of(module.name) and module.name != "providers"
        ]
    )


def test_imports_are_absolute() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: a relative import"
            for module in modules()
            for found in module.imports
            if found.name == "(relative)"
        ]
    )


@pytest.mark.parametrize(
    ("importer", "imported", "expected"),
    [
        ("values.value", "hcl.ast", False),
        ("hcl.ast", "values.value", True),
        ("hcl.functions.files", "system.files", False),
        ("engine.planning", "providers.interface.Provider", True),
        ("engine.planning", "providers.registry", False),
        ("providers.aws.client", "providers.interface", True),
        ("providers.aws.client", "clouds.session", True),
        ("region.api.ec2", "hcl.parser", False),
        ("region.reconcile.refresh", "rollouts.steps", True),
        ("builder.build", "region.model", False),
        ("plans.changes", "states.model", True),
        ("states.model", "plans.changes", False),
        ("engine.session", "cli.main", False),
        ("cli.main", "region.daemon", True),
    ],
)
def test_the_table_says_what_the_house_says(importer: str, imported: str, expected: bool) -> None:
    assert may_import(importer, imported) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("configs.decode", False),
        ("configs.loader", True),
        ("region.networks.plan", False),
        ("region.networks.bridge", True),
        ("region.machines.driver", False),
        ("region.machines.simulated", True),
        ("providers.interface", False),
        ("providers.builtin.terraform_data", False),
        ("providers.aws.client", True),
        ("system.clock", True),
    ],
)
def test_edges_are_what_the_house_says(name: str, expected: bool) -> None:
    assert is_edge(name) is expected


# --- purity and doors -----------------------------------------------------------


def _pure() -> Iterator[Module]:
    return (module for module in modules() if module.name and not is_edge(module.name))


def test_what_is_pure_imports_nothing_that_acts() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: {module.name} is pure and imports {found.name}"
            for module in _pure()
            for found in module.imports
            if any(_within(found.name, impure) for impure in IMPURE)
            and not _has_door(module, _outside(found))
        ]
    )


def _has_door(module: Module, outside: str) -> bool:
    return any(_within(module.name, door) for door in DOORS.get(outside, ()))


def test_what_is_pure_knows_edges_by_their_types_only() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: {module.name} is pure and imports {name}, which acts"
            for module, found, name in _house_imports()
            if not is_edge(module.name) and is_edge(name) and not found.for_types
        ]
    )


_CLOCKS: Final = frozenset({"now", "today", "utcnow"})


def test_what_is_pure_reads_neither_clock_nor_files() -> None:
    mistakes = []
    for module in _pure():
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(func=ast.Name(id="open" | "input" | "print" as name)):
                    mistakes.append(f"{module.at(node.lineno)}: {name}()")
                case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name) if (
                    name in _CLOCKS
                ):
                    mistakes.append(f"{module.at(node.lineno)}: reads the clock")
    assert_none(mistakes)


def test_everything_outside_has_one_door() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: {_outside(found)} has its door in {DOORS[_outside(found)]}"
            for module in modules()
            for found in module.imports
            if _outside(found) in DOORS and not _has_door(module, _outside(found))
        ]
    )


def test_every_library_has_a_door() -> None:
    assert_none(
        [
            f"{module.at(found.line)}: {found.name} is no library of DOORS"
            for module in modules()
            for found in module.imports
            if _house(found) is None
            and found.name != "(relative)"
            and _outside(found) not in {*sys.stdlib_module_names, *DOORS, "cotta"}
        ]
    )


# --- sizes, names, fronts -------------------------------------------------------


def test_files_are_not_too_long() -> None:
    assert_none(
        [
            f"{module.at(1)}: {module.lines} lines"
            for module in modules()
            if module.lines > LONGEST_FILE and module.name not in LONG_FILES
        ]
    )


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_functions_are_not_too_long() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: {node.name} has {length} lines"
            for module in modules()
            for node in _functions(module)
            if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
            and f"{module.name}.{node.name}" not in LONG_FUNCTIONS
        ]
    )


def test_exceptions_from_sizes_are_still_needed() -> None:
    files = {module.name for module in modules() if module.lines > LONGEST_FILE}
    functions = {
        f"{module.name}.{node.name}"
        for module in modules()
        for node in _functions(module)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    }

    assert set(LONG_FILES) <= files
    assert set(LONG_FUNCTIONS) <= functions


def test_nothing_is_asynchronous() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: async; docs/decisions/0002 says why not"
            for module in modules()
            for node in _functions(module)
            if isinstance(node, ast.AsyncFunctionDef)
        ]
    )


def test_names_say_something() -> None:
    assert_none(
        [
            f"{module.at(1)}: the name says nothing"
            for module in modules()
            if not NAMES_OF_NOTHING.isdisjoint(module.name.split("."))
        ]
    )


def test_every_module_has_a_docstring() -> None:
    assert_none(
        [
            f"{module.at(1)}: no docstring"
            for module in modules()
            if not ast.get_docstring(module.tree)
        ]
    )


def test_annotations_cost_nothing_at_the_start() -> None:
    assert_none(
        [
            f"{module.at(1)}: lacks `from __future__ import annotations`"
            for module in modules()
            if not module.is_front
            and any(True for _ in _functions(module))
            and not any(found.name == "__future__.annotations" for found in module.imports)
        ]
    )


def test_fronts_hold_only_docstring_and_exports() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: logic in a front door"
            for module in modules()
            if module.is_front
            for node in module.tree.body
            if not _is_docstring(node)
            and not isinstance(node, ast.Import | ast.ImportFrom)
            and not (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id == "__all__"
            )
        ]
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_importing_does_nothing() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: runs when imported"
            for module in modules()
            if module.name != "__main__"
            for node in module.tree.body
            if not _is_docstring(node)
            and not _is_type_checking(node)
            and not isinstance(
                node,
                ast.Import
                | ast.ImportFrom
                | ast.FunctionDef
                | ast.ClassDef
                | ast.Assign
                | ast.AnnAssign,
            )
        ]
    )


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_nothing_global_changes() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: a global that changes"
            for module in modules()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Global)
        ]
    )


# --- ends -----------------------------------------------------------------------


def test_only_the_outermost_catches_everything() -> None:
    mistakes = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler) or module.name in CATCHES_EVERYTHING:
                continue
            caught = ast.unparse(node.type) if node.type is not None else "everything"
            goes_on = not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if caught in {"everything", "Exception"} or (caught == "BaseException" and goes_on):
                mistakes.append(f"{module.at(node.lineno)}: catches {caught}")
    assert_none(mistakes)


def test_only_main_ends_the_process() -> None:
    assert_none(
        [
            f"{module.at(node.lineno)}: ends the process"
            for module in modules()
            if module.name not in ENDS_THE_PROCESS
            for node in ast.walk(module.tree)
            if (isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.exit", "os._exit"})
            or (isinstance(node, ast.Name) and node.id == "SystemExit")
        ]
    )


def test_no_test_patches_our_own_modules() -> None:
    mistakes = []
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ours = _names_of_ours(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="setattr"), args=[target, *_]):
                    text = ast.unparse(target).strip("'\"").partition(".")[0]
                    if text in ours:
                        mistakes.append(f"{path.relative_to(PROJECT)}:{node.lineno}: patches")
                case ast.ImportFrom(module="unittest.mock") | ast.ImportFrom(module="unittest"):
                    mistakes.append(f"{path.relative_to(PROJECT)}:{node.lineno}: a mock")
    assert_none(mistakes)


def _names_of_ours(tree: ast.Module) -> set[str]:
    """Return the names that a test has imported from the house."""
    found = {"cotta"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cotta"):
            found |= {alias.asname or alias.name for alias in node.names}
    return found
