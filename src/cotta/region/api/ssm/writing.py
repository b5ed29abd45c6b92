"""Write parameters and their tags."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ssm.encoding import PUBLIC
from cotta.region.api.ssm.reading import plain_name, require_parameter
from cotta.region.model import ImageState, Parameter
from cotta.region.store.kinds import IMAGES, PARAMETERS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

_NAME: Final = re.compile(r"[\w./-]+", re.ASCII)
_LONGEST_NAME: Final = 1011
_DEEPEST: Final = 15
_IMAGE: Final = "aws:ec2:image"
_DATA_TYPES: Final = ("text", _IMAGE, "aws:ssm:integration")
_LARGEST: Final = {"Standard": 4096, "Intelligent-Tiering": 4096, "Advanced": 8192}
_MOST_TAGS: Final = 50


def put_parameter(call: Call, rows: Writing) -> Answer:
    """Write a parameter; one that is there already only if that is wanted."""
    given = call.parameters
    name = _check_name(given["Name"])
    before = rows.find(PARAMETERS, name)
    if before is not None and not given.get("Overwrite", False):
        raise ApiError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in "
            "the request to true.",
        )
    if before is not None and given.get("Tags"):
        raise _invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter "
            "with tags, please remove overwrite flag."
        )
    kind = given.get("Type") or (before.kind if before is not None else None)
    if kind is None:
        raise _invalid("A parameter type is required when you create a parameter.")
    kept = _kept(before)
    kept |= {field: given[member] for member, field in _MEMBERS.items() if member in given}
    parameter = Parameter(
        name=name,
        value=given["Value"],
        kind=kind,
        version=before.version + 1 if before is not None else 1,
        modified_at=call.now,
        modified_by=call.caller.arn,
        tags=_with_tags(before.tags if before is not None else {}, given.get("Tags", ())),
        **kept,
    )
    _check_value(parameter, rows)
    rows.put(PARAMETERS, parameter)
    return {"Version": parameter.version, "Tier": parameter.tier}


_MEMBERS: Final = {
    "Description": "description",
    "DataType": "data_type",
    "AllowedPattern": "allowed_pattern",
    "Tier": "tier",
}


def _kept(before: Parameter | None) -> dict[str, Any]:
    """Return what a parameter keeps unless a request says otherwise."""
    if before is None:
        return {}
    return {field: getattr(before, field) for field in _MEMBERS.values()}


def delete_parameter(call: Call, rows: Writing) -> Answer:
    """Delete a parameter."""
    name = call.parameters["Name"]
    if name.startswith(PUBLIC) or not rows.remove(PARAMETERS, plain_name(name, rows)):
        raise ApiError("ParameterNotFound", f"The parameter {name} does not exist.")
    return {}


def delete_parameters(call: Call, rows: Writing) -> Answer:
    """Delete parameters; say which names were none."""
    names = list(dict.fromkeys(call.parameters["Names"]))
    deleted = [
        name
        for name in names
        if not name.startswith(PUBLIC) and rows.remove(PARAMETERS, plain_name(name, rows))
    ]
    missing = [name for name in names if name not in deleted]
    return {"DeletedParameters": deleted, "InvalidParameters": missing}


# --- tags -----------------------------------------------------------------------------


def add_tags(call: Call, rows: Writing) -> Answer:
    """Add tags to a parameter."""
    parameter = _tagged(call, rows)
    tags = _with_tags(parameter.tags, call.parameters["Tags"])
    rows.put(PARAMETERS, replace(parameter, tags=tags))
    return {}


def remove_tags(call: Call, rows: Writing) -> Answer:
    """Take tags from a parameter."""
    parameter, keys = _tagged(call, rows), call.parameters["TagKeys"]
    kept = {key: value for key, value in parameter.tags.items() if key not in keys}
    rows.put(PARAMETERS, replace(parameter, tags=kept))
    return {}


def list_tags(call: Call, rows: Reading) -> Answer:
    """List a parameter's tags."""
    tags = _tagged(call, rows).tags
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _tagged(call: Call, rows: Reading) -> Parameter:
    kind, name = call.parameters["ResourceType"], call.parameters["ResourceId"]
    if kind != "Parameter":
        raise ApiError(
            "InvalidResourceType",
            f"{kind} is not a valid resource type here: the local region has Parameter.",
        )
    try:
        return require_parameter(rows, name)
    except ApiError:
        raise ApiError("InvalidResourceId", f"The resource {name} does not exist.") from None


def _with_tags(before: Mapping[str, str], given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    after = {**before, **{one["Key"]: one["Value"] for one in given}}
    if any(key.lower().startswith("aws:") for key in after):
        raise _invalid("Tag keys beginning with aws: are reserved.")
    if len(after) > _MOST_TAGS:
        raise ApiError("TooManyTagsError", f"A parameter has {_MOST_TAGS} tags at most.")
    return after


# --- what is refused ------------------------------------------------------------------


def _check_name(name: str) -> str:
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME:
        raise _invalid(
            "Parameter name: can't be longer than 1011 characters, and consists of letters, "
            "digits and the symbols . - _ only; slashes part its levels."
        )
    if "/" in name and not name.startswith("/"):
        raise _invalid(
            "Parameter name must be a fully qualified name: it has to begin with a slash."
        )
    if name.endswith("/") or "//" in name:
        raise _invalid("Parameter name: a level of the hierarchy can't be empty.")
    if name.lower().lstrip("/").startswith("aws"):
        raise ApiError("AccessDeniedException", f"No access to reserved parameter name: {name}.")
    if name.lower().lstrip("/").startswith("ssm"):
        raise _invalid('Parameter name: can\'t be prefixed with "ssm" (case-insensitive).')
    if name.count("/") > _DEEPEST:
        raise ApiError(
            "HierarchyLevelLimitExceededException",
            f"A hierarchy can have {_DEEPEST} levels at most.",
        )
    return name


def _check_value(parameter: Parameter, rows: Reading) -> None:
    value, pattern = parameter.value, parameter.allowed_pattern
    if not value:
        raise _invalid("The value of a parameter can't be empty.")
    largest = _LARGEST[parameter.tier]
    if len(value.encode()) > largest:
        raise _invalid(
            f"{parameter.tier} tier parameters support a maximum parameter value of {largest} "
            "characters. To create a larger parameter value, upgrade the parameter to use the "
            "advanced-parameter tier."
        )
    if parameter.data_type not in _DATA_TYPES:
        raise _invalid(
            f"The following data type is not supported: {parameter.data_type} (Data type names "
            "are all lower case)"
        )
    if parameter.data_type == _IMAGE:
        image = rows.find(IMAGES, value)
        if image is None or image.state is not ImageState.AVAILABLE:
            raise _invalid(f"The image {value} is not there, and the parameter is to name one.")
    if pattern is not None and not _matches(pattern, value):
        raise ApiError(
            "ParameterPatternMismatchException",
            "Parameter value, cannot be validated against allowedPattern: " + pattern,
        )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        raise ApiError(
            "InvalidAllowedPatternException", f"The pattern is no regular expression: {pattern}"
        ) from None


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


OPERATIONS: Final[Operations] = {
    "AddTagsToResource": Writes(add_tags),
    "DeleteParameter": Writes(delete_parameter),
    "DeleteParameters": Writes(delete_parameters),
    "ListTagsForResource": Reads(list_tags),
    "PutParameter": Writes(put_parameter),
    "RemoveTagsFromResource": Writes(remove_tags),
}
