"""Functions that make sequences from sequences: parts, orders, joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import kind_of, list_of, whole_number
from cotta.values.convert import convert
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.numbers import add, compare
from cotta.values.operations import equal
from cotta.values.sets import has_known_length, identity
from cotta.values.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    SetType,
    TupleType,
    friendly_name,
)
from cotta.values.unify import unify
from cotta.values.value import (
    EMPTY_TUPLE_VALUE,
    NO_MARKS,
    NOT_NULL,
    ListValue,
    Null,
    SetValue,
    TupleValue,
    Unknown,
    is_known,
    is_wholly_known,
    type_of,
    unmark,
    unmark_deep,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.numbers import Number
    from cotta.values.types import Type
    from cotta.values.value import Marks, Value

# --- parts --------------------------------------------------------------------


def _element_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    index = arguments[1]
    match kind:
        case ListType(element):
            return element
        case TupleType(elements):
            if type(index) is Unknown:
                return DYNAMIC
            at = whole_number(index)
            if not elements:
                raise FunctionError("an empty list has no elements")
            if at < 0 and at % len(elements):
                raise FunctionError("a negative index can't choose from a tuple")
            return elements[at % len(elements)]
        case _:
            raise FunctionError(f"only lists and tuples have numbered elements, not {_name(kind)}")


def _element(sequence: Value, index: Value) -> Value:
    at = whole_number(index)
    bare, marks = unmark(sequence)
    assert type(bare) is ListValue or type(bare) is TupleValue
    if not bare.elements:
        raise FunctionError("an empty list has no elements")
    return with_marks(bare.elements[at % len(bare.elements)], marks)


def _name(kind: Type) -> str:
    return friendly_name(kind)


def _chunklist_type(arguments: Sequence[Value]) -> Type:
    return ListType(kind_of(arguments[0]))


def _chunklist(given: Value, size: Value) -> Value:
    bare, marks = unmark(given)
    bare_size, size_marks = unmark(size)
    count = whole_number(bare_size)
    if count < 0:
        raise FunctionError("the size must not be negative")
    assert type(bare) is ListValue
    elements = bare.elements
    step = count or max(len(elements), 1)
    chunks = tuple(
        ListValue(bare.element_type, elements[at : at + step])
        for at in range(0, len(elements), step)
    )
    return with_marks(ListValue(bare.type, chunks), marks | size_marks)


def _slice_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    if isinstance(kind, SetType):
        raise ArgumentError(
            0, "the elements of a set have no order to slice by; convert it to a list first"
        )
    if not isinstance(kind, ListType | TupleType):
        raise ArgumentError(0, "a list or tuple is required")
    bounds = _slice_bounds(arguments)
    if isinstance(kind, ListType):
        return kind
    return DYNAMIC if bounds is None else TupleType(kind.elements[bounds[0] : bounds[1]])


def _slice_bounds(arguments: Sequence[Value]) -> tuple[int, int] | None:
    """Return where a slice starts and ends, checked as far as known; None if not all is."""
    sequence, _marks = unmark(arguments[0])
    length: int | None = None
    if type(sequence) is ListValue or type(sequence) is TupleValue:
        length = len(sequence.elements)
    elif isinstance(kind := type_of(sequence), TupleType):
        length = len(kind.elements)
    found: list[int | None] = []
    for at, name in ((1, "start"), (2, "end")):
        bound, _marks = unmark(arguments[at])
        if type(bound) is Unknown:
            found.append(None)
            continue
        try:
            index = whole_number(bound)
        except FunctionError as error:
            raise ArgumentError(at, str(error)) from None
        if index < 0:
            raise ArgumentError(at, f"the {name} index must not be negative")
        if length is not None and index > length:
            raise ArgumentError(at, f"the {name} index must not be above the length, {length}")
        found.append(index)
    start, end = found
    if start is None or end is None:
        return None
    if start > end:
        raise ArgumentError(1, "the start index must not be above the end index")
    return start, end


def _slice(sequence: Value, start: Value, end: Value) -> Value:
    bounds = _slice_bounds((sequence, start, end))
    assert bounds is not None
    bare, marks = unmark(sequence)
    assert type(bare) is ListValue or type(bare) is TupleValue
    chosen = bare.elements[bounds[0] : bounds[1]]
    if type(bare) is ListValue:
        return with_marks(ListValue(bare.element_type, chosen), marks)
    return with_marks(TupleValue(chosen), marks)


def _compact(given: Value) -> Value:
    assert type(given) is ListValue
    if not is_wholly_known(given):
        return Unknown(ListType(STRING), NOT_NULL)
    return ListValue(STRING, tuple(e for e in given.elements if e and type(e) is str))


def _distinct_type(arguments: Sequence[Value]) -> Type:
    return type_of(arguments[0])


def _distinct(given: Value) -> Value:
    assert type(given) is ListValue
    if not is_wholly_known(given):
        return Unknown(given.type, NOT_NULL)
    seen: set[object] = set()
    kept = []
    for element in given.elements:
        key = identity(element)
        if key not in seen:
            seen.add(key)
            kept.append(element)
    return ListValue(given.element_type, tuple(kept))


# --- orders -------------------------------------------------------------------


def _reverse_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    match kind:
        case TupleType(elements):
            return TupleType(elements[::-1])
        case ListType(element) | SetType(element):
            return ListType(element)
        case _:
            raise ArgumentError(0, f"only lists and tuples can be reversed, not {_name(kind)}")


def _reverse(given: Value, *, result_type: Type) -> Value:
    bare, marks = unmark(given)
    assert type(bare) is ListValue or type(bare) is TupleValue or type(bare) is SetValue
    reversed_elements = bare.elements[::-1]
    if isinstance(result_type, ListType):
        return with_marks(ListValue(result_type.element, reversed_elements), marks)
    return with_marks(TupleValue(reversed_elements), marks)


def _sort(given: Value) -> Value:
    assert type(given) is ListValue
    if not is_wholly_known(given):
        # Any element may come to stand anywhere, but there will be as many.
        return ListValue(STRING, (Unknown(STRING),) * len(given.elements))
    for at, element in enumerate(given.elements):
        if type(element) is Null:
            raise FunctionError(f"element {at} is null and can't be sorted")
    return ListValue(STRING, tuple(sorted(given.elements)))  # type: ignore[type-var]  # strings


_LONGEST_RANGE: Final = 1024


def _range(*limits: Number) -> Value:
    match limits:
        case [end]:
            start: Number = 0
            step: Number = -1 if compare(end, 0) < 0 else 1
        case [start, end]:
            step = -1 if compare(end, start) < 0 else 1
        case [start, end, step]:
            pass
        case _:
            raise FunctionError("one, two or three numbers are required")
    direction = -1 if compare(step, 0) < 0 else 1
    if compare(end, start) == -direction:
        which = "below" if direction > 0 else "above"
        raise ArgumentError(1, f"with this step the end must not be {which} the start")
    if step == 0 and compare(end, start) != 0:
        raise FunctionError("the step must not be zero")
    found: list[Value] = []
    number = start
    while compare(number, end) == -direction:
        if len(found) >= _LONGEST_RANGE:
            raise FunctionError(f"the range has more than {_LONGEST_RANGE} numbers")
        found.append(number)
        number = add(number, step)
    return ListValue(NUMBER, tuple(found))


# --- joins --------------------------------------------------------------------


def _concat_type(arguments: Sequence[Value]) -> Type:
    if not arguments:
        raise FunctionError("at least one list is required")
    kinds = [kind_of(argument) for argument in arguments]
    if all(isinstance(kind, ListType) for kind in kinds):
        common = unify(kinds)
        if common is not None:
            return common
    elements: list[Type] = []
    for at, (argument, kind) in enumerate(zip(arguments, kinds, strict=True)):
        match kind:
            case TupleType(own):
                elements += own
            case ListType(element):
                bare, _marks = unmark(argument)
                if type(bare) is not ListValue:
                    return DYNAMIC
                elements += [element] * len(bare.elements)
            case _:
                raise ArgumentError(at, f"a list or tuple is required, not {_name(kind)}")
    return TupleType(tuple(elements))


def _concat(*given: Value, result_type: Type) -> Value:
    marks: Marks = NO_MARKS
    elements: list[Value] = []
    as_list = isinstance(result_type, ListType)
    for sequence in given:
        bare, found = unmark(convert(sequence, result_type) if as_list else sequence)
        marks |= found
        assert type(bare) is ListValue or type(bare) is TupleValue
        elements += bare.elements
    if isinstance(result_type, ListType):
        return with_marks(list_of(elements, result_type.element), marks)
    return with_marks(TupleValue(tuple(elements)), marks)


def _flatten_type(arguments: Sequence[Value]) -> Type:
    bare, _marks = unmark_deep(arguments[0])
    if not is_wholly_known(bare):
        return DYNAMIC
    kind = type_of(bare)
    if not isinstance(kind, ListType | SetType | TupleType):
        raise FunctionError(f"only lists, sets and tuples can be flattened, not {_name(kind)}")
    return TupleType(tuple(type_of(element) for element in _flat(bare)[0]))


def _flatten(given: Value) -> Value:
    elements, marks, known = _flat(given)
    if not known:
        return with_marks(Unknown(DYNAMIC), marks)
    if not elements:
        return with_marks(EMPTY_TUPLE_VALUE, marks)
    return with_marks(TupleValue(tuple(elements)), marks)


def _flat(given: Value) -> tuple[list[Value], Marks, bool]:
    """Return the elements at any depth, the marks of what held them, and if all are certain."""
    elements: list[Value] = []
    marks: Marks = NO_MARKS
    known = True
    # Depth is the configuration's to choose, so the walk keeps its own stack.
    stack = [iter((given,))]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        bare, found = unmark(item)
        kind = type_of(bare)
        if type(bare) is Unknown and kind == DYNAMIC:
            known = False
        if type(bare) is Null or not isinstance(kind, ListType | SetType | TupleType):
            elements.append(item)
            continue
        marks |= found
        if type(bare) is SetValue and not has_known_length(bare):
            known = False
        elif type(bare) is ListValue or type(bare) is SetValue or type(bare) is TupleValue:
            stack.append(iter(bare.elements))
        else:
            known = False
    return elements, marks, known


def _matchkeys_type(arguments: Sequence[Value]) -> Type:
    if unify([type_of(arguments[1]), type_of(arguments[2])]) is None:
        raise FunctionError("the keys and the set to search must have the same type")
    return type_of(arguments[0])


def _matchkeys(given: Value, keys: Value, wanted: Value, *, result_type: Type) -> Value:
    assert type(given) is ListValue
    assert type(keys) is ListValue
    assert type(wanted) is ListValue
    if len(given.elements) != len(keys.elements):
        raise FunctionError("there must be as many keys as values")
    common = unify([keys.type, wanted.type])
    assert common is not None
    keys, wanted = convert(keys, common), convert(wanted, common)
    assert type(keys) is ListValue
    assert type(wanted) is ListValue
    empty = ListValue(given.element_type, ())
    if not wanted.elements:
        return empty
    if not (is_wholly_known(given) and is_wholly_known(keys)):
        return Unknown(result_type, NOT_NULL)
    chosen = []
    for key, value in zip(keys.elements, given.elements, strict=True):
        for candidate in wanted.elements:
            answer = equal(key, candidate)
            if not is_known(answer):
                return empty
            if answer is True:
                chosen.append(value)
                break
    return ListValue(given.element_type, tuple(chosen))


_ANY_LIST: Final = ListType(DYNAMIC)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="chunklist",
        description="Returns the elements of a list as a list of lists of a given size; the "
        "last may be shorter.",
        parameters=(
            Parameter("list", _ANY_LIST, marked=True),
            Parameter("size", NUMBER, marked=True),
        ),
        result=_chunklist_type,
        implementation=_chunklist,
    ),
    Function(
        name="compact",
        description="Returns the list of strings without those that are empty or null.",
        parameters=(Parameter("list", ListType(STRING)),),
        result=ListType(STRING),
        implementation=_compact,
    ),
    Function(
        name="concat",
        description="Returns the elements of all the given lists as one list.",
        variadic=Parameter("seqs", DYNAMIC, marked=True),
        result=_concat_type,
        implementation=_concat,
        wants_type=True,
    ),
    Function(
        name="distinct",
        description="Returns the list with only the first of equal elements.",
        parameters=(Parameter("list", _ANY_LIST),),
        result=_distinct_type,
        implementation=_distinct,
    ),
    Function(
        name="element",
        description="Returns the element of a list at an index, starting again from the first "
        "after the last.",
        parameters=(Parameter("list", DYNAMIC, marked=True), Parameter("index", NUMBER)),
        result=_element_type,
        implementation=_element,
        nullable=True,
    ),
    Function(
        name="flatten",
        description="Returns the elements of a list, with lists among them replaced by their "
        "own elements, at any depth.",
        parameters=(Parameter("list", DYNAMIC, marked=True),),
        result=_flatten_type,
        implementation=_flatten,
    ),
    Function(
        name="matchkeys",
        description="Returns those elements of one list for which the element of a second list "
        "in the same place occurs in a third.",
        parameters=(
            Parameter("values", _ANY_LIST),
            Parameter("keys", _ANY_LIST),
            Parameter("searchset", _ANY_LIST),
        ),
        result=_matchkeys_type,
        implementation=_matchkeys,
        wants_type=True,
    ),
    Function(
        name="range",
        description="Returns a list of numbers from a start up to, but not including, an end, "
        "a step apart.",
        variadic=Parameter("params", NUMBER),
        result=ListType(NUMBER),
        implementation=_range,
    ),
    Function(
        name="reverse",
        description="Returns the elements of a list in reverse order.",
        parameters=(Parameter("list", DYNAMIC, marked=True),),
        result=_reverse_type,
        implementation=_reverse,
        wants_type=True,
    ),
    Function(
        name="slice",
        description="Returns the elements of a list from a start index up to, but not "
        "including, an end index.",
        parameters=(
            Parameter("list", DYNAMIC, marked=True),
            Parameter("start_index", NUMBER),
            Parameter("end_index", NUMBER),
        ),
        result=_slice_type,
        implementation=_slice,
    ),
    Function(
        name="sort",
        description="Returns the list of strings in the order of their code points.",
        parameters=(Parameter("list", ListType(STRING)),),
        result=ListType(STRING),
        implementation=_sort,
    ),
)
