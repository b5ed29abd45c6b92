"""Outputs as `terraform output` prints them: text, JSON and raw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.states import fail
from cotta.cli.views.values import render_value
from cotta.values.codec_json import encode_json, encode_type
from cotta.values.json_text import write_json
from cotta.values.numbers import BigFloat, format_number
from cotta.values.types import friendly_name
from cotta.values.value import Null, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.states.model import StoredOutput
    from cotta.values.json_text import Json


def render_outputs(outputs: Mapping[str, StoredOutput]) -> str:
    """Return all outputs by name, sensitive ones hidden."""
    return "".join(
        f"{name} = {'<sensitive>' if one.is_sensitive else render_value(one.value)}\n"
        for name, one in sorted(outputs.items())
    )


def encode_outputs(outputs: Mapping[str, StoredOutput]) -> str:
    """Return all outputs as a JSON object, sensitive ones too."""
    tree: dict[str, Json] = {}
    for name, one in sorted(outputs.items()):
        type_ = type_of(one.value)
        tree[name] = {
            "sensitive": one.is_sensitive,
            "type": encode_type(type_),
            "value": encode_json(one.value, type_),
        }
    return write_json(tree, indent=2) + "\n"


def encode_value(output: StoredOutput) -> str:
    """Return the value of one output as JSON."""
    return write_json(encode_json(output.value, type_of(output.value))) + "\n"


def render_raw(name: str, output: StoredOutput) -> str:
    """Return the text of a string, number or bool; raise `DiagnosticsError` for others."""
    value = output.value
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int or type(value) is BigFloat:
        return format_number(value)
    what = "null" if type(value) is Null else friendly_name(type_of(value))
    raise fail(
        "Unsupported value for raw output",
        f'Only strings, numbers and bools can be printed as they are, and the output "{name}" '
        f"is {what}. -json prints everything.",
    )
