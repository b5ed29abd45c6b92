"""What a call that did not succeed becomes: one exception, with AWS's own code."""

from __future__ import annotations

import re
from typing import Final

# Codes by which services refuse what the caller may not do.
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
)
_BAD_KEYS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
# Operations that change nothing.
_READING: Final = ("Describe", "Get", "List")
_NOT_FOUND: Final = re.compile(r"NotFound|NoSuchEntity|DoesNotExist|\.Unknown|\.Unavailable")


class CloudError(Exception):
    """A call that did not succeed.

    `operation` is as AWS spells it; `code` is the service's, "" when no
    answer came.  Whether the call was carried out is then not known.
    `is_repeated`: the answer is to a repetition, and an earlier try may have been carried out.
    """

    def __init__(
        self,
        service: str,
        operation: str,
        code: str,
        message: str,
        *,
        request_id: str = "",
        is_repeated: bool = False,
    ) -> None:
        super().__init__(
            f"{operation}: {message}" if not code else f"{operation}: {code}: {message}"
        )
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        self.is_repeated = is_repeated

    @property
    def is_missing(self) -> bool:
        """Whether what the call was about is not there."""
        return _NOT_FOUND.search(self.code) is not None

    @property
    def is_denied(self) -> bool:
        """Whether the caller is known, and may not do this."""
        return self.code in _DENIED

    @property
    def is_unauthenticated(self) -> bool:
        """Whether the caller's keys are not accepted, or there are none."""
        return self.code in _BAD_KEYS or self.code == NO_CREDENTIALS

    @property
    def is_unanswered(self) -> bool:
        """Whether no answer came, so that the call may have been carried out or not."""
        return self.code == ""

    @property
    def action(self) -> str:
        """What IAM calls the operation: `ec2:RunInstances`."""
        service = {"elbv2": "elasticloadbalancing"}.get(self.service, self.service)
        return f"{service}:{self.operation}"

    @property
    def advice(self) -> str:
        """The next step, as a sentence; "" where the message says all there is to say."""
        if self.is_denied:
            return f"The caller needs the permission {self.action}."
        if self.is_unauthenticated:
            return (
                "Name credentials that are valid: in the provider block, in AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or a profile in AWS_PROFILE. For the local region use "
                "-cloud=local."
            )
        if self.is_unanswered and self.operation.startswith(_READING):
            return (
                "See whether the endpoint and the region are right, and whether this machine can "
                "reach them."
            )
        if self.is_unanswered:
            return "Whether it was carried out is not known; the next plan looks."
        return ""


# Our own codes, for what goes wrong before a service is asked.
NO_CREDENTIALS: Final = "NoCredentials"
NO_REGION: Final = "NoRegion"
BAD_PARAMETERS: Final = "ParamValidation"
BAD_SETTINGS: Final = "Configuration"
