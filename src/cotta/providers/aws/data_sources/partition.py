"""`data "aws_partition"`: the part of AWS that the region belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.declare import DataSource, computed, either
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_SUFFIXES: Final = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}


def _read(on: Connection, config: Fields) -> Fields:
    del config
    partition = on.session.partition()
    suffix = _SUFFIXES.get(partition, "amazonaws.com")
    return {
        "dns_suffix": suffix,
        "id": partition,
        "partition": partition,
        "reverse_dns_prefix": ".".join(reversed(suffix.split("."))),
    }


DATA_SOURCE: Final = DataSource(
    name="aws_partition",
    fields={
        "dns_suffix": computed(STRING),
        "id": either(STRING),
        "partition": computed(STRING),
        "reverse_dns_prefix": computed(STRING),
    },
    read=_read,
)
