"""Which types convert to which, and the one type that several have in common.

Conversion and preference rules are those of cty's `convert` package.  A
*safe* conversion always succeeds; an *unsafe* one depends on the value, as
from string to number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    DynamicType,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
    without_optional,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_UNSAFE_PRIMITIVES = frozenset({(STRING, NUMBER), (STRING, BOOL)})
_SAFE_PRIMITIVES = frozenset({(NUMBER, STRING), (BOOL, STRING)})


def can_convert(source: Type, target: Type, *, unsafe: bool = True) -> bool:
    """Say whether values of `source` convert to `target`.

    With `unsafe`, whether some may; without, whether all do.
    """
    if source is target or source == target:
        return True
    match source, target:
        case _, DynamicType():
            return True
        case DynamicType(), _:
            return unsafe
        case PrimitiveType(), PrimitiveType():
            pair = (source, target)
            return pair in _SAFE_PRIMITIVES or (unsafe and pair in _UNSAFE_PRIMITIVES)
        case ObjectType(), ObjectType():
            return _object_fits(source, target, unsafe=unsafe)
        case TupleType(sources), TupleType(targets):
            return len(sources) == len(targets) and all(
                can_convert(s, t, unsafe=unsafe) for s, t in zip(sources, targets, strict=True)
            )
        case (ListType(inner) | SetType(inner), ListType(wanted)) | (
            SetType(inner),
            SetType(wanted),
        ):
            return can_convert(inner, wanted, unsafe=unsafe)
        case ListType(inner), SetType(wanted):
            # Order and repetition would be lost.
            return unsafe and can_convert(inner, wanted, unsafe=True)
        case MapType(inner), MapType(wanted):
            return can_convert(inner, wanted, unsafe=unsafe)
        case TupleType(inners), ListType(wanted) | SetType(wanted):
            if wanted == DYNAMIC and unify(inners) == DYNAMIC:
                # Some structure beside something of unknown type: no element type is certain.
                return set(inners) == {DYNAMIC}
            return _elements_fit(inners, wanted, unsafe=unsafe)
        case ObjectType(), MapType(wanted):
            return _elements_fit(tuple(source.attributes.values()), wanted, unsafe=unsafe)
        case MapType(inner), ObjectType():
            # Whether the map has every attribute is seen only in the value.
            return unsafe and all(can_convert(inner, t) for t in target.attributes.values())
        case _:
            return False


def _object_fits(source: ObjectType, target: ObjectType, *, unsafe: bool) -> bool:
    for name, wanted in target.attributes.items():
        given = source.attributes.get(name)
        if given is None:
            if name not in target.optional:
                return False
        elif not can_convert(given, wanted, unsafe=unsafe):
            return False
    return True


def _elements_fit(inners: tuple[Type, ...], wanted: Type, *, unsafe: bool) -> bool:
    if not inners:
        return True
    if wanted == DYNAMIC:
        return unify(inners, unsafe=unsafe) is not None
    return all(can_convert(inner, wanted, unsafe=unsafe) for inner in set(inners))


def unify(types: Iterable[Type], *, unsafe: bool = True) -> Type | None:
    """Return the type that all of `types` convert to, or None if there is none.

    Equal types give that type.  Objects of the same attributes give an
    object, others a map; tuples of one length a tuple, others a list.  A type
    not known yet among structures makes the whole answer DYNAMIC.
    """
    # Order matters to preferences only between distinct types.
    distinct = list(dict.fromkeys(types))
    if len(distinct) <= 1:
        return distinct[0] if distinct else None
    kinds = {type(type_) for type_ in distinct}
    has_dynamic = DynamicType in kinds
    kinds.discard(DynamicType)
    if len(kinds) == 1 and kinds != {PrimitiveType}:
        return DYNAMIC if has_dynamic else _unify_alike(distinct, unsafe=unsafe)
    if kinds in ({MapType, ObjectType}, {ListType, TupleType}):
        mixed = _unify_mixed(distinct, unsafe=unsafe)
        if mixed is not None:
            return mixed
    if {ObjectType, TupleType} <= kinds:
        return None
    return _most_general(distinct, unsafe=unsafe)


def _unify_alike(types: list[Type], *, unsafe: bool) -> Type | None:
    """Unify types of one structural kind, none of them dynamic."""
    match types[0]:
        case ListType():
            return _unify_collections(ListType, types, unsafe=unsafe)
        case SetType():
            return _unify_collections(SetType, types, unsafe=unsafe)
        case MapType():
            return _unify_collections(MapType, types, unsafe=unsafe)
        case ObjectType():
            objects = [t for t in types if isinstance(t, ObjectType)]
            return _unify_objects(objects, unsafe=unsafe)
        case TupleType():
            tuples = [t for t in types if isinstance(t, TupleType)]
            return _unify_tuples(tuples, unsafe=unsafe)
        case _:
            return None


def _unify_collections(
    make: Callable[[Type], Type], types: Sequence[Type], *, unsafe: bool
) -> Type | None:
    element = unify(
        (t.element for t in types if isinstance(t, ListType | SetType | MapType)), unsafe=unsafe
    )
    return None if element is None else _if_all_fit(make(element), types, unsafe=unsafe)


def _if_all_fit(target: Type, types: Iterable[Type], *, unsafe: bool) -> Type | None:
    return target if all(can_convert(t, target, unsafe=unsafe) for t in types) else None


def _unify_objects(types: list[ObjectType], *, unsafe: bool) -> Type | None:
    names = types[0].attributes.keys()
    if all(t.attributes.keys() == names for t in types):
        unified = {}
        for name in names:
            attribute = unify((t.attributes[name] for t in types), unsafe=unsafe)
            if attribute is None:
                return None
            unified[name] = attribute
        target = _if_all_fit(ObjectType(unified), types, unsafe=unsafe)
        if target is not None:
            return target
    inner = unify((a for t in types for a in t.attributes.values()), unsafe=unsafe)
    return None if inner is None else _if_all_fit(MapType(inner), types, unsafe=unsafe)


def _unify_tuples(types: list[TupleType], *, unsafe: bool) -> Type | None:
    length = len(types[0].elements)
    if all(len(t.elements) == length for t in types):
        unified = []
        for at in range(length):
            element = unify((t.elements[at] for t in types), unsafe=unsafe)
            if element is None:
                return None
            unified.append(element)
        target = _if_all_fit(TupleType(tuple(unified)), types, unsafe=unsafe)
        if target is not None:
            return target
    inner = unify((e for t in types for e in t.elements), unsafe=unsafe)
    return None if inner is None else _if_all_fit(ListType(inner), types, unsafe=unsafe)


def _unify_mixed(types: list[Type], *, unsafe: bool) -> Type | None:
    """Unify maps with objects, or lists with tuples, as the collection."""
    collections: list[Type] = []
    for type_ in types:
        match type_:
            case ObjectType():
                inner = unify(type_.attributes.values(), unsafe=unsafe)
                if inner is not None or type_.attributes:
                    collections.append(MapType(inner) if inner is not None else type_)
            case TupleType(elements):
                inner = unify(elements, unsafe=unsafe)
                if inner is not None or elements:
                    collections.append(ListType(inner) if inner is not None else type_)
            case DynamicType():
                pass  # it says nothing about the collection's type
            case _:
                collections.append(type_)
    if len({type(t) for t in collections}) != 1:
        return None
    target = unify(collections, unsafe=unsafe)
    if target is None or isinstance(target, TupleType | ObjectType):
        return None
    return _if_all_fit(target, types, unsafe=unsafe)


def _most_general(types: list[Type], *, unsafe: bool) -> Type | None:
    """Return the first type, in order of preference, that all others convert to."""
    for target in _by_preference(types):
        if _if_all_fit(target, types, unsafe=unsafe) is not None:
            return target
    return None


def _by_preference(types: list[Type]) -> list[Type]:
    """Return the types sorted topologically, the more general first, otherwise as given."""
    after: list[list[int]] = [[] for _ in types]
    waiting = [0] * len(types)
    for i, left in enumerate(types):
        for j in range(i + 1, len(types)):
            order = _compare_generality(left, types[j])
            if order:
                first, second = (i, j) if order < 0 else (j, i)
                after[first].append(second)
                waiting[second] += 1
    ready = [i for i, count in enumerate(waiting) if count == 0]
    for i in ready:
        for j in after[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    return [types[i] for i in ready]


def _compare_generality(left: Type, right: Type) -> int:
    """Return -1 if `left` is the more general type, 1 if `right` is, 0 if neither."""
    match left, right:
        case (DynamicType(), DynamicType()):
            return 0
        # A place-holder says nothing, so whatever else there is decides.
        case (DynamicType(), _):
            return 1
        case (_, DynamicType()):
            return -1
        case (PrimitiveType(), PrimitiveType()):
            return (right == STRING) - (left == STRING)
        case (ListType(a), ListType(b)) | (SetType(a), SetType(b)) | (MapType(a), MapType(b)):
            return _compare_generality(a, b)
        case (
            (ListType(), TupleType() | SetType())
            | (TupleType(), SetType())
            | (MapType(), ObjectType())
        ):
            return -1
        case (
            (TupleType() | SetType(), ListType())
            | (SetType(), TupleType())
            | (ObjectType(), MapType())
        ):
            return 1
        case (ObjectType(), ObjectType()) if left.attributes.keys() == right.attributes.keys():
            pairs = zip(left.attributes.values(), right.attributes.values(), strict=True)
            return _compare_parts(pairs)
        case (TupleType(a_s), TupleType(b_s)) if len(a_s) == len(b_s):
            return _compare_parts(zip(a_s, b_s, strict=True))
        case _:
            return 0


def _compare_parts(pairs: Iterable[tuple[Type, Type]]) -> int:
    orders = {_compare_generality(a, b) for a, b in pairs}
    if {-1, 1} <= orders:
        return 0
    return -1 if -1 in orders else 1 if 1 in orders else 0


def resolve_dynamic(source: Type, target: Type) -> Type:
    """Return `target` with each place-holder filled from `source` where that is certain.

    The result has no optional attributes: it is the type a converted value has.
    """
    match source, target:
        case _, DynamicType():
            return source
        case (ListType(inner) | SetType(inner) | MapType(inner), ListType(wanted)):
            return ListType(resolve_dynamic(inner, wanted))
        case (ListType(inner) | SetType(inner), SetType(wanted)):
            return SetType(resolve_dynamic(inner, wanted))
        case (MapType(inner), MapType(wanted)):
            return MapType(resolve_dynamic(inner, wanted))
        case (TupleType(inners), ListType(wanted)):
            return ListType(_resolve_elements(inners, wanted))
        case (TupleType(inners), SetType(wanted)):
            return SetType(_resolve_elements(inners, wanted))
        case (ObjectType(), MapType(wanted)):
            return MapType(_resolve_elements(tuple(source.attributes.values()), wanted))
        case (ObjectType(), ObjectType()):
            return ObjectType(
                {
                    name: resolve_dynamic(source.attributes.get(name, DYNAMIC), wanted)
                    if wanted != DYNAMIC or name in source.attributes
                    else DYNAMIC
                    for name, wanted in target.attributes.items()
                }
            )
        case (MapType(inner), ObjectType()):
            return ObjectType(
                {name: resolve_dynamic(inner, t) for name, t in target.attributes.items()}
            )
        case (TupleType(inners), TupleType(wanteds)) if len(inners) == len(wanteds):
            return TupleType(tuple(map(resolve_dynamic, inners, wanteds)))
        case _:
            return without_optional(target)


def _resolve_elements(inners: tuple[Type, ...], wanted: Type) -> Type:
    unified = unify(resolve_dynamic(inner, wanted) for inner in inners)
    return unified if unified is not None else without_optional(wanted)
