"""From an HTTP request to a response: who, what, in which transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never
from urllib.parse import parse_qsl

from cotta.region.api.calls import Acts, Call, Caller, Reads, Writes
from cotta.region.model import Remembered
from cotta.region.store.kinds import ACCOUNTS, REMEMBERED, SESSIONS
from cotta.region.store.store import StoreError
from cotta.region.wire.errors import JSON_TYPES, ApiError, encode_error
from cotta.region.wire.http import Response
from cotta.region.wire.services import load_service
from cotta.region.wire.signatures import read_scope, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.region.api.calls import Answer, Console, Work
    from cotta.region.api.services import Provided
    from cotta.region.model import Account
    from cotta.region.store.store import Reading, Store, Writing
    from cotta.region.wire.http import Request
    from cotta.region.wire.services import Operation, Service
    from cotta.region.wire.signatures import Scope
    from cotta.system.clock import Clock
    from cotta.system.ids import IdSource

# How long the answer to a client token is kept: longer than any client tries again.
_REMEMBERED_FOR: Final = timedelta(hours=24)

_MOST_FIELDS: Final = 20_000

# What these write may use the room that is kept for a full disk: it leads to more.
_REMOVALS: Final = ("Cancel", "Delete", "Deregister", "Detach", "Disassociate", "Release", "Remove",
                    "Stop", "Terminate")  # fmt: skip
# A group is brought down to nothing by these, by Terraform before it deletes one.
_REDUCTIONS: Final = frozenset({"SetDesiredCapacity", "UpdateAutoScalingGroup"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """An operation, found: its wire form, its work here, and what it was given, undecoded."""

    wire: Operation
    work: Work
    given: object


class Api:
    """The whole API of a region, as a function of requests.

    `console` returns what a machine has said: `MachineDriver.console`.
    """

    def __init__(
        self,
        store: Store,
        services: Mapping[str, Provided],
        *,
        clock: Clock,
        ids: IdSource,
        console: Console = lambda _: b"",
    ) -> None:
        self._store = store
        self._provided = services
        self._clock = clock
        self._ids = ids
        self._console = console
        self._loaded: dict[str, Service] = {}

    def handle(self, request: Request) -> Response:
        """Answer a request; whatever is wrong with it becomes AWS's error document."""
        request_id = self._ids.uuid()
        service = None
        try:
            scope = read_scope(request)
            service = self._service(scope)
            body = self._answer(request, scope, service, request_id)
        except ApiError as error:
            is_json = "x-amz-target" in request.headers
            return encode_error(service, error, request_id, is_json=is_json)
        except StoreError as error:
            unavailable = ApiError("Unavailable", f"The region can't keep its state: {error}.", 503)
            return encode_error(service, unavailable, request_id)
        content_type = (
            JSON_TYPES[service.json_version]
            if service.protocol == "json"
            else "text/xml;charset=UTF-8"
        )
        headers = {"content-type": content_type, "x-amzn-requestid": request_id}
        return Response(headers=headers, body=body)

    def _answer(self, request: Request, scope: Scope, service: Service, request_id: str) -> bytes:
        # One transaction for who calls and for what it reads: most requests only read.
        with self._store.read() as rows:
            account, caller = self._authenticate(request, scope, rows)
            asked = self._find(request, scope, service)
            call = Call(
                operation=asked.wire.name,
                parameters=asked.wire.decode(asked.given),
                caller=caller,
                account=account,
                region=scope.region,
                now=self._clock.now(),
                ids=self._ids,
                request_id=request_id,
                console=self._console,
            )
            if isinstance(asked.work, Reads):
                answer = asked.work.handler(call, rows)
                call.end_dry_run()
                return asked.wire.encode(answer, request_id)
        return self._perform(call, asked.work, asked.wire)

    # --- who -----------------------------------------------------------------------

    def _authenticate(
        self, request: Request, scope: Scope, rows: Reading
    ) -> tuple[Account, Caller]:
        now = self._clock.now()
        (account,) = rows.all(ACCOUNTS)
        session = (
            rows.find(SESSIONS, scope.access_key)
            if scope.access_key != account.access_key
            else None
        )
        if scope.access_key == account.access_key:
            verify(request, scope, account.secret_key, now=now)
            arn = f"arn:aws:iam::{account.id}:root"
            return account, Caller(arn=arn, user_id=account.id)
        token = request.headers.get("x-amz-security-token")
        if session is None or session.token != token:
            raise ApiError(
                "AuthFailure",
                f"AWS was not able to validate the provided access credentials: {scope.access_key} "
                "is no access key of this region. Run `cotta region env` for one that is.",
                401,
            )
        if session.expires_at <= now:
            raise ApiError("ExpiredToken", "The security token included in the request is expired")
        verify(request, scope, session.secret_key, now=now)
        return account, Caller(arn=session.arn, user_id=session.user_id)

    # --- what ----------------------------------------------------------------------

    def _service(self, scope: Scope) -> Service:
        if scope.service not in self._provided:
            raise ApiError(
                "UnsupportedOperation",
                f"This region has no service '{scope.service}'. It has: "
                f"{', '.join(sorted(self._provided))}.",
            )
        if scope.service not in self._loaded:
            self._loaded[scope.service] = load_service(self._provided[scope.service].model)
        return self._loaded[scope.service]

    def _find(self, request: Request, scope: Scope, service: Service) -> _Asked:
        given: object
        if service.protocol == "json":
            prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
            name, given = (name if prefix == service.target_prefix else ""), request.body
        else:
            pairs = _read_form(request)
            fields = dict(pairs)
            name = fields.get("Action", "")
            if fields.get("Version", service.version) != service.version:
                raise ApiError(
                    "NoSuchVersion",
                    f"The requested version ({fields['Version']}) of service {scope.service} does "
                    f"not exist here; there is {service.version}.",
                )
            given = [pair for pair in pairs if pair[0] not in {"Action", "Version"}]
        if name not in service.names:
            code = "UnknownOperationException" if service.protocol == "json" else "InvalidAction"
            raise ApiError(code, f"The action {name} is not valid for this web service.")
        work = self._provided[scope.service].operations.get(name)
        if work is None:
            code = (
                "UnknownOperationException"
                if service.protocol == "json"
                else "UnsupportedOperation"
            )
            raise ApiError(
                code,
                f"The local region does not provide {scope.service}:{name}. "
                "docs/compatibility.md lists the operations that it does.",
            )
        return _Asked(service.operation(name), work, given)

    # --- in which transaction ------------------------------------------------------

    def _perform(self, call: Call, work: Writes | Acts, wire: Operation) -> bytes:
        encode = wire.encode
        match work:
            case Writes():
                return self._store.perform(
                    lambda rows: _write(call, work, encode, rows),
                    leads_to_room=_leads_to_room(call.operation),
                )
            case Acts(handler):
                return encode(handler(call, self._store), call.request_id)
        assert_never(work)


