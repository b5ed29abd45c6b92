"""The temporary credentials that an instance has by its role.

They follow from the account's secret, the instance, the role and the time, so that
an instance that asks again gets the same ones until they are renewed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cotta.region.model import Session

if TYPE_CHECKING:
    from cotta.region.model import Account, Instance, Role

# Renewed so often, and valid for an hour more: clients ask anew before the end.
_RENEWED_EVERY: Final = timedelta(hours=5)
_OVERLAP: Final = timedelta(hours=1)


def role_session(account: Account, instance: Instance, role: Role, now: datetime) -> Session:
    """Return the credentials of an instance's role at a time."""
    turn = int(now.timestamp()) // int(_RENEWED_EVERY.total_seconds())
    begun = datetime.fromtimestamp(turn * _RENEWED_EVERY.total_seconds(), UTC)

    def derived(what: str, length: int) -> str:
        said = f"{what} {instance.id} {role.id} {turn}".encode()
        key = hmac.digest(account.secret_key.encode(), said, hashlib.sha512)
        return base64.b32encode(key).decode()[:length]

    return Session(
        access_key=f"ASIA{derived('access key', 16)}",
        secret_key=derived("secret key", 40),
        token=derived("token", 96),
        arn=f"arn:aws:sts::{account.id}:assumed-role/{role.name}/{instance.id}",
        user_id=f"{role.id}:{instance.id}",
        expires_at=begun + _RENEWED_EVERY + _OVERLAP,
    )


def credentials_document(session: Session, now: datetime) -> str:
    """Return credentials as the metadata service writes them."""
    document = {
        "Code": "Success",
        "LastUpdated": _written(now),
        "Type": "AWS-HMAC",
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret_key,
        "Token": session.token,
        "Expiration": _written(session.expires_at),
    }
    return json.dumps(document, indent=2, separators=(",", " : "))


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
