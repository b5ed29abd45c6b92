"""Parameters as the API has them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cotta.region.api.calls import Call
    from cotta.region.model import Parameter

SECURE: Final = "SecureString"

# The public ones, which belong to nobody's account.
PUBLIC: Final = "/aws/service/"


def arn_of(call: Call, parameter: Parameter) -> str:
    """Return a parameter's ARN; a public one is in no account."""
    separator = "" if parameter.name.startswith("/") else "/"
    if parameter.name.startswith(PUBLIC):
        return f"arn:aws:ssm:{call.region}::parameter{parameter.name}"
    return call.arn("ssm", f"parameter{separator}{parameter.name}")


def encode_parameter(
    parameter: Parameter, call: Call, selector: str | None = None
) -> dict[str, Any]:
    """Return a parameter with its value.

    A secure one is given out in plain only on request; otherwise as something that tells
    nothing, the same each time.
    """
    is_hidden = parameter.kind == SECURE and not call.parameters.get("WithDecryption", False)
    return {
        "Name": parameter.name,
        "Type": parameter.kind,
        "Value": _hide(parameter) if is_hidden else parameter.value,
        "Version": parameter.version,
        "Selector": selector,
        "LastModifiedDate": parameter.modified_at,
        "ARN": arn_of(call, parameter),
        "DataType": parameter.data_type,
    }


def encode_description(parameter: Parameter, call: Call) -> dict[str, Any]:
    """Return a parameter without its value."""
    return {
        "Name": parameter.name,
        "ARN": arn_of(call, parameter),
        "Type": parameter.kind,
        "KeyId": "alias/aws/ssm" if parameter.kind == SECURE else None,
        "LastModifiedDate": parameter.modified_at,
        "LastModifiedUser": parameter.modified_by,
        "Description": parameter.description,
        "AllowedPattern": parameter.allowed_pattern,
        "Version": parameter.version,
        "Tier": parameter.tier,
        "Policies": [],
        "DataType": parameter.data_type,
    }


def _hide(parameter: Parameter) -> str:
    digest = hashlib.sha256(f"{parameter.name}:{parameter.version}".encode()).digest()
    return "AQICAHg" + base64.b64encode(digest * 4).decode()
