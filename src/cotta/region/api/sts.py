"""The Security Token Service: who the caller is, and credentials for a while.

A role's trust policy is kept and shown, and not enforced: whoever calls has the account's keys.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.names import new_unique_id
from cotta.region.model import Session
from cotta.region.store.kinds import ROLES, SESSIONS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

_ROLE_ARN: Final = re.compile(r"arn:aws:iam::(\d{12}):role(/(?:[!-~]+/)?)([\w+=,.@-]+)", re.ASCII)
_SESSION_NAME: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_USUAL_TOKEN_SECONDS: Final = 43_200
_USUAL_ROLE_SECONDS: Final = 3_600

# Clients may still ask with credentials that have just expired, and are told so.
_KEPT: Final = timedelta(hours=1)


def get_caller_identity(call: Call, _rows: Reading) -> Answer:
    """Say who calls."""
    return {"UserId": call.caller.user_id, "Account": call.account.id, "Arn": call.caller.arn}


def get_session_token(call: Call, rows: Writing) -> Answer:
    """Give the account's root credentials for a while."""
    if call.caller.arn != f"arn:aws:iam::{call.account.id}:root":
        raise ApiError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    seconds = call.parameters.get("DurationSeconds", _USUAL_TOKEN_SECONDS)
    session = _begin(
        call,
        rows,
        arn=call.caller.arn,
        user_id=call.caller.user_id,
        seconds=seconds,
    )
    return {"Credentials": _encode(session)}


def assume_role(call: Call, rows: Writing) -> Answer:
    """Give a role's credentials for a while."""
    given = call.parameters
    arn, session_name = given["RoleArn"], given["RoleSessionName"]
    if _SESSION_NAME.fullmatch(session_name) is None:
        raise ApiError(
            "ValidationError",
            f"1 validation error detected: Value '{session_name}' at 'roleSessionName' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        )
    match = _ROLE_ARN.fullmatch(arn)
    if match is None:
        raise ApiError("ValidationError", f"{arn} is invalid")
    role = rows.find(ROLES, match[3])
    if role is None or role.arn != arn:
        raise ApiError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: "
            f"{arn}",
            403,
        )
    seconds = given.get("DurationSeconds", _USUAL_ROLE_SECONDS)
    if seconds > role.max_session_seconds:
        raise ApiError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    user = {
        "AssumedRoleId": f"{role.id}:{session_name}",
        "Arn": f"arn:aws:sts::{call.account.id}:assumed-role/{role.name}/{session_name}",
    }
    session = _begin(call, rows, arn=user["Arn"], user_id=user["AssumedRoleId"], seconds=seconds)
    return {
        "Credentials": _encode(session),
        "AssumedRoleUser": user,
        "SourceIdentity": given.get("SourceIdentity"),
    }


def get_access_key_info(call: Call, rows: Reading) -> Answer:
    """Say whose an access key is: the one account's, or nobody's."""
    key = call.parameters["AccessKeyId"]
    if key != call.account.access_key and rows.find(SESSIONS, key) is None:
        raise ApiError("ValidationError", f"{key} is no access key of this region's account.")
    return {"Account": call.account.id}


def decode_authorization_message(_call: Call, _rows: Reading) -> Answer:
    """Refuse: this region forbids nothing, and so gives no such messages."""
    raise ApiError(
        "InvalidAuthorizationMessageException",
        "The message was not encoded by this region: it never denies anybody anything.",
    )


def _begin(call: Call, rows: Writing, *, arn: str, user_id: str, seconds: int) -> Session:
    """Write new credentials, and forget those that are long past."""
    for session in rows.all(SESSIONS):
        if session.expires_at + _KEPT < call.now:
            rows.remove(SESSIONS, session.access_key)
    session = Session(
        access_key=new_unique_id("ASIA", call.ids)[:20],
        secret_key=call.ids.hexadecimal(40),
        token=base64.b64encode(bytes.fromhex(call.ids.hexadecimal(360))).decode(),
        arn=arn,
        user_id=user_id,
        expires_at=call.now + timedelta(seconds=seconds),
    )
    rows.add(SESSIONS, session)
    return session


def _encode(session: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret_key,
        "SessionToken": session.token,
        "Expiration": session.expires_at,
    }


OPERATIONS: Final[Operations] = {
    "AssumeRole": Writes(assume_role),
    "DecodeAuthorizationMessage": Reads(decode_authorization_message),
    "GetAccessKeyInfo": Reads(get_access_key_info),
    "GetCallerIdentity": Reads(get_caller_identity),
    "GetSessionToken": Writes(get_session_token),
}
