"""`data "aws_ssm_parameter"`: a value kept under a name; AWS publishes its newest images so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.declare import DataSource, computed, either, optional, required
from cotta.values.types import BOOL, NUMBER, STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    name = config["name"]
    decrypts = config["with_decryption"] is not False
    try:
        answer = on.call("ssm", "GetParameter", Name=name, WithDecryption=decrypts)
    except CloudError as error:
        if not error.is_missing:
            raise
        raise NothingFoundError(
            "No such parameter",
            f'There is no parameter named "{name}" in this account and region. Correct the name, '
            "or create the parameter first.",
            "name",
        ) from error
    found = answer["Parameter"]
    return {
        "arn": found["ARN"],
        "id": found["Name"],
        "insecure_value": "" if found["Type"] == "SecureString" else found["Value"],
        "type": found["Type"],
        "value": found["Value"],
        "version": found["Version"],
        "with_decryption": decrypts,
    }


DATA_SOURCE: Final = DataSource(
    name="aws_ssm_parameter",
    fields={
        "arn": computed(STRING),
        "id": either(STRING),
        "insecure_value": computed(STRING),
        "name": required(STRING),
        "type": computed(STRING),
        "value": computed(STRING, sensitive=True),
        "version": computed(NUMBER),
        "with_decryption": optional(BOOL),
    },
    read=_read,
)
