"""What a function declares, and how it is called.

A function's parameters say which of null, unknown, dynamically typed and
marked arguments it is ready to see.  `call` handles all others once, here, so
that an implementation is an ordinary Python function of ordinary values:

    Function(
        name="upper",
        description="Returns the text with every letter in upper case.",
        parameters=(Parameter("str", STRING),),
        result=STRING,
        implementation=str.upper,
    )

The rules are those of cty's `function` package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cotta.values.types import DYNAMIC
from cotta.values.value import (
    NOT_NULL,
    UNREFINED,
    Marked,
    Null,
    Unknown,
    has_marks,
    type_of,
    unmark_deep,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.values.types import Type
    from cotta.values.value import Marks, Value


class FunctionError(Exception):
    """The call has no result; the message is a clause that says why."""


class ArgumentError(FunctionError):
    """One argument, counted from 0, is at fault."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument's name, type and what the implementation is ready for.

    `unknown`: the argument may be unknown as a whole (parts of it always may).
    `dynamic`: its type may be not known yet.  `marked`: marks are left on.
    """

    name: str
    type: Type = DYNAMIC
    description: str = ""
    null: bool = False
    unknown: bool = False
    dynamic: bool = False
    marked: bool = False


# Given the arguments without marks (some may be unknown): the type of the
# result, DYNAMIC if it can't be told yet.  May raise `FunctionError`.
ResultType: TypeAlias = "Callable[[Sequence[Value]], Type]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function's declaration and implementation.

    `implementation` is called with the arguments, and with `result_type=`
    too if `wants_type`; it may raise `FunctionError`.  `nullable` says that
    the result may be null.  `impure` functions answer differently each time.
    A `lazy` one is called with (call node, scope, diagnostics) instead, before
    its arguments are evaluated.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    variadic: Parameter | None = None
    result: Type | ResultType
    implementation: Callable[..., Value]
    wants_type: bool = False
    nullable: bool = False
    impure: bool = False
    lazy: bool = False

    def parameter(self, index: int) -> Parameter | None:
        """Return what is declared for the argument at `index`, if anything is."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.variadic


def call(function: Function, arguments: Sequence[Value]) -> Value:
    """Return the result of `function`; raise `FunctionError` where it has none.

    The arguments must have been converted to the types of the parameters and
    their number must fit.  Marks on arguments are on the result.  An unknown
    argument that the function is not ready for makes the result unknown.
    """
    marks: Marks = frozenset()
    bare: list[Value] = []
    has_dynamic = has_unknown = False
    parameters = function.parameters
    fixed = len(parameters)
    for index, argument in enumerate(arguments):
        parameter = parameters[index] if index < fixed else function.variadic
        assert parameter is not None
        seen = argument
        if not parameter.marked and has_marks(argument):
            seen, found = unmark_deep(argument)
            marks |= found
        core = seen.value if type(seen) is Marked else seen
        if type(core) is Null:
            # Once a type is not known yet, what follows isn't looked at, as in cty.
            if not parameter.null and not has_dynamic:
                raise ArgumentError(index, "argument must not be null")
        elif type(core) is Unknown:
            has_unknown = has_unknown or not parameter.unknown
        if not parameter.dynamic and (type(core) is Unknown or type(core) is Null):
            has_dynamic = has_dynamic or core.type is DYNAMIC
        bare.append(seen)
    if has_dynamic:
        return with_marks(Unknown(DYNAMIC), marks)
    result = function.result
    result_type = result(bare) if callable(result) else result
    if has_unknown:
        refinement = UNREFINED if function.nullable or result_type is DYNAMIC else NOT_NULL
        return with_marks(Unknown(result_type, refinement), marks)
    if function.wants_type:
        value = function.implementation(*bare, result_type=result_type)
    else:
        value = function.implementation(*bare)
    return with_marks(value, marks) if marks else value


def result_of(function: Function, arguments: Sequence[Value]) -> Type:
    """Return the type that a call would have, without making it."""
    bare = [unmark_deep(argument)[0] for argument in arguments]
    if any(type_of(a) == DYNAMIC and not p.dynamic for a, p in _pairs(function, bare)):
        return DYNAMIC
    return function.result(bare) if callable(function.result) else function.result


def _pairs(function: Function, arguments: Sequence[Value]) -> list[tuple[Value, Parameter]]:
    declared = [(a, function.parameter(i)) for i, a in enumerate(arguments)]
    return [(a, p) for a, p in declared if p is not None]
