"""`data "aws_caller_identity"`: whose credentials these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.declare import DataSource, computed, either
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    del config
    caller = on.session.caller()
    return {
        "account_id": caller.account,
        "arn": caller.arn,
        "id": caller.account,
        "user_id": caller.user_id,
    }


DATA_SOURCE: Final = DataSource(
    name="aws_caller_identity",
    fields={
        "account_id": computed(STRING),
        "arn": computed(STRING),
        "id": either(STRING),
        "user_id": computed(STRING),
    },
    read=_read,
)
