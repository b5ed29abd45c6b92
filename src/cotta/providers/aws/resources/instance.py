"""`aws_instance`: one machine, declared by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.fleets.follow import console_tail
from cotta.providers.aws.complaints import RollError
from cotta.providers.aws.connection import timeout
from cotta.providers.aws.declare import Resource
from cotta.providers.aws.image_words import tell_images
from cotta.providers.aws.instances.changing import WHILE_STOPPED, change_instance
from cotta.providers.aws.instances.fields import FIELDS
from cotta.providers.aws.instances.finding import (
    INSTANCE,
    VOLUMES,
    attributes_of,
    find_instance,
)
from cotta.providers.aws.instances.launching import launch

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft

_CREATION: Final = timedelta(minutes=10)
_DELETION: Final = timedelta(minutes=20)
# As long as IAM takes to tell EC2 of a new profile.
_PROPAGATION: Final = timedelta(minutes=2)


def _create(on: Connection, wanted: Fields) -> str:
    root = _root_device(on, wanted["ami"]) if wanted["root_block_device"] else None
    parameters = launch(on, wanted, root)
    start = on.clock.now()

    def attempt() -> str | None:
        try:
            # botocore adds a client token: a repeated call starts no second instance.
            answer = on.call("ec2", "RunInstances", **parameters)
        except CloudError as error:
            is_new_profile = (
                "iamInstanceProfile" in error.message or "IAM Instance" in error.message
            )
            if not is_new_profile or on.clock.now() - start > _PROPAGATION:
                raise
            return None
        return str(answer["Instances"][0]["InstanceId"])

    return str(on.wait(attempt, "the instance profile", at_most=_PROPAGATION * 2, pause=3))


def _root_device(on: Connection, image: str | None) -> str | None:
    if not image:
        return None
    answer = on.call("ec2", "DescribeImages", ImageIds=[image])
    return next((each.get("RootDeviceName") for each in answer["Images"]), None)


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    def look() -> bool | None:
        found = on.find(INSTANCE, id_)
        state = "pending" if found is None else found["State"]["Name"]
        if state in ("shutting-down", "terminated", "stopped") and found is not None:
            reason = found.get("StateReason", {}).get("Message", "AWS gave no reason")
            tail = console_tail(on.session, id_, 12)
            console = "\n\nIts console ends with:\n\n    " + "\n    ".join(tail) if tail else ""
            raise RollError(
                "The instance did not come up", f"{id_} is {state}: {reason.rstrip('.')}.{console}"
            )
        return True if state == "running" else None

    on.wait(look, f"{id_} to run", at_most=timeout(wanted, "create", _CREATION), pause=3)
    if wanted["source_dest_check"] is False:
        on.call("ec2", "ModifyInstanceAttribute", InstanceId=id_, SourceDestCheck={"Value": False})


def _read(on: Connection, prior: Fields) -> Fields | None:
    found = find_instance(on, prior["id"])
    return None if found is None else attributes_of(on, found, prior)


def _delete(on: Connection, prior: Fields) -> None:
    id_ = prior["id"]
    for name, member in (
        ("disable_api_termination", "DisableApiTermination"),
        ("disable_api_stop", "DisableApiStop"),
    ):
        if prior.get(name):
            on.call("ec2", "ModifyInstanceAttribute", InstanceId=id_, **{member: {"Value": False}})
    on.call("ec2", "TerminateInstances", InstanceIds=[id_])

    def look() -> bool | None:
        found = on.find(INSTANCE, id_)
        return True if found is None or found["State"]["Name"] == "terminated" else None

    on.wait(look, f"the end of {id_}", at_most=timeout(prior, "delete", _DELETION), pause=3)


def _customise(draft: Draft) -> None:
    if draft.is_new:
        return
    tell_images(draft, "ami")
    if not draft.planned["credit_specification"]:
        # Credits can be changed, not taken away.
        draft.planned["credit_specification"] = draft.prior["credit_specification"]
    replaces = draft.planned["user_data_replace_on_change"]
    for name in ("user_data", "user_data_base64"):
        if replaces and draft.has_changed(name):
            draft.must_replace(name)
    if not draft.replace and draft.has_changed(*WHILE_STOPPED):
        # A public address is another one after a stop.
        draft.open("public_dns", "public_ip")


RESOURCE: Final = Resource(
    name="aws_instance",
    version=1,
    fields=FIELDS,
    create=_create,
    settle=_settle,
    read=_read,
    update=change_instance,
    delete=_delete,
    customise=_customise,
    lookups=lambda prior: [(INSTANCE, prior["id"]), (VOLUMES, prior["id"])],
)
