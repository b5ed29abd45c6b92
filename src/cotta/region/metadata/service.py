"""The instance metadata service: what a machine may ask about itself at 169.254.169.254.

Who asks is told by the address that the request comes from, which no other machine of the
network can have.  Law: "Instance metadata categories" and "Use the Instance Metadata Service" of
the EC2 user guide; versions 1 and 2.  Beside AWS's tree there are two paths of our own: the
script of first boot, and where it says that user data failed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from cotta.region.firstboot import render_first_boot
from cotta.region.imagestore.agent import REPORT_PATH, SCRIPT_PATH
from cotta.region.metadata.credentials import credentials_document, role_session
from cotta.region.metadata.tree import (
    Leaf,
    about,
    first_boot_of,
    identity_document,
    role_of,
    user_data_of,
)
from cotta.region.model import InstanceState
from cotta.region.numbers import is_decimal
from cotta.region.store.kinds import ACCOUNTS, INSTANCES, NETWORK_INTERFACES, SESSIONS
from cotta.region.store.store import StoreError
from cotta.region.wire.http import Response

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.metadata.tree import Tree
    from cotta.region.model import Account, Instance, Session
    from cotta.region.store.store import Reading, Store
    from cotta.region.wire.http import Request
    from cotta.system.clock import Clock

# AWS has more; software asks for these, or for the latest.
VERSIONS: Final = (
    "1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15", "2008-02-01",
    "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12", "2014-02-25",
    "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02", "2018-03-28",
    "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03", "2021-03-23",
    "2021-07-15", "2022-09-24", "2024-04-11", "latest",
)  # fmt: skip

_TTL_HEADER: Final = "x-aws-ec2-metadata-token-ttl-seconds"
_TOKEN_HEADER: Final = "x-aws-ec2-metadata-token"  # noqa: S105 - a header's name
_LONGEST_TTL: Final = 21600

# What became of an instance's user data, if it failed.
USER_DATA_TAG: Final = "cotta:user-data"

# A tag's value may have 256 characters.
_LONGEST_REPORT: Final = 200

_CREDENTIALS: Final = ("meta-data", "iam", "security-credentials")

_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


class _RefusedError(Exception):
    """The request is answered with a status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Metadata:
    """The service, as a function of requests; `region` is the name that its answers have."""

    def __init__(self, store: Store, *, region: str, clock: Clock) -> None:
        self._store = store
        self._region = region
        self._clock = clock

    def handle(self, request: Request) -> Response:
        """Answer a machine's request."""
        try:
            return self._answer(request)
        except _RefusedError as refused:
            return _refusal(refused.status)
        except StoreError:
            # The disk is full, say: clients of the service try again.
            return _refusal(503)

    def _answer(self, request: Request) -> Response:
        now = self._clock.now()
        with self._store.read() as rows:
            instance = _who_asks(rows, request.peer)
            (account,) = rows.all(ACCOUNTS)
            parts = _parts(request)
            if parts[1:] == ["api", "token"]:
                return _give_token(request, instance, account, now)
            reports = parts[1:] == REPORT_PATH.split("/")
            _check_access(request, instance, account, now, writes=reports)
            if parts[1:] == SCRIPT_PATH.split("/"):
                boot = first_boot_of(rows, instance, self._region)
                return _text(render_first_boot(boot))
            tree = about(rows, instance, account, region=self._region)
            role = role_of(rows, instance)
        if reports:
            self._note(instance, request.body)
            return _text("")
        if role is not None and parts[1:] == [*_CREDENTIALS, role.name]:
            session = role_session(account, instance, role, now)
            self._keep(session)
            return _text(credentials_document(session, now))
        identity = identity_document(instance, account, self._region)
        return _look_up(parts, instance, tree, identity)

    def _note(self, instance: Instance, said: bytes) -> None:
        """Tag an instance with why its user data failed, as its first boot has said."""
        text = said[:_LONGEST_REPORT].decode("utf-8", "replace").strip()
        reason = "".join(letter if letter.isprintable() else " " for letter in text)
        with self._store.write() as rows:
            now = rows.find(INSTANCES, instance.id)
            if now is not None and reason:
                tags = {**now.tags, USER_DATA_TAG: f"failed: {reason}"}
                rows.put(INSTANCES, replace(now, tags=tags))

    def _keep(self, session: Session) -> None:
        """Have the API know the credentials before the machine does."""
        with self._store.read() as rows:
            if rows.find(SESSIONS, session.access_key) is not None:
                return
        with self._store.write() as rows:
            rows.put(SESSIONS, session)


