"""Conditions of rules, from the API's form and back."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.elbv2.lookups import validation_error
from cotta.region.model import Condition, QueryPair
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The structure of each field; those that take plain `Values` too are in `_SIMPLE`.
_CONFIGS: Final[Mapping[str, str]] = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_SIMPLE: Final = frozenset({"host-header", "path-pattern"})
_MOST_VALUES: Final = 5
_LONGEST: Final = 128
_METHOD: Final = re.compile(r"[A-Z_-]{1,40}")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}")


def decode_conditions(given: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Return the conditions of a rule: five values at most, and each field but two only once."""
    conditions = tuple(_decode(one) for one in given)
    if not conditions:
        raise validation_error("A condition must be specified")
    for field in _CONFIGS.keys() - {"http-header", "query-string"}:
        if sum(one.field == field for one in conditions) > 1:
            raise validation_error(f"Rules may have only one condition of the field '{field}'")
    if sum(len(one.values) + len(one.pairs) for one in conditions) > _MOST_VALUES:
        raise ApiError(
            "TooManyRules", f"Rules cannot have more than {_MOST_VALUES} condition values", 400
        )
    return conditions


def _decode(given: Mapping[str, Any]) -> Condition:
    field = given.get("Field") or _implied_field(given)
    if field not in _CONFIGS:
        raise validation_error(
            f"Condition field '{field}' must be one of '[{', '.join(sorted(_CONFIGS))}]'"
        )
    if given.get("RegexValues"):
        raise validation_error("Conditions by regular expression are not provided here")
    config = given.get(_CONFIGS[field])
    is_simple = config is None
    if is_simple and (field not in _SIMPLE or not given.get("Values")):
        raise validation_error(f"A condition of '{field}' needs {_CONFIGS[field]} with values")
    values = given.get("Values", ()) if is_simple else (config or {}).get("Values", ())
    if field == "query-string":
        pairs = tuple(QueryPair(one.get("Key") or None, one["Value"]) for one in values)
        _check_texts([text for pair in pairs for text in (pair.key, pair.value) if text], field)
        return Condition(field=field, pairs=pairs)
    header = (config or {}).get("HttpHeaderName") if field == "http-header" else None
    if field == "http-header" and not (header and _HEADER.fullmatch(header)):
        raise validation_error(f"The header name '{header or ''}' is not valid")
    _check_texts(values, field)
    return Condition(field=field, values=tuple(values), header=header, is_simple=is_simple)


def _implied_field(given: Mapping[str, Any]) -> str:
    return next((field for field, name in _CONFIGS.items() if name in given), "")


def _check_texts(values: Iterable[str], field: str) -> None:
    texts = list(values)
    if not texts:
        raise validation_error(f"A condition of '{field}' needs values")
    for text in texts:
        if not text or len(text) > _LONGEST or any(ord(one) < ord(" ") for one in text):
            raise validation_error(
                f"The value '{text}' of '{field}' must be 1 to {_LONGEST} printable characters"
            )
        if field == "http-request-method" and not _METHOD.fullmatch(text):
            raise validation_error(f"The method '{text}' is not valid: it is in capital letters")
        if field == "source-ip" and not _is_range(text):
            raise validation_error(f"'{text}' must be a range of addresses in CIDR format")


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text


def encode_conditions(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Return conditions as the API lists them."""
    return [_encode(one) for one in conditions]


def _encode(condition: Condition) -> dict[str, Any]:
    config: dict[str, Any]
    if condition.field == "query-string":
        config = {"Values": [{"Key": one.key, "Value": one.value} for one in condition.pairs]}
    else:
        config = {"Values": list(condition.values)}
    if condition.header is not None:
        config["HttpHeaderName"] = condition.header
    encoded = {"Field": condition.field, _CONFIGS[condition.field]: config}
    if condition.field in _SIMPLE:
        encoded["Values"] = list(condition.values)
    return encoded
