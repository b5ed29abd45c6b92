"""What names mean in a template: locals and data sources evaluated in the order of their needs.

A name that leads nowhere is unknown here, in silence: `references.py` has told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.builder.options.decode import Reading, decode_options
from cotta.builder.options.tables import ABSENT_DATA_SOURCES, DATA_SOURCES
from cotta.builder.templates.references import find_in_body
from cotta.builder.versions import PACKER_VERSION
from cotta.diagnostics.suggest import did_you_mean
from cotta.graphs import CycleError, Graph
from cotta.hcl.ast import AttributeStep
from cotta.hcl.evaluate import evaluate
from cotta.hcl.references import variables_in
from cotta.hcl.scope import Namespace, Scope
from cotta.values.functions import Function, FunctionError
from cotta.values.types import STRING
from cotta.values.value import (
    ANY_UNKNOWN,
    Mark,
    ObjectValue,
    Unknown,
    make_string,
    mark,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cotta.builder.options.values import Options
    from cotta.builder.templates.declared import Template, Typed
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Variable
    from cotta.values.value import Value


class DataError(Exception):
    """A data source can't be read: sentences about what was asked and what came back."""


class Names:
    """A namespace of values by name; what isn't there is unknown."""

    def __init__(self, values: Mapping[str, Value | Namespace]) -> None:
        self._values = values

    def attribute(self, name: str) -> Value | Namespace:
        """Return the value of a name."""
        return self._values.get(name, ANY_UNKNOWN)

    def names(self) -> Iterable[str]:
        """Return the names that have a value."""
        return self._values

    def value(self) -> Value:
        """Return everything as an object."""
        return ObjectValue(
            {
                name: value.value() if isinstance(value, Namespace) else value
                for name, value in self._values.items()
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrounding:
    """What a template is evaluated with, beside its own declarations."""

    functions: Mapping[str, Function]
    folder: str
    working_folder: str
    # None leaves the answers of data sources unknown.
    read_data: Callable[[str, Options], Value] | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A template's own names with their values, and the scope that has them all."""

    scope: Scope
    variables: Mapping[str, Value]
    locals: Mapping[str, Value]


def _refuse_env(_key: str) -> Value:
    raise FunctionError(
        "the environment is read in the defaults of variables only: declare a variable with "
        'default = env("…") and refer to it'
    )


def evaluate_names(
    template: Template, variables: Mapping[str, Value], around: Surrounding, diags: Diagnostics
) -> Evaluated:
    """Return every local and every data source's answer."""
    local_values: dict[str, Value] = {}
    answers: dict[str, dict[str, Value]] = {}
    by_type = {kind: Names(found) for kind, found in _types(template, answers)}
    env = around.functions.get("env")
    functions = dict(around.functions)
    if env is not None:
        functions["env"] = Function(
            name="env",
            description=env.description,
            parameters=env.parameters,
            result=STRING,
            implementation=_refuse_env,
        )
    scope = Scope(
        {
            "var": Names(variables),
            "local": Names(local_values),
            "data": Names(by_type),
            "path": ObjectValue(
                {
                    "cwd": make_string(around.working_folder),
                    "root": make_string(around.folder),
                }
            ),
            "packer": ObjectValue(
                {
                    "version": PACKER_VERSION,
                    "iterationID": Unknown(STRING),
                    "versionFingerprint": Unknown(STRING),
                }
            ),
        },
        functions,
    )
    for kind, name in _order(template, diags):
        if kind == "local":
            local = template.locals[name]
            value = evaluate(local.expression, scope, diags)
            local_values[name] = mark(value, Mark.SENSITIVE) if local.is_sensitive else value
        else:
            data = template.data[name]
            answers[data.type][data.name] = _read(data, scope, around, diags)
    return Evaluated(scope, variables, local_values)


def _types(
    template: Template, answers: dict[str, dict[str, Value]]
) -> Iterator[tuple[str, dict[str, Value]]]:
    for data in template.data.values():
        if data.type not in answers:
            answers[data.type] = {}
            yield data.type, answers[data.type]


# --- order --------------------------------------------------------------------

_Node = tuple[str, str]


def _order(template: Template, diags: Diagnostics) -> list[_Node]:
    """Return locals and data sources, each after what it mentions; none that are in a circle."""
    needs: dict[_Node, list[_Node]] = {}
    for name, local in template.locals.items():
        needs[("local", name)] = list(_mentioned(variables_in(local.expression), template))
    for key, data in template.data.items():
        found = find_in_body(data.block.body)
        needs[("data", key)] = list(_mentioned(found, template))
    graph = Graph(needs)
    try:
        return graph.topological_order()
    except CycleError as error:
        caught: set[_Node] = set()
        for cycle in error.cycles:
            caught |= set(cycle)
            shown = ", ".join(sorted(f"{kind}.{name}" for kind, name in cycle))
            kind, name = cycle[0]
            place = (template.locals if kind == "local" else template.data)[name].range
            diags.error(
                "Values that need one another",
                f"None of these can be known before the others: {shown}. Take one out of the "
                "circle.",
                place,
            )
        return graph.only(set(graph) - caught).topological_order()


def _mentioned(found: Iterable[Variable], template: Template) -> Iterator[_Node]:
    for variable in found:
        names = [step.name for step in variable.steps if isinstance(step, AttributeStep)]
        if variable.name == "local":
            if not names:
                yield from (("local", name) for name in template.locals)
            elif names[0] in template.locals:
                yield ("local", names[0])
        elif variable.name == "data":
            for key, data in template.data.items():
                if names[:2] == [data.type, data.name][: len(names[:2])]:
                    yield ("data", key)


# --- data sources -------------------------------------------------------------


def _read(data: Typed, scope: Scope, around: Surrounding, diags: Diagnostics) -> Value:
    kind = DATA_SOURCES.get(data.type)
    if kind is None:
        why = ABSENT_DATA_SOURCES.get(data.type)
        hint = did_you_mean(data.type, [*DATA_SOURCES, *ABSENT_DATA_SOURCES])
        diags.error(
            "Data source that is not native" if why else "Unknown data source",
            f'There is no data source "{data.type}" here.{f" {why}" if why else hint}',
            data.block.label_ranges[0] if data.block.label_ranges else data.range,
        )
        return ANY_UNKNOWN
    before = len(diags)
    reading = Reading(
        scope=scope,
        render=lambda text: text,
        what=f'data "{data.type}"',
        place=data.range,
    )
    options = decode_options(kind.schema, [data.block.body], reading, diags)
    wrong = any(not options.is_known(name) for name in options.schema.by_name)
    if around.read_data is None or len(diags) > before or wrong:
        return Unknown(kind.answer)
    try:
        return around.read_data(data.type, options)
    except DataError as error:
        diags.error("Data source can't be read", str(error), data.range)
        return Unknown(kind.answer)
