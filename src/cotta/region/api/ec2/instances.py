"""Instances: started, described, terminated.  Rows only: the controller boots and ends machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.instance_answers import (
    Around,
    encode_instance,
    encode_state,
    instance_fields,
)
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.api.filters import select, tag_fields
from cotta.region.api.pages import page
from cotta.region.launching import launch, read_launch, terminate
from cotta.region.store.kinds import INSTANCES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing


def run_instances(call: Call, rows: Writing) -> Answer:
    """Write down new instances."""
    wanted = read_launch(rows, call.parameters)
    instances = launch(rows, wanted, now=call.now, ids=call.ids, account=call.account)
    (reservation,) = _encode_reservations(instances, Around(call, rows))
    return reservation


def describe_instances(call: Call, rows: Reading) -> Answer:
    """List instances by the requests that started them."""
    given = call.parameters
    around = Around(call, rows)
    chosen = select(
        INSTANCE.require_all(rows, given.get("InstanceIds")),
        given.get("Filters"),
        instance_fields(around),
        tag_fields,
    )
    shown, token = page(
        chosen, key=INSTANCES.key, token=given.get("NextToken"), most=given.get("MaxResults")
    )
    return {"Reservations": _encode_reservations(shown, around), "NextToken": token}


def _encode_reservations(instances: Iterable[Instance], around: Around) -> list[dict[str, Any]]:
    reservations: dict[str, list[dict[str, Any]]] = {}
    for instance in instances:
        encoded = encode_instance(instance, around)
        reservations.setdefault(instance.reservation_id, []).append(encoded)
    return [
        {
            "ReservationId": reservation_id,
            "OwnerId": around.call.account.id,
            "Groups": [],
            "Instances": encoded,
        }
        for reservation_id, encoded in reservations.items()
    ]


def terminate_instances(call: Call, rows: Writing) -> Answer:
    """Have instances shut down for good, all of them or, if one is protected, none."""
    instances = INSTANCE.require_all(rows, call.parameters["InstanceIds"])
    for instance in instances:
        if instance.disable_api_termination:
            raise ApiError(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. Modify its "
                "'disableApiTermination' instance attribute and try again.",
            )
    changes = terminate(rows, [instance.id for instance in instances], call.now)
    return {"TerminatingInstances": [encode_change(before, after) for before, after in changes]}


def encode_change(before: Instance, after: Instance) -> dict[str, Any]:
    """Return a change of state as answers show it."""
    return {
        "InstanceId": after.id,
        "CurrentState": encode_state(after.state),
        "PreviousState": encode_state(before.state),
    }


OPERATIONS: Final[Operations] = {
    "DescribeInstances": Reads(describe_instances),
    "RunInstances": Writes(run_instances),
    "TerminateInstances": Writes(terminate_instances),
}