def _who_asks(rows: Reading, peer: str) -> Instance:
    """Return the instance with an address; refused if none that lives has it."""
    for interface in rows.all(NETWORK_INTERFACES, private_ip=peer):
        if interface.instance_id is not None and interface.released_at is None:
            instance = rows.find(INSTANCES, interface.instance_id)
            if instance is not None and instance.state is not InstanceState.TERMINATED:
                return instance
    raise _RefusedError(404)


def _parts(request: Request) -> list[str]:
    return [unquote(part) for part in request.path.split("/") if part]


# --- tokens -----------------------------------------------------------------------------


def _give_token(request: Request, instance: Instance, account: Account, now: datetime) -> Response:
    """Return a token that says how long it holds, signed: nothing has to be kept."""
    if instance.metadata.http_endpoint == "disabled" or "x-forwarded-for" in request.headers:
        raise _RefusedError(403)
    if request.method != "PUT":
        raise _RefusedError(405)
    ttl = request.headers.get(_TTL_HEADER, "")
    if not is_decimal(ttl, 1, _LONGEST_TTL):
        raise _RefusedError(400)
    until = int(now.timestamp()) + int(ttl)
    signed = until.to_bytes(8, "big") + _seal(until, instance, account)
    token = base64.urlsafe_b64encode(signed).decode()
    return _text(token, {_TTL_HEADER: ttl})


def _check_access(
    request: Request, instance: Instance, account: Account, now: datetime, *, writes: bool
) -> None:
    """Refuse a request that the instance's metadata options don't allow.

    What writes needs a token in any case: a link that somebody was given must not do it.
    """
    options = instance.metadata
    if options.http_endpoint == "disabled":
        raise _RefusedError(403)
    if request.method not in (("PUT",) if writes else ("GET", "HEAD")):
        raise _RefusedError(405)
    token = request.headers.get(_TOKEN_HEADER)
    if token is None:
        if options.http_tokens == "required" or writes:
            raise _RefusedError(401)
    elif _seconds_left(token, instance, account, now) <= 0:
        raise _RefusedError(401)


def _seconds_left(token: str, instance: Instance, account: Account, now: datetime) -> float:
    try:
        signed = base64.urlsafe_b64decode(token)
    except (ValueError, binascii.Error):
        return 0
    until = int.from_bytes(signed[:8], "big")
    if not hmac.compare_digest(signed[8:], _seal(until, instance, account)):
        return 0
    return until - now.timestamp()


def _seal(until: int, instance: Instance, account: Account) -> bytes:
    # Another machine's token is none, nor is one of before the region was emptied.
    said = f"imds {instance.id} {until}".encode()
    return hmac.digest(account.secret_key.encode(), said, hashlib.sha256)


# --- answers ----------------------------------------------------------------------------


def _look_up(parts: list[str], instance: Instance, tree: Tree, identity: str) -> Response:
    match parts:
        case []:
            return _text("\n".join(VERSIONS))
        case [version, *_] if version not in VERSIONS:
            raise _RefusedError(404)
        case [_]:
            has_user_data = instance.user_data is not None
            return _text("\n".join(["dynamic", "meta-data", *["user-data"] * has_user_data]))
        case [_, "user-data"]:
            content = user_data_of(instance)
            if content is None:
                raise _RefusedError(404)
            return Response(headers={"content-type": "application/octet-stream"}, body=content)
        case [_, "meta-data", *rest]:
            return _walk(tree, rest)
        case [_, "dynamic", *rest]:
            return _walk({"instance-identity": {"document": Leaf(identity)}}, rest)
    raise _RefusedError(404)


def _walk(tree: Tree, parts: list[str]) -> Response:
    """Return the text at a path, or the list of what is below it."""
    found: Tree | Leaf = tree
    for part in parts:
        if isinstance(found, Leaf) or not part or part not in found:
            raise _RefusedError(404)
        found = found[part]
    if isinstance(found, Leaf):
        return _text(found.text)
    return _text("\n".join(_listed(name, below) for name, below in found.items() if name))


def _listed(name: str, below: Tree | Leaf) -> str:
    if isinstance(below, Leaf):
        return name
    # A key pair's name is shown beside its number.
    title = below.get("")
    return f"{name}={title.text}" if isinstance(title, Leaf) else f"{name}/"


def _text(text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(headers={"content-type": "text/plain", **(headers or {})}, body=text.encode())


def _refusal(status: int) -> Response:
    title = f"{status} - {_TITLES[status]}"
    body = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n'
        '\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n'
        f" <head>\n  <title>{title}</title>\n </head>\n"
        f" <body>\n  <h1>{title}</h1>\n </body>\n</html>\n"
    )
    return Response(status=status, headers={"content-type": "text/html"}, body=body.encode())
