"""`aws_key_pair`: a public key under a name, for instances to be reached with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import length
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource, computed, either, required
from cotta.providers.aws.ec2_tags import tag_specifications, update_tags
from cotta.providers.aws.reading import by_filter
from cotta.providers.aws.tags import TAGS, as_dict
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_BY_NAME: Final = by_filter("ec2", "DescribeKeyPairs", "KeyPairs", "key-name", "KeyName")


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted, "key_name", "key_name_prefix")

    def make() -> str:
        answer = on.call(
            "ec2",
            "ImportKeyPair",
            KeyName=name,
            PublicKeyMaterial=wanted["public_key"].encode(),
            TagSpecifications=tag_specifications("key-pair", wanted["tags_all"]),
        )
        return str(answer["KeyName"])

    return make_or_adopt(make, lambda: _as_asked_for(on, name, wanted))


def _as_asked_for(on: Connection, name: str, wanted: Fields) -> str | None:
    made = on.find(_BY_NAME, name)
    if made is None or as_dict(made.get("Tags")) != (wanted["tags_all"] or {}):
        return None
    return name


def _read(on: Connection, prior: Fields) -> Fields | None:
    found = on.find(_BY_NAME, prior["id"])
    if found is None:
        return None
    name = found["KeyName"]
    return {
        "arn": on.arn("ec2", f"key-pair/{name}"),
        "fingerprint": found["KeyFingerprint"],
        "key_name": name,
        "key_name_prefix": prefix_of(name),
        "key_pair_id": found["KeyPairId"],
        "key_type": found.get("KeyType"),
        **on.tags.found(as_dict(found.get("Tags")), prior),
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    update_tags(on, prior["key_pair_id"], prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    on.call("ec2", "DeleteKeyPair", KeyName=prior["id"])


RESOURCE: Final = Resource(
    name="aws_key_pair",
    version=1,
    fields={
        "arn": computed(STRING),
        "fingerprint": computed(STRING),
        "id": either(STRING),
        "key_name": either(
            STRING, length(0, 255), replaces=True, conflicts_with=("key_name_prefix",)
        ),
        "key_name_prefix": either(STRING, length(0, 229), replaces=True),
        "key_pair_id": computed(STRING),
        "key_type": computed(STRING),
        "public_key": required(STRING, replaces=True, form=str.strip),
        **TAGS,
    },
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    lookups=lambda prior: [(_BY_NAME, prior["id"])],
)
