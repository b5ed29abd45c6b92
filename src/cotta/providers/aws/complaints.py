"""What the world's failures become for the person: which action, on what, and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.providers.interface import ProviderDiagnostic

if TYPE_CHECKING:
    from cotta.clouds.errors import CloudError
    from cotta.clouds.waits import WaitEndedError

# Codes of quotas that are used up: the services have no common form.
_QUOTAS = ("LimitExceeded", "TooMany", "InstanceLimit", "VcpuLimit", "QuotaExceeded")

# Codes of calls that come too fast, which are no quotas of things.
_TOO_FAST = (
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)


class NothingFoundError(Exception):
    """What a data source looks for is not there, or there is more of it than one.

    `attribute` is the one at fault, "" for none.
    """

    def __init__(self, summary: str, detail: str, attribute: str = "") -> None:
        super().__init__(f"{summary}: {detail}")
        self.summary = summary
        self.detail = detail
        self.attribute = attribute


class RollError(Exception):
    """A change of the fleet did not come to the end that was wanted."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(f"{summary}: {detail}")
        self.summary = summary
        self.detail = detail


def complain(error: CloudError, doing: str) -> ProviderDiagnostic:
    """Return the complaint about a call that failed; `doing` is "Creating aws_instance"."""
    code = f"{error.code}: " if error.code else ""
    said = error.message.rstrip(".")
    if error.is_unanswered:
        detail = f"No answer to {error.action}: {said}."
    elif error.operation == "configuration":
        detail = f"{said[:1].upper()}{said[1:]}."
    else:
        detail = f"{error.action} was refused. {code}{said}."
    advice = error.advice or _advice(error)
    return ProviderDiagnostic(summary=f"{doing} failed", detail=f"{detail} {advice}".rstrip())


def _advice(error: CloudError) -> str:
    if error.code in _TOO_FAST:
        return (
            "AWS takes no more calls for now: run it again in a while, with fewer at a time, as "
            "by -parallelism=4."
        )
    if any(word in error.code for word in _QUOTAS):
        return (
            "A quota of the account is used up: free what is no longer needed, or have the quota "
            "raised in Service Quotas."
        )
    return ""


def complain_of_wait(error: WaitEndedError, doing: str) -> ProviderDiagnostic:
    """Return the complaint about something that did not come to be."""
    if error.is_stopped:
        detail = f"Waiting for {error.what} was interrupted. The next apply takes it up again."
    else:
        detail = (
            f"{error.what[:1].upper()}{error.what[1:]} was not there after "
            f"{error.waited.total_seconds():.0f} s."
        )
    return ProviderDiagnostic(summary=f"{doing} failed", detail=detail)
