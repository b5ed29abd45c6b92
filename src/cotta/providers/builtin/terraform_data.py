"""`terraform_data`: an object that lives in the state only.

Its `output` is its `input` once applied; a new value of `triggers_replace`
makes a new object.  Nothing outside the process is asked or changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.providers import DEFAULT_HOST
from cotta.diagnostics.diagnostics import Severity
from cotta.providers.interface import (
    ApplyResponse,
    ImportedObject,
    ImportResponse,
    MoveResponse,
    PlanResponse,
    ProviderDiagnostic,
    UpgradeResponse,
)
from cotta.schemas.model import Attribute, Block, Schema
from cotta.values.codec_json import CodecError, decode_json
from cotta.values.paths import AttributePath
from cotta.values.types import DYNAMIC, STRING, MapType, ObjectType
from cotta.values.value import (
    ANY_NULL,
    NOT_NULL,
    Null,
    ObjectValue,
    Unknown,
    is_null,
    make_string,
    same,
    type_of,
)

if TYPE_CHECKING:
    from cotta.providers.interface import (
        ApplyRequest,
        Complaints,
        MoveRequest,
        PlanRequest,
    )
    from cotta.system.ids import IdSource
    from cotta.values.json_text import Json
    from cotta.values.value import Value

NAME: Final = "terraform_data"

SCHEMA: Final = Schema(
    Block(
        attributes={
            "id": Attribute(type=STRING, computed=True),
            "input": Attribute(type=DYNAMIC, optional=True),
            "output": Attribute(type=DYNAMIC, computed=True),
            "triggers_replace": Attribute(type=DYNAMIC, optional=True),
        }
    )
)

_TYPE: Final = SCHEMA.block.implied_type
_NOTHING: Final = Null(_TYPE)
_NEW_ID: Final = Unknown(STRING, NOT_NULL)
_TRIGGERS: Final = (AttributePath("triggers_replace"),)


def validate(config: Value) -> Complaints:
    """Return a complaint for each attribute that only the provider sets."""
    assert type(config) is ObjectValue
    return tuple(
        ProviderDiagnostic(
            summary=f'"{name}" attribute is read-only',
            detail=f'The provider sets "{name}" itself; take it out of the configuration.',
            path=(AttributePath(name),),
        )
        for name in ("id", "output")
        if not is_null(config.attributes[name])
    )


def plan(request: PlanRequest) -> PlanResponse:
    """Return what would become of an object."""
    proposed, prior = request.proposed, request.prior
    if type(proposed) is not ObjectValue:
        return PlanResponse(planned=proposed)
    wanted = proposed.attributes
    if type(prior) is not ObjectValue:
        return PlanResponse(planned=_new_object(wanted))
    had = prior.attributes
    if not same(had["triggers_replace"], wanted["triggers_replace"]):
        return PlanResponse(planned=_new_object(wanted), replace=(_TRIGGERS,))
    if not same(had["input"], wanted["input"]):
        output = Unknown(type_of(wanted["input"]))
        return PlanResponse(planned=ObjectValue(wanted | {"output": output}))
    return PlanResponse(planned=proposed)


def _new_object(wanted: dict[str, Value]) -> ObjectValue:
    given = wanted["input"]
    # The output's type is the input's, whatever the value will be.
    output = given if type(given) is Null else Unknown(type_of(given))
    return ObjectValue(
        {
            "id": _NEW_ID,
            "input": given,
            "output": output,
            "triggers_replace": wanted["triggers_replace"],
        }
    )


def apply(request: ApplyRequest, ids: IdSource) -> ApplyResponse:
    """Return the object as it is from now on."""
    planned = request.planned
    if type(planned) is not ObjectValue:
        return ApplyResponse(state=planned)
    attributes = dict(planned.attributes)
    if type(attributes["output"]) is Unknown:
        attributes["output"] = attributes["input"]
    if type(attributes["id"]) is Unknown:
        attributes["id"] = ids.uuid()
    return ApplyResponse(state=ObjectValue(attributes))


def upgrade(stored: Json) -> UpgradeResponse:
    """Return a stored object; there has only been one form of it."""
    try:
        return UpgradeResponse(state=decode_json(stored, _TYPE))
    except CodecError as error:
        return UpgradeResponse(state=_NOTHING, complaints=(_unreadable(str(error)),))


def import_(id_: str) -> ImportResponse:
    """Return an object of which only the id is known."""
    state = ObjectValue(
        {
            "id": make_string(id_),
            "input": ANY_NULL,
            "output": ANY_NULL,
            "triggers_replace": ANY_NULL,
        }
    )
    return ImportResponse(objects=(ImportedObject(type=NAME, state=state),))


_NULL_RESOURCE: Final = ObjectType({"id": STRING, "triggers": MapType(STRING)})
_NULL_PROVIDER: Final = f"{DEFAULT_HOST}/hashicorp/null"


def move(request: MoveRequest) -> MoveResponse:
    """Return a `null_resource` as a `terraform_data`; its triggers go on triggering."""
    if request.source_type != "null_resource" or request.source_provider != _NULL_PROVIDER:
        return MoveResponse(
            state=_NOTHING,
            complaints=(
                ProviderDiagnostic(
                    summary="Unsupported source provider for move operation",
                    detail=f"Only a null_resource of {_NULL_PROVIDER} can become a {NAME}, and "
                    f"this is a {request.source_type} of {request.source_provider}.",
                ),
            ),
        )
    try:
        moved = decode_json(request.source_state, _NULL_RESOURCE)
    except CodecError as error:
        return MoveResponse(state=_NOTHING, complaints=(_unreadable(str(error)),))
    assert type(moved) is ObjectValue
    triggers = moved.attributes["triggers"]
    return MoveResponse(
        state=ObjectValue(
            {
                "id": moved.attributes["id"],
                "input": ANY_NULL,
                "output": ANY_NULL,
                "triggers_replace": ANY_NULL if type(triggers) is Null else triggers,
            }
        )
    )


def _unreadable(why: str) -> ProviderDiagnostic:
    return ProviderDiagnostic(
        severity=Severity.ERROR,
        summary="Unreadable object in the state",
        detail=f"The state's record of this object does not fit the schema of {NAME}: {why}. "
        "If the state file was edited by hand, restore it from a backup.",
    )