def _leads_to_room(operation: str) -> bool:
    """Say whether people make room on a full disk by an operation, or get to one that does."""
    return operation.startswith(_REMOVALS) or operation in _REDUCTIONS


def _read_form(request: Request) -> list[tuple[str, str]]:
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise ApiError("MalformedQueryString", "The request's body is not UTF-8.") from None
    pairs = parse_qsl(request.query, keep_blank_values=True)
    try:
        pairs += parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ApiError(
            "MalformedQueryString", f"The request has more than {_MOST_FIELDS} parameters."
        ) from None
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            # An answer in XML can't have one, nor a configuration that a program in C reads.
            raise ApiError("MalformedQueryString", "The request has a character with the code 0.")
    return pairs


def _write(
    call: Call, work: Writes, encode: Callable[[Answer, str], bytes], rows: Writing
) -> bytes:
    fresh = _remembered(call, rows)
    if isinstance(fresh, bytes):
        return fresh
    answer = work.handler(call, rows)
    call.end_dry_run()
    body = encode(answer, call.request_id)
    _remember(call, fresh, body, rows)
    return body


def _remembered(call: Call, rows: Writing) -> bytes | tuple[str, str] | None:
    """Return the answer that a client token has already got, or what to keep the next one by."""
    token = call.parameters.get("ClientToken")
    if not token:
        return None
    key = f"{call.operation}:{token}"
    given = {name: value for name, value in call.parameters.items() if name != "DryRun"}
    fingerprint = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()
    found = rows.find(REMEMBERED, key)
    if found is None:
        return key, fingerprint
    if found.fingerprint != fingerprint:
        raise ApiError(
            "IdempotentParameterMismatch",
            f"The client token '{token}' was used before with other parameters. "
            "Use another token, or the same parameters.",
        )
    return found.answer.replace(found.request_id, call.request_id).encode()


def _remember(call: Call, fresh: tuple[str, str] | None, body: bytes, rows: Writing) -> None:
    if fresh is None:
        return
    rows.remove_below(REMEMBERED, answered_at=(call.now - _REMEMBERED_FOR).isoformat())
    key, fingerprint = fresh
    kept = Remembered(
        key=key,
        fingerprint=fingerprint,
        answer=body.decode(),
        request_id=call.request_id,
        answered_at=call.now,
    )
    rows.add(REMEMBERED, kept)
