"""The outcomes of checks for machines, in plans and states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.states.model import CheckObject, CheckResult
    from cotta.values.json_text import Json

_KINDS: Final = {"output": "output_value"}

_TEXT: Final = r'"(?P<name>(?:[^"\\]|\\.)*)"'
_ANY_KEY: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"(?P<module>(?:module\.[^.\[]+(?:{_ANY_KEY})?\.?)*)")
_INSTANCE_KEY: Final = re.compile(rf"\[(?:(?P<number>\d+)|{_TEXT})\]$")


def render_checks(checks: Iterable[CheckResult]) -> list[Json]:
    """Return the outcome of each block's checks, in the order of their addresses."""
    ordered = sorted(checks, key=lambda check: check.address)
    return [
        {
            "address": _render_address(check.kind, check.address),
            "status": check.status.value,
        }
        | _render_instances(check.objects)
        for check in ordered
    ]


def _render_instances(objects: Iterable[CheckObject]) -> dict[str, Json]:
    ordered = sorted(objects, key=lambda one: one.address)
    return {"instances": [_render_object(one) for one in ordered]} if ordered else {}


def _split(address: str) -> tuple[str, str]:
    """Return the module of an address, without the dot, and the rest."""
    found = _MODULE.match(address)
    module = found["module"] if found is not None else ""
    return module.rstrip("."), address[len(module) :]


def _render_address(kind: str, address: str) -> Json:
    module, rest = _split(address)
    rendered: dict[str, Json] = {"kind": _KINDS.get(kind, kind)}
    parts = rest.split(".")
    if kind == "resource":
        rendered["mode"] = "data" if parts[0] == "data" else "managed"
    if module:
        rendered["module"] = module
    rendered["name"] = parts[-1]
    rendered["to_display"] = address
    if kind == "resource":
        rendered["type"] = parts[-2]
    return rendered


def _render_object(one: CheckObject) -> Json:
    module, rest = _split(one.address)
    address: dict[str, Json] = {}
    key = _INSTANCE_KEY.search(rest)
    if key is not None:
        address["instance_key"] = (
            int(key["number"]) if key["number"] is not None else _unescape(key["name"])
        )
    if module:
        address["module"] = module
    address["to_display"] = one.address
    rendered: dict[str, Json] = {"address": address, "status": one.status.value}
    if one.failures:
        rendered["problems"] = [{"message": message} for message in one.failures]
    return rendered


_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


def _unescape(text: str) -> str:
    plain = re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text)
    return plain.replace("$${", "${").replace("%%{", "%{")
