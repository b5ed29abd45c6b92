"""What the functions of a type speak to: calls, waits, names, tags, lookups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.waits import wait_for
from cotta.providers.aws.declare import parse_duration
from cotta.providers.aws.reading import Reader
from cotta.providers.aws.tags import TagSettings
from cotta.providers.interface import answer_by_default, say_nothing
from cotta.providers.options import NO_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.clouds.session import Answer, Session
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item, Lookup
    from cotta.providers.interface import Question, Say
    from cotta.providers.options import ProviderOptions
    from cotta.system.clock import Clock

# Since the program began, in all providers: names made in one run sort by it.
_NAMES: Final = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A configured provider, as its types see it.

    While something is applied, `say` takes a line about progress, `ask` answers a question, and
    `config` is what the configuration says of the object, as far as it is known.  `promised` is
    what versions of launch templates that a plan makes will launch, by id and number or word.
    """

    session: Session
    clock: Clock
    tags: TagSettings = field(default_factory=TagSettings)
    options: ProviderOptions = NO_OPTIONS
    reader: Reader = field(default_factory=Reader)
    stopped: Callable[[], bool] = lambda: False
    say: Say = say_nothing
    ask: Callable[[Question], str] = answer_by_default
    config: Fields = field(default_factory=dict)
    promised: dict[tuple[str, str], Fields] = field(default_factory=dict)

    def call(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Return the answer to a call, without parameters that are None.  Raises CloudError."""
        return self.session.call(service, operation, **parameters)

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield what is under `key` of all pages.  Raises CloudError."""
        return self.session.pages(service, operation, key, **parameters)

    def find(self, lookup: Lookup, id_: str) -> Item | None:
        """Return an object as AWS describes it, in a batch if announced; None if it is gone."""
        return self.reader.find(self.session, lookup, id_)

    def wait(
        self, look: Callable[[], Any], what: str, *, at_most: timedelta, pause: float = 10
    ) -> Any:
        """Look until there is something to return; `pause` in seconds.  Raises WaitEndedError."""
        return wait_for(
            look,
            what,
            at_most=at_most,
            clock=self.clock,
            stopped=self.stopped,
            longest_pause=timedelta(seconds=pause),
        )

    def arn(self, service: str, resource: str) -> str:
        """Return the name of a resource of this account and region: `arn:aws:ec2:…`."""
        session = self.session
        account = session.caller().account
        return f"arn:{session.partition()}:{service}:{session.region}:{account}:{resource}"

    def new_name(
        self,
        wanted: Fields,
        name: str = "name",
        prefix: str | None = None,
        usual: str = "terraform-",
    ) -> str:
        """Return the name that a resource says, or one made of its prefix, or of the usual."""
        if wanted.get(name):
            return str(wanted[name])
        return self.unique_name(wanted.get(prefix or f"{name}_prefix") or usual)

    def unique_name(self, prefix: str) -> str:
        """Return a name that was never made before.

        As the official provider's: 26 characters after the prefix, the time in UTC to a
        ten-thousandth of a second and a counter.
        """
        stamp = self.clock.now().strftime("%Y%m%d%H%M%S%f")[:18]
        return f"{prefix}{stamp}{next(_NAMES):08x}"


def timeout(fields: Fields, operation: str, usual: timedelta) -> timedelta:
    """Return how long an operation may take, as the block `timeouts` has it."""
    given = (fields.get("timeouts") or {}).get(operation)
    found = parse_duration(given) if isinstance(given, str) else None
    return usual if found is None else found


def prefix_of(name: str) -> str:
    """Return the prefix that a name was made of; "" if it was not made so."""
    made = name[-26:]
    if len(made) == 26 and made[:18].isdecimal() and made[:2] == "20" and _is_hex(made[18:]):
        return name[:-26]
    return ""


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
