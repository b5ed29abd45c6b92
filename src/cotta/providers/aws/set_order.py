"""The order in which the official provider goes through a set: by checksums of its elements.

It shows where a set becomes a list: in a policy's principals, in the order of
requests.  Pure.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from cotta.values.numbers import BigFloat, format_number
from cotta.values.types import BOOL, NUMBER
from cotta.values.value import ListValue, MapValue, Null, ObjectValue, SetValue

if TYPE_CHECKING:
    from cotta.values.value import Value


def in_set_order(value: Value) -> list[Value]:
    """Return the elements of a known set in the official order; of anything else none."""
    if type(value) is not SetValue:
        return []
    # The checksums are compared as texts: 10 comes before 9.
    return sorted(value.elements, key=lambda element: str(checksum(_summed(element))))


def checksum(text: str) -> int:
    """Return the number by which the official provider knows a text; also the id of a document."""
    return zlib.crc32(text.encode())


def _summed(element: Value) -> str:
    """Return an element as the text of which the checksum is taken."""
    if type(element) is ObjectValue:
        return "".join(f"{name}:{_text(each)}" for name, each in element.attributes.items())
    return _text(element)


def _member(element: Value) -> str:
    return f"<{_summed(element)}>;" if type(element) is ObjectValue else _text(element)


def _text(value: Value) -> str:
    match value:
        case bool():
            return "1;" if value else "0;"
        case str():
            return f"{value};"
        case int() | BigFloat():
            return f"{format_number(value)};"
        case ListValue():
            return f"({''.join(map(_member, value.elements))});"
        case SetValue():
            return f"{{{''.join(map(_member, in_set_order(value)))}}};"
        case MapValue():
            inside = "".join(f"{key}:{_text(each)}" for key, each in value.elements.items())
            return f"[{inside}];"
        case Null() if value.type in (BOOL, NUMBER):
            # What is not set has the zero of its type there.
            return "0;"
        case _:
            return ";"
