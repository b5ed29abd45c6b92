"""Operations called by name: clients shared, answers as dictionaries, mistakes as CloudError."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import (
    BAD_PARAMETERS,
    BAD_SETTINGS,
    NO_CREDENTIALS,
    NO_REGION,
    CloudError,
)
from cotta.clouds.which import Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.clouds.regions import KnownRegion
    from cotta.clouds.which import Access

Answer = dict[str, Any]

# Seconds.  A service that is there takes a connection at once; an answer may take its time.
_CONNECT_TIMEOUT: Final = 10
_READ_TIMEOUT: Final = 60
# As many calls at a time as there are workers, and some to spare.
_CONNECTIONS: Final = 50
# Who calls is asked first of all: that nobody answers is told soon, and not after 25 tries.
_FIRST_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as STS tells it."""

    account: str
    arn: str
    user_id: str


class Session:
    """Calls the operations of one cloud, from any thread."""

    def __init__(self, access: Access, *, agent: str = "cotta") -> None:
        self.access = access
        self._agent = agent
        self._lock = threading.RLock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._caller: Caller | None = None

    def call(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Return the answer to one call, e.g. `call("ec2", "RunInstances", ImageId=…)`.

        Throttling, errors of the service (5xx) and connections that did not come about or broke are
        tried again, up to `access.attempts` times in all; the others raise CloudError.
        Parameters that are None are left out.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        client = self._client(service, operation)
        method = getattr(client, _snake(operation))
        with _translated(service, operation):
            answer: Answer = method(**given)
        answer.pop("ResponseMetadata", None)
        return answer

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield the elements under `key` of every page, in the service's order."""
        given = {name: value for name, value in parameters.items() if value is not None}
        client = self._client(service, operation)
        name = _snake(operation)
        if not client.can_paginate(name):
            yield from self.call(service, operation, **given).get(key, [])
            return
        pages = iter(client.get_paginator(name).paginate(**given))
        while True:
            with _translated(service, operation):
                page = next(pages, None)
            if page is None:
                return
            yield from page.get(key, [])

    @property
    def region(self) -> str:
        """The region's name; raises CloudError if nothing says which."""
        found = self.access.region or self._botocore().get_config_variable("region")
        if not found:
            raise CloudError(
                "", "configuration", NO_REGION,
                "no region is named; set `region` in the provider block, or AWS_REGION",
            )  # fmt: skip
        return str(found)

    def endpoint(self, service: str) -> str:
        """Return the address that a service is reached at."""
        return str(self._client(service, "configuration").meta.endpoint_url)

    def caller(self) -> Caller:
        """Return who calls; asked once."""
        with self._lock:
            if self._caller is None:
                answer = self.call("sts", "GetCallerIdentity")
                self._caller = Caller(answer["Account"], answer["Arn"], answer["UserId"])
            return self._caller

    def regions(self) -> list[KnownRegion]:
        """Return the regions that AWS has, as far as botocore knows."""
        from cotta.clouds.regions import known_regions

        return known_regions(self._botocore())

    def partition(self) -> str:
        """Return the partition of the region: `aws`, `aws-cn`, `aws-us-gov`, …."""
        return str(self._botocore().get_partition_for_region(self.region))

    def close(self) -> None:
        """Free connections.  The session can be used again all the same."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _client(self, service: str, operation: str) -> Any:
        # Clients can be shared between threads; only making them can't be done by two at once.
        with self._lock:
            if service not in self._clients:
                with _translated(service, operation):
                    self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        from botocore.config import Config

        access = self.access
        proxies = {"http": access.http_proxy, "https": access.https_proxy}
        attempts = min(access.attempts, _FIRST_ATTEMPTS) if service == "sts" else access.attempts
        config = Config(
            user_agent_extra=self._agent,
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=_READ_TIMEOUT,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": access.retry_mode, "total_max_attempts": attempts},
            proxies={name: url for name, url in proxies.items() if url} or None,
            use_dualstack_endpoint=access.use_dualstack or None,
            use_fips_endpoint=access.use_fips or None,
        )
        return self._botocore().create_client(
            service,
            region_name=self.region,
            endpoint_url=access.endpoints.get(service, access.endpoint),
            verify=access.ca_bundle
            if access.verify_tls and access.ca_bundle
            else access.verify_tls,
            config=config,
        )

    def _botocore(self) -> Any:
        with self._lock:
            if self._session is None:
                from cotta.clouds.credentials import make_session

                self._session = make_session(self.access)
            return self._session


def is_local(session: Session) -> bool:
    """Say whether a session can't reach an account."""
    return session.access.cloud is Cloud.LOCAL


def _snake(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


@contextmanager
def _translated(service: str, operation: str) -> Iterator[None]:
    """Raise what botocore raises inside as CloudError."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ResponseParserError as error:
        # A proxy's page, say, in the place of an answer.
        first = str(error).partition("\n")[0]
        raise CloudError(service, operation, "", f"what came is no answer: {first}") from error
    except ClientError as error:
        inner = error.response.get("Error", {})
        meta = error.response.get("ResponseMetadata", {})
        raise CloudError(
            service,
            operation,
            str(inner.get("Code", meta.get("HTTPStatusCode", "Unknown"))),
            str(inner.get("Message", "the service gave no reason")),
            request_id=str(meta.get("RequestId", "")),
            is_repeated=meta.get("RetryAttempts", 0) > 0,
        ) from error
    except BotoCoreError as error:
        raise CloudError(service, operation, _code_of(error), str(error)) from error


def _code_of(error: Exception) -> str:
    """Return our code for a call that no service has answered; "" if one may have been reached."""
    from botocore import exceptions as known

    match error:
        case known.NoCredentialsError() | known.PartialCredentialsError():
            return NO_CREDENTIALS
        case known.NoRegionError():
            return NO_REGION
        case known.ParamValidationError():
            return BAD_PARAMETERS
        case known.HTTPClientError() | known.ConnectionError():
            return ""
        case _:
            return BAD_SETTINGS
