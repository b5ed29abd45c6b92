"""AWS's Signature Version 4, as a server checks it.

`read_scope` says who claims to call which service, `verify` whether the claim
is true.  Law: "Signature Version 4 signing process" of AWS's general reference.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.wire.http import Request

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TOLERANCE: Final = timedelta(minutes=15)
_PART: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who signed, for what: the parts of the `Authorization` header."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def credential(self) -> str:
        """The scope as it is part of what is signed."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_scope(request: Request) -> Scope:
    """Return the claim of a request; `ApiError` if it has none or one that can't be read."""
    header = request.headers.get("authorization", "")
    if not header:
        raise ApiError(
            "MissingAuthenticationToken",
            "The request must contain either a valid (registered) AWS access key ID or X.509 "
            "certificate. Run `cotta region env` for the credentials of this region.",
            403,
        )
    parts = dict(_PART.findall(header))
    steps = parts.get("Credential", "").split("/")
    is_readable = header.startswith(_ALGORITHM) and len(steps) == 5 and len(parts) == 3
    if not is_readable or steps[4] != "aws4_request":
        raise ApiError(
            "IncompleteSignature",
            f"The Authorization header is not of the form {_ALGORITHM} Credential=…/aws4_request, "
            "SignedHeaders=…, Signature=….",
        )
    access_key, date, region, service, _ = steps
    return Scope(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
    )


def verify(request: Request, scope: Scope, secret_key: str, *, now: datetime) -> None:
    """Return if the request was signed with the key, now; raise `ApiError` otherwise."""
    stamp = request.headers.get("x-amz-date", "")
    try:
        time = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ApiError(
            "IncompleteSignature", "The X-Amz-Date header is missing, or no basic ISO 8601 time."
        ) from None
    if abs(now - time) > _TOLERANCE or not stamp.startswith(scope.date):
        raise ApiError(
            "RequestExpired",
            f"Request has expired: it was signed at {stamp}, and this region's clock says "
            f"{now:%Y%m%dT%H%M%SZ}.",
        )
    expected = sign(request, scope, secret_key, stamp)
    is_same = hmac.compare_digest(expected.encode(), scope.signature.encode())
    if "host" not in scope.signed_headers or not is_same:
        raise ApiError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method: `cotta region env` prints "
            "this region's.",
            403,
        )


def sign(request: Request, scope: Scope, secret_key: str, stamp: str) -> str:
    """Return the signature that the request should have."""
    text = "\n".join(
        (
            _ALGORITHM,
            stamp,
            scope.credential,
            hashlib.sha256(_canonical(request, scope.signed_headers).encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret_key}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(request: Request, signed_headers: Sequence[str]) -> str:
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed_headers
    )
    return "\n".join(
        (
            request.method,
            quote(unquote(request.path) or "/", safe="/~"),
            _canonical_query(request.query),
            headers,
            ";".join(signed_headers),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = [(quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
