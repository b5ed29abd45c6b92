"""Systems Manager: the parameter store, with the public parameters that name images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.store.kinds import PARAMETERS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Parameter
    from cotta.region.store.store import Reading


def get_parameter(call: Call, rows: Reading) -> Answer:
    """Return one parameter."""
    name = call.parameters["Name"]
    found = rows.find(PARAMETERS, name)
    if found is None:
        raise ApiError("ParameterNotFound", f"The parameter {name} does not exist.")
    return {"Parameter": _encode_parameter(found, call)}


def _encode_parameter(parameter: Parameter, call: Call) -> dict[str, Any]:
    separator = "" if parameter.name.startswith("/") else "/"
    return {
        "Name": parameter.name,
        "Type": parameter.kind,
        "Value": parameter.value,
        "Version": parameter.version,
        "LastModifiedDate": parameter.modified_at,
        "ARN": call.arn("ssm", f"parameter{separator}{parameter.name}"),
        "DataType": parameter.data_type,
    }


OPERATIONS: Final[Operations] = {
    "GetParameter": Reads(get_parameter),
}
