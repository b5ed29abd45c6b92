"""Policy documents: what IAM makes sure of before it keeps one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_ACCOUNT: Final = re.compile("[0-9]{12}")
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?")
_PRINCIPALS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_STATEMENT: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


def encode_document(document: str) -> str:
    """Return a document as IAM's answers carry it."""
    return quote(document, safe="")


def check_policy(document: str, longest: int) -> str:
    """Return the document of an identity's policy; `ApiError` if it is none."""
    for statement in _statements(document, longest):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise _malformed("Policy document should not specify a principal.")
        if not _has_one_of(statement, "Action", "NotAction"):
            raise _malformed("Policy statement must contain actions.")
        if not _has_one_of(statement, "Resource", "NotResource"):
            raise _malformed("Policy statement must contain resources.")
    return document


def check_trust(document: str) -> str:
    """Return a role's trust policy; `ApiError` if it is none."""
    for statement in _statements(document, 2048):
        if "Resource" in statement or "NotResource" in statement:
            raise _malformed("Has prohibited field Resource")
        if not _has_one_of(statement, "Action", "NotAction"):
            raise _malformed("Missing required field Action")
        if not _has_one_of(statement, "Principal", "NotPrincipal"):
            raise _malformed("Missing required field Principal")
        _check_principal(statement.get("Principal", statement.get("NotPrincipal")))
    return document


def _statements(document: str, longest: int) -> Iterator[Mapping[str, Any]]:
    """Yield the statements of a document, each checked as far as all policies are alike."""
    if len("".join(document.split())) > longest:
        raise ApiError("LimitExceeded", f"Maximum policy size of {longest} bytes exceeded.", 409)
    try:
        read = json.loads(document)
    except (ValueError, RecursionError):
        raise _malformed("This policy contains invalid Json") from None
    if not isinstance(read, dict) or not set(read) <= {"Version", "Id", "Statement"}:
        raise _malformed("Syntax errors in policy.")
    if read.get("Version", "2008-10-17") not in _VERSIONS:
        raise _malformed("The policy must contain a valid version string")
    statements = read.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("Syntax errors in policy.")
    for statement in statements:
        if not isinstance(statement, dict) or not set(statement) <= _STATEMENT:
            raise _malformed("Syntax errors in policy.")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("Syntax errors in policy.")
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            if name in statement and not _is_texts(statement[name]):
                raise _malformed("Syntax errors in policy.")
        yield statement


def _check_principal(principal: object) -> None:
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal or not set(principal) <= _PRINCIPALS:
        raise _malformed("Syntax errors in policy.")
    for kind, given in principal.items():
        if not _is_texts(given):
            raise _malformed("Syntax errors in policy.")
        for one in [given] if isinstance(given, str) else given:
            if not _is_principal(kind, one):
                raise _malformed(f'Invalid principal in policy: "{kind}":"{one}"')


def _is_principal(kind: str, name: str) -> bool:
    match kind:
        case "AWS":
            return name == "*" or _ACCOUNT.fullmatch(name) is not None or name.startswith("arn:")
        case "Service":
            return _SERVICE.fullmatch(name) is not None
        case _:
            return bool(name)


def _has_one_of(statement: Mapping[str, Any], *names: str) -> bool:
    return sum(name in statement for name in names) == 1


def _is_texts(given: object) -> bool:
    if isinstance(given, str):
        return True
    return isinstance(given, list) and bool(given) and all(isinstance(it, str) for it in given)


def _malformed(message: str) -> ApiError:
    return ApiError("MalformedPolicyDocument", message)
