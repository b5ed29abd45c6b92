"""An object made, changed or ended; whatever goes wrong, the answer says what there is now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.waits import WaitEndedError
from cotta.providers.aws.complaints import RollError, complain, complain_of_wait
from cotta.providers.aws.plain import decode, encode, without_unknown
from cotta.providers.aws.planning import merge_found, shape
from cotta.providers.interface import ApplyResponse, ProviderDiagnostic
from cotta.values.value import Null

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields, Resource
    from cotta.providers.interface import ApplyRequest, Complaints

# A service may know only after a while what it has just made itself.
_VISIBLE: Final = timedelta(minutes=2)

_WORLD: Final = (CloudError, WaitEndedError, RollError)


def apply_resource(
    resource: Resource, connection: Connection, request: ApplyRequest
) -> ApplyResponse:
    """Create, change or destroy one object; the answer has what there is then, after errors too."""
    on = replace(connection, say=request.say, ask=request.ask, config=decode(request.config) or {})
    if type(request.planned) is Null:
        return _delete(resource, on, request)
    planned: Fields = decode(request.planned)
    wanted = without_unknown(planned)
    if type(request.prior) is Null:
        return _create(resource, on, planned, wanted)
    prior: Fields = decode(request.prior)
    complaints: Complaints = ()
    if resource.update is not None:
        try:
            resource.update(on, prior, wanted)
        except _WORLD as error:
            complaints = (complaint_of(error, f"Changing {resource.name} {prior.get('id')}"),)
    # Where the change failed, what is known for certain is what was there before.
    base = prior if complaints else planned
    state, more = _look(resource, on, base, is_new=False)
    return _answer(resource, state, complaints + more)


def _create(resource: Resource, on: Connection, planned: Fields, wanted: Fields) -> ApplyResponse:
    doing = f"Creating {resource.name}"
    try:
        id_ = resource.create(on, wanted)
    except _WORLD as error:
        return _answer(resource, None, (complaint_of(error, doing),))
    complaints: Complaints = ()
    is_new = True
    if resource.settle is not None:
        try:
            resource.settle(on, wanted, id_)
        except _WORLD as error:
            complaints = (complaint_of(error, f"{doing} {id_}"),)
            # Whoever came to nothing has been seen: if it isn't there now, it is gone.
            is_new = not isinstance(error, RollError)
    state, more = _look(resource, on, {**planned, "id": id_}, is_new=is_new)
    return _answer(resource, state, complaints + more)


def _look(
    resource: Resource, on: Connection, base: Fields, *, is_new: bool
) -> tuple[Fields | None, Complaints]:
    """Return the object as it is; as it should be, with a complaint, if that can't be found out."""
    bare = without_unknown(base)
    what = f"{resource.name} {base['id']}"
    try:
        if is_new:
            found = on.wait(lambda: resource.read(on, bare), what, at_most=_VISIBLE, pause=2)
        else:
            found = resource.read(on, bare)
    except _WORLD as error:
        return bare, (complaint_of(error, f"Reading {what}"),)
    if found is None:
        return None, ()
    return merge_found(resource.fields, base, found), ()


def _delete(resource: Resource, on: Connection, request: ApplyRequest) -> ApplyResponse:
    prior: Fields = decode(request.prior)
    try:
        resource.delete(on, prior)
    except _WORLD as error:
        if not (isinstance(error, CloudError) and error.is_missing):
            complaint = complaint_of(error, f"Destroying {resource.name} {prior.get('id')}")
            return ApplyResponse(
                state=request.prior,
                private=request.private,
                is_lenient=True,
                complaints=(complaint,),
            )
    return _answer(resource, None, ())


def _answer(resource: Resource, state: Fields | None, complaints: Complaints) -> ApplyResponse:
    type_ = resource.schema.block.implied_type
    value = Null(type_) if state is None else encode(shape(resource.fields, state), type_)
    return ApplyResponse(state=value, is_lenient=True, complaints=complaints)


def complaint_of(error: CloudError | WaitEndedError | RollError, doing: str) -> ProviderDiagnostic:
    """Return the complaint about whatever of the world's went wrong."""
    if isinstance(error, CloudError):
        return complain(error, doing)
    if isinstance(error, WaitEndedError):
        return complain_of_wait(error, doing)
    return ProviderDiagnostic(summary=error.summary, detail=error.detail)
