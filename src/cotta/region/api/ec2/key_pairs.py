"""Key pairs: the public half is kept, the private one is given away and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Acts, Reads, Writes
from cotta.region.api.ec2.key_material import make_key, read_key
from cotta.region.api.filters import select, tag_fields
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.model import KeyPair
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import KEY_PAIRS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.ec2.key_material import Key
    from cotta.region.api.filters import Fields
    from cotta.region.store.store import Reading, Store, Writing

_LONGEST_NAME: Final = 255


def create_key_pair(call: Call, store: Store) -> Answer:
    """Make a key pair; the answer alone has its private half."""
    given = call.parameters
    if given.get("KeyFormat", "pem") != "pem":
        raise ApiError(
            "InvalidParameterValue",
            "The local region writes keys as pem alone: `puttygen key.pem -o key.ppk` makes a ppk "
            "of one.",
        )
    with store.read() as reading:
        _check_name(call, reading)
    key = make_key(given.get("KeyType", "rsa"))
    with store.write() as rows:
        pair = _add(call, rows, key)
        call.end_dry_run()
    return {**_encode_new(pair), "KeyMaterial": key.material}


def import_key_pair(call: Call, rows: Writing) -> Answer:
    """Keep a public key under a name."""
    return _encode_new(_add(call, rows, read_key(call.parameters["PublicKeyMaterial"])))


def _check_name(call: Call, rows: Reading) -> str:
    name: str = call.parameters["KeyName"]
    if not 0 < len(name) <= _LONGEST_NAME or not name.isascii() or name != name.strip():
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({name}) for parameter KeyName is invalid. It must have between 1 and "
            f"{_LONGEST_NAME} ASCII characters, and no space at either end.",
        )
    if rows.find(KEY_PAIRS, name) is not None:
        raise ApiError("InvalidKeyPair.Duplicate", f"The keypair '{name}' already exists.")
    return name


def _add(call: Call, rows: Writing, key: Key) -> KeyPair:
    pair = KeyPair(
        id=new_id("key", call.ids),
        name=_check_name(call, rows),
        kind=key.kind,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        created_at=call.now,
        tags=tags_for(call.parameters.get("TagSpecifications"), "key-pair"),
    )
    rows.add(KEY_PAIRS, pair)
    return pair


def _encode_new(pair: KeyPair) -> dict[str, Any]:
    return {
        "KeyPairId": pair.id,
        "KeyName": pair.name,
        "KeyFingerprint": pair.fingerprint,
        "Tags": encode_tags(pair.tags),
    }


_FIELDS: Final[Fields[KeyPair]] = {
    "fingerprint": lambda pair: pair.fingerprint,
    "key-name": lambda pair: pair.name,
    "key-pair-id": lambda pair: pair.id,
    "key-type": lambda pair: pair.kind,
}


def describe_key_pairs(call: Call, rows: Reading) -> Answer:
    """List key pairs."""
    given = call.parameters
    names, ids = given.get("KeyNames"), given.get("KeyPairIds")
    pairs = (
        [_named(rows, name) for name in names or ()] + [_with_id(rows, one) for one in ids or ()]
        if names or ids
        else rows.all(KEY_PAIRS)
    )
    with_keys = given.get("IncludePublicKey", False)
    return {
        "KeyPairs": [
            {
                **_encode_new(pair),
                "KeyType": pair.kind,
                "CreateTime": pair.created_at,
                "PublicKey": f"{pair.public_key} {pair.name}" if with_keys else None,
            }
            for pair in select(pairs, given.get("Filters"), _FIELDS, tag_fields)
        ]
    }


def _named(rows: Reading, name: str) -> KeyPair:
    pair = rows.find(KEY_PAIRS, name)
    if pair is None:
        raise ApiError("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")
    return pair


def _with_id(rows: Reading, pair_id: str) -> KeyPair:
    for pair in rows.all(KEY_PAIRS, id=pair_id):
        return pair
    raise ApiError("InvalidKeyPair.NotFound", f"The key pair ID '{pair_id}' does not exist")


def delete_key_pair(call: Call, rows: Writing) -> Answer:
    """Forget a key pair; nothing happens if there is none of the name."""
    given = call.parameters
    if "KeyPairId" in given:
        pair = _with_id(rows, given["KeyPairId"])
    elif "KeyName" in given:
        found = rows.find(KEY_PAIRS, given["KeyName"])
        if found is None:
            return {"Return": True}
        pair = found
    else:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter KeyName or KeyPairId"
        )
    rows.remove(KEY_PAIRS, pair.name)
    return {"Return": True, "KeyPairId": pair.id}


OPERATIONS: Final[Operations] = {
    "CreateKeyPair": Acts(create_key_pair),
    "DeleteKeyPair": Writes(delete_key_pair),
    "DescribeKeyPairs": Reads(describe_key_pairs),
    "ImportKeyPair": Writes(import_key_pair),
}
