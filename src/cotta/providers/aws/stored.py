"""Objects of a state file, in the form of the present schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.declare import Nested
from cotta.providers.interface import ProviderDiagnostic, UpgradeResponse
from cotta.schemas.model import Nesting
from cotta.values.codec_json import CodecError, decode_json
from cotta.values.value import Null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Field, Resource
    from cotta.values.json_text import Json


def read_stored(resource: Resource, version: int, stored: Json) -> UpgradeResponse:
    """Return a stored object.

    What the present schema has and the stored object lacks is null, what it
    does not have is dropped: both happen between releases of the official provider.
    """
    type_ = resource.schema.block.implied_type
    nothing = Null(type_)
    if not isinstance(stored, dict):
        return UpgradeResponse(
            state=nothing, complaints=(_unreadable(resource, "it is no object"),)
        )
    if version < resource.version:
        stored = resource.upgrade(version, dict(stored))
    try:
        return UpgradeResponse(state=decode_json(_fit(resource.fields, stored), type_))
    except CodecError as error:
        return UpgradeResponse(state=nothing, complaints=(_unreadable(resource, str(error)),))


def _fit(fields: Mapping[str, Field], stored: Any) -> Any:
    if not isinstance(stored, dict):
        return stored
    fitted: dict[str, Any] = {}
    for name, each in fields.items():
        value = stored.get(name)
        if isinstance(each, Nested):
            if each.nesting is Nesting.SINGLE:
                value = None if value is None else _fit(each.fields, value)
            else:
                value = [_fit(each.fields, one) for one in value or []]
        fitted[name] = value
    return fitted


def _unreadable(resource: Resource, why: str) -> ProviderDiagnostic:
    return ProviderDiagnostic(
        summary="Unreadable object in the state",
        detail=f"The state's record of this object does not fit the schema of {resource.name}: "
        f"{why}. If the state file was edited by hand, restore it from a backup.",
    )
