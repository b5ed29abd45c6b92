"""Signatures of functions as the record of `terraform metadata functions -json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.values.codec_json import encode_type
from cotta.values.functions import FunctionError, result_of
from cotta.values.types import DYNAMIC
from cotta.values.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.functions import Function, Parameter
    from cotta.values.types import Type

FORMAT_VERSION: Final = "1.0"


def encode_signatures(table: Mapping[str, Function]) -> dict[str, Any]:
    """Return the record of all functions of a dialect, sorted by name."""
    return {
        "format_version": FORMAT_VERSION,
        "function_signatures": {name: encode_signature(table[name]) for name in sorted(table)},
    }


def encode_signature(function: Function) -> dict[str, Any]:
    """Return the record of one function; what it hasn't is left out."""
    record: dict[str, Any] = {}
    if function.description:
        record["description"] = function.description
    record["return_type"] = encode_type(_declared_result(function))
    if function.parameters:
        record["parameters"] = [_encode_parameter(one) for one in function.parameters]
    if function.variadic is not None:
        record["variadic_parameter"] = _encode_parameter(function.variadic)
    return record


def _declared_result(function: Function) -> Type:
    """Return the type of a result of which only the parameters' types are known."""
    if function.lazy:
        return DYNAMIC if callable(function.result) else function.result
    declared = [*function.parameters, *([function.variadic] if function.variadic else [])]
    try:
        return result_of(function, [Unknown(parameter.type) for parameter in declared])
    except FunctionError:
        return DYNAMIC


def _encode_parameter(parameter: Parameter) -> dict[str, Any]:
    record: dict[str, Any] = {"name": parameter.name}
    if parameter.description:
        record["description"] = parameter.description
    if parameter.null:
        record["is_nullable"] = True
    record["type"] = encode_type(parameter.type)
    return record
