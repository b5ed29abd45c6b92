"""The options of the data sources, and what each answers with."""

from __future__ import annotations

from typing import Final

from cotta.builder.options.amazon import ACCESS, IMAGE_FILTER
from cotta.builder.options.declare import Kind, Option, Schema
from cotta.values.types import STRING, MapType, ObjectType

AMAZON_AMI: Final = Schema(checks=()).joined(IMAGE_FILTER, ACCESS)
AMAZON_AMI_ANSWER: Final = ObjectType(
    {
        "id": STRING,
        "name": STRING,
        "creation_date": STRING,
        "owner": STRING,
        "owner_name": STRING,
        "tags": MapType(STRING),
    }
)

NULL: Final = Schema(options=(Option(name="input", kind=Kind.TEXT, default=""),))
NULL_ANSWER: Final = ObjectType({"output": STRING})
