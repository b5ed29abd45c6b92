"""The Security Token Service: who the caller is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Reads

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading


def get_caller_identity(call: Call, _rows: Reading) -> Answer:
    """Say who calls."""
    return {"UserId": call.caller.user_id, "Account": call.account.id, "Arn": call.caller.arn}


OPERATIONS: Final[Operations] = {
    "GetCallerIdentity": Reads(get_caller_identity),
}
