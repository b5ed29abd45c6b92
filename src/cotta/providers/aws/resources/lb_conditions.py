"""When a rule of a listener counts: blocks here, conditions on the wire.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.checks import each, is_cidr, length, matches
from cotta.providers.aws.declare import block, block_set, optional, required
from cotta.values.types import STRING, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields, Nested

# Block → field and member on the wire.
_SIMPLE: Final = {
    "host_header": ("host-header", "HostHeaderConfig"),
    "http_header": ("http-header", "HttpHeaderConfig"),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig"),
    "path_pattern": ("path-pattern", "PathPatternConfig"),
    "source_ip": ("source-ip", "SourceIpConfig"),
}
_KINDS: Final = (*_SIMPLE, "query_string")


def _values(*checks: Any) -> Any:
    return required(SetType(STRING), *(each(check) for check in checks))


_SHORT: Final = length(1, 128)

CONDITIONS: Final[Nested] = block_set(
    {
        "host_header": block({"values": _values(_SHORT)}),
        "http_header": block(
            {
                "http_header_name": required(
                    STRING,
                    matches(r"^[0-9A-Za-z_!#$%&'*+,.^`|~-]{1,40}$", "needs the name of a header"),
                ),
                "values": _values(_SHORT),
            }
        ),
        "http_request_method": block(
            {"values": _values(matches(r"^[A-Za-z_-]{1,40}$", "needs methods such as GET"))}
        ),
        "path_pattern": block({"values": _values(_SHORT)}),
        "query_string": block_set({"key": optional(STRING), "value": required(STRING)}),
        "source_ip": block({"values": _values(is_cidr)}),
    },
    at_least=1,
)


def encode_conditions(blocks: list[Fields]) -> list[Fields]:
    """Return the conditions that blocks stand for."""
    return [_encode(one) for one in blocks]


def _encode(one: Fields) -> Fields:
    if one["query_string"]:
        pairs = [
            {"Value": pair["value"], **({"Key": pair["key"]} if pair["key"] else {})}
            for pair in one["query_string"]
        ]
        return {"Field": "query-string", "QueryStringConfig": {"Values": pairs}}
    name = next(name for name in _SIMPLE if one[name])
    field, member = _SIMPLE[name]
    config: Fields = {"Values": one[name][0]["values"]}
    if name == "http_header":
        config["HttpHeaderName"] = one[name][0]["http_header_name"]
    return {"Field": field, member: config}


def found_conditions(conditions: list[Any]) -> list[Fields]:
    """Return the blocks that conditions stand for."""
    return [_found(one) for one in conditions]


def _found(condition: Any) -> Fields:
    block: Fields = {name: [] for name in _KINDS}
    field = condition["Field"]
    if field == "query-string":
        block["query_string"] = [
            {"key": pair.get("Key", ""), "value": pair["Value"]}
            for pair in condition["QueryStringConfig"]["Values"]
        ]
        return block
    name = field.replace("-", "_")
    config = condition.get(_SIMPLE[name][1]) or {}
    # Conditions of old rules have their values beside, not inside.
    inner: Fields = {"values": config.get("Values") or condition.get("Values", [])}
    if name == "http_header":
        inner["http_header_name"] = config.get("HttpHeaderName", "")
    block[name] = [inner]
    return block


def check_conditions(blocks: Any) -> list[tuple[str, str]]:
    """Return what is missing in blocks, or too much: (attribute, sentence)."""
    found: list[tuple[str, str]] = []
    for one in blocks if isinstance(blocks, list) else ():
        given = [name for name in _KINDS if one[name]]
        if len(given) != 1:
            words = " and ".join(given) if given else "none"
            wrong = (
                f"Each condition needs exactly one block ({', '.join(_KINDS)}), and here is one "
                f"with {words}. Write several conditions for several blocks."
            )
            found.append(("condition", wrong))
    return found
