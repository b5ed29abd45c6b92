"""Which profile an instance has, and so the role whose credentials its metadata gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.api.filters import select
from cotta.region.api.pages import page
from cotta.region.launching.choices import find_profile
from cotta.region.model import InstanceId, InstanceState
from cotta.region.store.kinds import INSTANCE_PROFILES, INSTANCES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing

_PREFIX: Final = "iip-assoc-"
_ENDED: Final = frozenset({InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED})


def _association_id(instance: Instance) -> str:
    """Return the id of an instance's association: it has one at most, so it needs no row."""
    return f"{_PREFIX}{instance.id.removeprefix('i-')}"


def _associated(rows: Reading, association_id: str) -> Instance:
    instance = rows.find(INSTANCES, InstanceId(f"i-{association_id.removeprefix(_PREFIX)}"))
    if instance is None or instance.instance_profile is None:
        raise ApiError(
            "InvalidAssociationID.NotFound",
            f"An invalid association-id of '{association_id}' was given",
        )
    return instance


def _encode(instance: Instance, call: Call, rows: Reading, state: str) -> dict[str, Any]:
    profile = rows.find(INSTANCE_PROFILES, instance.instance_profile or "")
    return {
        "AssociationId": _association_id(instance),
        "InstanceId": instance.id,
        "IamInstanceProfile": (
            {"Arn": profile.arn, "Id": profile.id} if profile is not None else None
        ),
        "State": state,
        "Timestamp": call.now,
    }


def _read_profile(rows: Reading, given: Mapping[str, Any]) -> str:
    found = find_profile(rows, given.get("Name") or given.get("Arn"))
    if found is None:
        raise ApiError("MissingParameter", "The request must contain the profile's name or its ARN")
    return found


def associate(call: Call, rows: Writing) -> Answer:
    """Give an instance a profile."""
    given = call.parameters
    instance = INSTANCE.require(rows, given["InstanceId"])
    if instance.instance_profile is not None:
        raise ApiError(
            "IncorrectState", f"There is an existing association for instance {instance.id}"
        )
    if instance.state in _ENDED:
        raise ApiError(
            "IncorrectInstanceState",
            f"The instance '{instance.id}' is {instance.state.value}.",
        )
    name = _read_profile(rows, given["IamInstanceProfile"])
    instance = replace(instance, instance_profile=name)
    rows.put(INSTANCES, instance)
    return {"IamInstanceProfileAssociation": _encode(instance, call, rows, "associating")}


def replace_association(call: Call, rows: Writing) -> Answer:
    """Give an instance another profile."""
    given = call.parameters
    instance = _associated(rows, given["AssociationId"])
    name = _read_profile(rows, given["IamInstanceProfile"])
    instance = replace(instance, instance_profile=name)
    rows.put(INSTANCES, instance)
    return {"IamInstanceProfileAssociation": _encode(instance, call, rows, "associating")}


def disassociate(call: Call, rows: Writing) -> Answer:
    """Take an instance's profile away."""
    instance = _associated(rows, call.parameters["AssociationId"])
    answer = _encode(instance, call, rows, "disassociating")
    rows.put(INSTANCES, replace(instance, instance_profile=None))
    return {"IamInstanceProfileAssociation": answer}


def describe_associations(call: Call, rows: Reading) -> Answer:
    """List which instances have which profiles."""
    given = call.parameters
    ids = given.get("AssociationIds")
    instances = (
        [_associated(rows, one) for one in ids]
        if ids
        else [
            one
            for one in rows.all(INSTANCES)
            if one.instance_profile is not None and one.state not in _ENDED
        ]
    )
    fields: Fields[Instance] = {"instance-id": lambda it: it.id, "state": lambda _: "associated"}
    shown, token = page(
        select(instances, given.get("Filters"), fields),
        key=INSTANCES.key,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {
        "IamInstanceProfileAssociations": [_encode(one, call, rows, "associated") for one in shown],
        "NextToken": token,
    }


OPERATIONS: Final[Operations] = {
    "AssociateIamInstanceProfile": Writes(associate),
    "DescribeIamInstanceProfileAssociations": Reads(describe_associations),
    "DisassociateIamInstanceProfile": Writes(disassociate),
    "ReplaceIamInstanceProfileAssociation": Writes(replace_association),
}
