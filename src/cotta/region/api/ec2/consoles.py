"""What instances' machines have said.  There is deliberately no other way into one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Acts, Reads
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.consoles import kept_console
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Store


def get_console_output(call: Call, store: Store) -> Answer:
    """Return the latest that an instance's machine has said."""
    with store.read() as rows:
        instance = INSTANCE.require(rows, call.parameters["InstanceId"])
        kept = kept_console(rows, instance.id)
    call.end_dry_run()
    said = call.console(instance.id) or kept
    return {
        "InstanceId": instance.id,
        "Timestamp": call.now,
        "Output": base64.b64encode(said).decode(),
    }


def get_password_data(call: Call, rows: Reading) -> Answer:
    """Refuse: passwords are for Windows."""
    instance = INSTANCE.require(rows, call.parameters["InstanceId"])
    raise ApiError(
        "UnsupportedOperation",
        f"The instance {instance.id} has no password: the local region runs Linux, which is "
        "reached by SSH with a key pair.",
    )


OPERATIONS: Final[Operations] = {
    "GetConsoleOutput": Acts(get_console_output),
    "GetPasswordData": Reads(get_password_data),
}
