"""What a handler is given, and the three kinds of work that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.model import Account, InstanceId
    from cotta.region.store.store import Reading, Store, Writing
    from cotta.system.ids import IdSource


# Returns the latest that a machine has said, by its instance's id.
Console: TypeAlias = "Callable[[InstanceId], bytes]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as STS would say."""

    arn: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood: which operation, with what, by whom, when.

    `parameters` are named as in AWS's model and hold only what was given.
    `region` is the name of the region that the client signed for; `console` returns what
    an instance's machine has said, for what `Acts`.
    """

    operation: str
    parameters: Mapping[str, Any]
    caller: Caller
    account: Account
    region: str
    now: datetime
    ids: IdSource
    request_id: str
    console: Console = lambda _: b""

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something of the account's in the region."""
        return f"arn:aws:{service}:{self.region}:{self.account.id}:{resource}"

    def end_dry_run(self) -> None:
        """Undo what would have been done, if that is all that was wanted.

        Only what `Acts` says this by itself, at the end of its transaction.
        """
        if self.parameters.get("DryRun") is True:
            raise ApiError(
                "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412
            )


# Named as in AWS's model; a member that is None is left out.
Answer: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reads:
    """Work that only looks at the rows."""

    handler: Callable[[Call, Reading], Answer]


@dataclass(frozen=True, slots=True)
class Writes:
    """Work in one transaction.

    An `ApiError` undoes all of it.  So DryRun is the same work undone, and a
    ClientToken that has been seen gets the first answer again: a handler need mind neither.
    """

    handler: Callable[[Call, Writing], Answer]


@dataclass(frozen=True, slots=True)
class Acts:
    """Work that does something slow, outside of the transactions that it opens by itself."""

    handler: Callable[[Call, Store], Answer]


Work: TypeAlias = Reads | Writes | Acts
Operations: TypeAlias = Mapping[str, Work]
