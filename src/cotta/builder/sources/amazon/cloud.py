"""The calls of a build to its cloud: mistakes as `BuildError`, waits that end, several regions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cotta.builder.running import BuildError, Cancelled
from cotta.clouds.errors import CloudError
from cotta.clouds.session import Session, is_local
from cotta.clouds.waits import WaitEndedError, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.builder.options.values import Options
    from cotta.clouds.session import Answer
    from cotta.clouds.which import Access
    from cotta.system.clock import Clock

T = TypeVar("T")

# Law: AWS's documentation of the waiters; Packer's own for `aws_polling`.
_USUAL_DELAY: Final = 15
# How long what was made may take to be seen everywhere.
_SETTLING: Final = timedelta(minutes=3)
# A local region whose daemon has died is up again as soon as somebody says so.
_BACK_WITHIN: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(seconds=10)
# What EC2 puts before the reasons of a refusal, which only STS can read.
_IN_CODE: Final = "Encoded authorization failure message:"


@dataclass(frozen=True, slots=True)
class Polling:
    """How waits are bounded, where the person has said so."""

    at_most: timedelta | None = None
    longest_pause: timedelta = _LONGEST_PAUSE


def polling_of(options: Options, environment: Mapping[str, str]) -> Polling:
    """Return what `aws_polling` or the environment says; in Packer, 50 attempts mean 50 × 15 s."""
    block = options.block("aws_polling")
    delay = block.number("delay_seconds") if block is not None else 0
    attempts = block.number("max_attempts") if block is not None else 0
    delay = delay or _whole(environment.get("AWS_POLL_DELAY_SECONDS"))
    attempts = attempts or _whole(environment.get("AWS_MAX_ATTEMPTS"))
    seconds = _whole(environment.get("AWS_TIMEOUT_SECONDS"))
    at_most = None
    if attempts:
        at_most = timedelta(seconds=attempts * (delay or _USUAL_DELAY))
    elif seconds:
        at_most = timedelta(seconds=seconds)
    pause = timedelta(seconds=delay) if delay else _LONGEST_PAUSE
    return Polling(at_most, pause)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


class Cloud:
    """Calls of one build.  Its own region is meant unless another one is named."""

    def __init__(
        self,
        access: Access,
        clock: Clock,
        *,
        polling: Polling | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        hurried: Callable[[], bool] = lambda: False,
        decodes: bool = False,
    ) -> None:
        """Call with an access; `decodes` has STS say what a refusal means that is in code."""
        self._access = access
        self._decodes = decodes
        self._clock = clock
        self._polling = polling or Polling()
        self._cancelled = cancelled
        self._hurried = hurried
        self._sessions: dict[str, Session] = {}
        # While things are taken away, only a second request ends waiting.
        self.is_undoing = False
        self._patience = _BACK_WITHIN

    @property
    def is_local(self) -> bool:
        """Whether it is the local region."""
        return is_local(self.session())

    @property
    def clock(self) -> Clock:
        """The clock that waits go by."""
        return self._clock

    @property
    def region(self) -> str:
        """The region of the build; raises `BuildError` if nothing says which."""
        try:
            return self.session().region
        except CloudError as error:
            raise BuildError(
                'No region is named. Set region in the source, such as region = "us-east-1", or '
                "AWS_REGION."
            ) from error

    def session(self, region: str = "") -> Session:
        """Return the session of a region."""
        if region not in self._sessions:
            access = replace(self._access, region=region) if region else self._access
            self._sessions[region] = Session(access)
        return self._sessions[region]

    def close(self) -> None:
        """Free connections."""
        for session in self._sessions.values():
            session.close()

    def _decoded(self, error: CloudError, region: str) -> CloudError:
        """Return a refusal with what is in code in it made plain, if the caller may see that."""
        _, _, code = error.message.partition(_IN_CODE)
        if not (self._decodes and error.is_denied and code):
            return error
        try:
            found = self.session(region).call(
                "sts", "DecodeAuthorizationMessage", EncodedMessage=code.strip()
            )
        except CloudError:
            return error
        message = error.message.replace(code, f" {found['DecodedMessage']}")
        return CloudError(error.service, error.operation, error.code, message)

    # --- calls ----------------------------------------------------------------------------

    def ask(
        self, operation: str, *, service: str = "ec2", region: str = "", **parameters: Any
    ) -> Answer:
        """Return the answer to a call; raises `CloudError` as it comes."""
        try:
            return self.session(region).call(service, operation, **parameters)
        except CloudError as error:
            raise self._decoded(error, region) from error

    def call(
        self, operation: str, *, service: str = "ec2", region: str = "", **parameters: Any
    ) -> Answer:
        """Return the answer to a call; raises `BuildError` that says what to do."""
        try:
            return self.ask(operation, service=service, region=region, **parameters)
        except CloudError as error:
            raise refused(error) from error

    def pages(
        self, operation: str, key: str, *, region: str = "", **parameters: Any
    ) -> list[dict[str, Any]]:
        """Return what is under `key` on all pages; raises `BuildError`."""
        try:
            return list(self.session(region).pages("ec2", operation, key, **parameters))
        except CloudError as error:
            raise refused(error) from error

    def persist(self, codes: Sequence[str], act: Callable[[], T], what: str) -> T:
        """Return what `act` does, tried again while it is refused with one of these codes.

        What was made a moment ago may not be known everywhere yet.
        """
        last: list[CloudError] = []

        def attempt() -> tuple[T] | None:
            try:
                return (act(),)
            except CloudError as error:
                if not any(error.code.startswith(code) for code in codes):
                    raise
                last[:] = [error]
                return None

        try:
            (found,) = self._wait(attempt, what, _SETTLING)
        except CloudError as error:
            raise refused(error) from error
        except WaitEndedError as error:
            raise refused(last[0]) from error
        return found

    def until_answered(self, act: Callable[[], None]) -> None:
        """Take something away, tried again while the cloud does not answer: it may be back soon.

        `act` may be done twice.  Only what is undone waits so, and for a while in all: a cloud that
        is gone for good is told once.
        """

        def attempt() -> bool | None:
            try:
                act()
            except (CloudError, BuildError) as error:
                cause = error if isinstance(error, CloudError) else error.__cause__
                is_lost = isinstance(cause, CloudError) and cause.is_unanswered
                if not (is_lost and self.is_undoing and self._patience > timedelta()):
                    raise
                return None
            return True

        began = self._clock.now()
        try:
            self._wait(attempt, "an answer", self._patience)
        except WaitEndedError:
            self._patience = timedelta()
            act()
        finally:
            self._patience -= min(self._patience, self._clock.now() - began)

    def wait(self, look: Callable[[], T | None], what: str, at_most: timedelta) -> T:
        """Return what is waited for; raises `BuildError` when it takes too long, or `Cancelled`."""
        try:
            return self._wait(look, what, self._polling.at_most or at_most)
        except WaitEndedError as error:
            seconds = error.waited.total_seconds()
            raise BuildError(
                f"{what} was not there within {seconds:.0f} s. To wait longer, set "
                "aws_polling { delay_seconds = … max_attempts = … } in the source."
            ) from error
        except CloudError as error:
            raise refused(error) from error

    def _wait(self, look: Callable[[], T | None], what: str, at_most: timedelta) -> T:
        stopped = self._hurried if self.is_undoing else self._cancelled
        try:
            return wait_for(
                look,
                what,
                at_most=at_most,
                clock=self._clock,
                stopped=stopped,
                longest_pause=self._polling.longest_pause,
            )
        except WaitEndedError as error:
            if not error.is_stopped:
                raise
            if self.is_undoing:
                raise BuildError(f"waiting for {what} was interrupted") from error
            raise Cancelled from error


# What a source names and AWS does not know, by the beginning of AWS's code: the next step.
_NAMED: Final = (
    (
        "InvalidAMIID",
        (
            "An image has another id in each region, and others' images must be shared with you: "
            "look at source_ami, or find the image by source_ami_filter."
        ),
    ),
    (
        "InvalidKeyPair",
        "Look at ssh_keypair_name, or leave it out: the build makes a key pair of its own then.",
    ),
    (
        "InvalidGroup",
        "Look at security_group_id, or leave it out: the build makes a group of its own then.",
    ),
    ("InvalidSubnetID", "Look at subnet_id, or leave it out for the region's default network."),
    ("InvalidVpcID", "Look at vpc_id, or leave it out for the region's default network."),
    ("NoSuchEntity", "Look at iam_instance_profile: profiles have names, not ARNs."),
    ("InsufficientInstanceCapacity", "Another availability_zone or instance_type may have some."),
    ("InstanceLimitExceeded", "End instances, ask AWS for more, or choose another instance_type."),
    ("VcpuLimitExceeded", "End instances, ask AWS for more, or choose another instance_type."),
    (
        "UnsupportedOperation",
        "For the local region leave out what only AWS has, such as spot_price.",
    ),
    ("Unsupported", "Choose another instance_type or availability_zone: subnet_id may say which."),
)


def refused(error: CloudError) -> BuildError:
    """Return a refused call as a build that failed, with the next step where there is one."""
    if error.is_unauthenticated:
        advice = (
            "Name credentials that are valid: access_key and secret_key in the source, "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile. For the local region use "
            "-cloud=local."
        )
    elif error.is_unanswered:
        advice = (
            "Whether it was carried out is not known. `cotta build -reap` takes away what was made."
        )
    else:
        named = (text for code, text in _NAMED if error.code.startswith(code))
        advice = error.advice or next(named, "")
    return BuildError(f"{error}. {advice}".removesuffix(" ").replace("..", "."))


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as calls take them, sorted."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tag_specifications(tags: Mapping[str, str], *kinds: str) -> list[dict[str, Any]] | None:
    """Return what puts tags on new things of some kinds; None if there are no tags."""
    if not tags:
        return None
    return [{"ResourceType": kind, "Tags": tag_list(tags)} for kind in kinds]


def filters(found: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """Return filters as calls take them."""
    return [{"Name": name, "Values": list(values)} for name, values in sorted(found.items())]


def filters_of(options: Options) -> list[dict[str, Any]]:
    """Return the filters of a block: `filters` by name, and `filter` blocks."""
    named: dict[str, Sequence[str]] = {
        name: [value] for name, value in options.mapping("filters").items()
    }
    for block in options.blocks("filter"):
        named[block.text("name")] = block.texts("values")
    return filters(named)
