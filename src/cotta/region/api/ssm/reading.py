"""Find parameters: by name, by path, by filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.pages import page
from cotta.region.api.ssm.encoding import PUBLIC, encode_description, encode_parameter
from cotta.region.store.kinds import PARAMETERS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Parameter
    from cotta.region.store.store import Reading

# A name may be an ARN, and may have a version or a label behind a colon.
_ARN: Final = re.compile(r"arn:aws:ssm:[a-z0-9-]*:(?:[0-9]{12})?:parameter(/.+)")
_USUAL_PAGE: Final = 10
_USUAL_DESCRIPTIONS: Final = 50


def get_parameter(call: Call, rows: Reading) -> Answer:
    """Return one parameter."""
    found = _find(call.parameters["Name"], call, rows)
    if isinstance(found, ApiError):
        raise found
    return {"Parameter": found}


def get_parameters(call: Call, rows: Reading) -> Answer:
    """Return parameters by their names, and the names that are none."""
    names = call.parameters["Names"]
    found = {name: _find(name, call, rows) for name in names}
    return {
        "Parameters": [one for one in found.values() if not isinstance(one, ApiError)],
        "InvalidParameters": [name for name, one in found.items() if isinstance(one, ApiError)],
    }


def get_by_path(call: Call, rows: Reading) -> Answer:
    """Return the parameters below a path, or only those right below it."""
    path = call.parameters["Path"]
    if not path.startswith("/"):
        raise ApiError(
            "ValidationException",
            f"The parameter doesn't meet the parameter name requirements. The path {path} must "
            'begin with a forward slash "/".',
        )
    below = path.rstrip("/") + "/"
    is_recursive = call.parameters.get("Recursive", False)
    found = [
        parameter
        for parameter in rows.all(PARAMETERS)
        if parameter.name.startswith(below)
        and (is_recursive or "/" not in parameter.name.removeprefix(below))
    ]
    shown, token = _page(_select(call, found), call, _USUAL_PAGE)
    return {"Parameters": [encode_parameter(one, call) for one in shown], "NextToken": token}


def describe_parameters(call: Call, rows: Reading) -> Answer:
    """List the account's own parameters, without their values."""
    own = [one for one in rows.all(PARAMETERS) if not one.name.startswith(PUBLIC)]
    for given in call.parameters.get("Filters", ()):
        own = [one for one in own if _old_field(given["Key"], one) in given["Values"]]
    shown, token = _page(_select(call, own), call, _USUAL_DESCRIPTIONS)
    return {"Parameters": [encode_description(one, call) for one in shown], "NextToken": token}


def require_parameter(rows: Reading, name: str) -> Parameter:
    """Return a parameter by its name or ARN; `ApiError` if there is none."""
    found = rows.find(PARAMETERS, plain_name(name, rows))
    if found is None:
        raise _not_found(name)
    return found


def plain_name(given: str, rows: Reading) -> str:
    """Return the name that is meant: an ARN has it at its end, with a slash that may be its own."""
    match = _ARN.fullmatch(given)
    if match is None:
        return given
    name = match[1]
    return name if rows.find(PARAMETERS, name) is not None else name[1:]


def _find(given: str, call: Call, rows: Reading) -> dict[str, Any] | ApiError:
    name = plain_name(given, rows)
    found = rows.find(PARAMETERS, name)
    if found is not None:
        return encode_parameter(found, call)
    name, colon, selector = given.rpartition(":")
    found = rows.find(PARAMETERS, plain_name(name, rows)) if colon else None
    if found is None:
        return _not_found(given)
    if selector != str(found.version):
        return ApiError(
            "ParameterVersionNotFound",
            f"Systems Manager could not find version {selector} of {name}. Only the latest one, "
            f"{found.version}, is kept here.",
        )
    return encode_parameter(found, call, f":{selector}")


def _not_found(name: str) -> ApiError:
    return ApiError("ParameterNotFound", f"The parameter {name} does not exist.")


def _page(found: Iterable[Parameter], call: Call, usual: int) -> tuple[list[Parameter], str | None]:
    return page(
        found,
        key=PARAMETERS.key,
        token=call.parameters.get("NextToken"),
        most=call.parameters.get("MaxResults", usual),
        refusal="InvalidNextToken",
    )


# --- filters --------------------------------------------------------------------------


def _select(call: Call, found: Iterable[Parameter]) -> list[Parameter]:
    """Return the parameters that all the filters of a request let through."""
    chosen = list(found)
    for given in call.parameters.get("ParameterFilters", ()):
        matches = _matching(given)
        chosen = [parameter for parameter in chosen if matches(parameter)]
    return chosen


def _matching(given: Mapping[str, Any]) -> Callable[[Parameter], bool]:
    key, option, values = given["Key"], given.get("Option"), given.get("Values", [])
    if key.startswith("tag:"):
        tag = key.removeprefix("tag:")
        return lambda one: tag in one.tags and (not values or one.tags[tag] in values)
    if key == "Path":
        return lambda one: any(_is_below(one.name, path, option or "OneLevel") for path in values)
    field = _FIELDS.get(key)
    if field is None:
        raise ApiError(
            "InvalidFilterKey",
            f"The filter key {key} is not valid. There are: {', '.join(sorted(_FIELDS))}, Path, "
            "tag:KEY.",
        )
    compare = _OPTIONS.get(option or "Equals")
    if compare is None:
        raise ApiError(
            "InvalidFilterOption",
            f"The filter option {option} is not valid. Valid options include: "
            f"[{', '.join(_OPTIONS)}]",
        )
    return lambda one: any(compare(field(one), value) for value in values)


_FIELDS: Final[Mapping[str, Callable[[Parameter], str]]] = {
    "Name": lambda one: one.name,
    "Type": lambda one: one.kind,
    "DataType": lambda one: one.data_type,
    "Tier": lambda one: one.tier,
}

_OPTIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": lambda text, value: text == value,
    "BeginsWith": lambda text, value: text.startswith(value),
    "Contains": lambda text, value: value in text,
}


def _is_below(name: str, path: str, option: str) -> bool:
    below = path.rstrip("/") + "/"
    is_deep = "/" in name.removeprefix(below)
    return name.startswith(below) and (option == "Recursive" or not is_deep)


def _old_field(key: str, parameter: Parameter) -> str:
    return {"Name": parameter.name, "Type": parameter.kind}.get(key, "")


OPERATIONS: Final[Operations] = {
    "DescribeParameters": Reads(describe_parameters),
    "GetParameter": Reads(get_parameter),
    "GetParameters": Reads(get_parameters),
    "GetParametersByPath": Reads(get_by_path),
}
