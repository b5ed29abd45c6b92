"""Rules on how images are found: by whom, by which names, and when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode
from cotta.diagnostics.diagnostics import Severity
from cotta.practices.model import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.practices.reading import Reading
    from cotta.practices.subjects import Configured, ImageFacts

NO_OWNER: Final = Rule(
    id="CT004",
    title="Image looked up without an owner",
    severity=Severity.ERROR,
    why="Anybody can publish an image under any name. A lookup of the newest without an owner "
    "takes whatever a stranger has put there since yesterday (CVE-2018-15869).",
    remedy='Name the owner: `owners = ["self"]` for images of your own, `["amazon"]` or an account '
    "number for others'.",
)
TOO_WIDE: Final = Rule(
    id="CT005",
    title="Image looked up by a name that fits several families",
    why="The newest image of all that fit is taken. A pattern that begins with a wildcard, or no "
    "pattern at all, fits images that have nothing to do with each other.",
    remedy="Begin the pattern with the name of one family, and end it with what varies: "
    '`values = ["web-app-*"]`.',
)
UNPINNED: Final = Rule(
    id="CT011",
    title="Production image is not pinned",
    why="With `most_recent` a plan takes the newest image of that minute: a plan made for another "
    "reason rolls the fleet, and going back needs a change of the lookup.",
    remedy="Pin it, so that an image changes when somebody wants it to: `cotta images pin "
    "ADDRESS`. `cotta ship` and `cotta rollback` move the pin by themselves.",
)


def check_lookups(configured: Configured) -> Iterator[Finding]:
    """Yield what is wrong with the `aws_ami` data sources."""
    for subject in configured.of_type("aws_ami", mode=Mode.DATA):
        body, address = subject.body, str(subject.address)
        if body.flag("most_recent") is not True:
            continue
        names = _names(body)
        if not body.is_set("owners") and not _filters(body, "owner-id", "owner-alias", "image-id"):
            yield Finding(
                rule=NO_OWNER,
                detail="This takes the newest image that fits, whoever it belongs to.",
                subject=body.place("most_recent"),
                address=address,
            )
        if names == [] and not body.is_set("name_regex") and not _is_narrow(body):
            yield Finding(
                rule=TOO_WIDE,
                detail="This takes the newest of all images of the owner: no name is asked for.",
                subject=body.range,
                address=address,
            )
        for name in names or ():
            if name.startswith(("*", "?")):
                yield Finding(
                    rule=TOO_WIDE,
                    detail=f'The pattern "{name}" begins with a wildcard.',
                    subject=body.range,
                    address=address,
                )
        if address not in configured.pinned and _is_production(configured, subject.address.module):
            yield Finding(
                rule=UNPINNED,
                detail="The newest image of the moment is taken at every plan.",
                subject=body.place("most_recent"),
                address=address,
            )


def check_base_image(facts: ImageFacts) -> Iterator[Finding]:
    """Yield what is wrong with how a template finds the image it builds upon."""
    if not facts.has_lookup:
        return
    if not facts.owners:
        yield Finding(
            rule=NO_OWNER,
            detail="This builds upon the newest image that fits, whoever it belongs to.",
            subject=facts.lookup_place,
            address=facts.name,
        )
    for name in facts.names:
        if name.startswith(("*", "?")):
            yield Finding(
                rule=TOO_WIDE,
                detail=f'The pattern "{name}" begins with a wildcard.',
                subject=facts.lookup_place,
                address=facts.name,
            )


def _names(body: Reading) -> list[str] | None:
    """Return the name patterns that are asked for; None if they are not known."""
    found: list[str] = []
    for block in body.blocks("filter"):
        if block.text("name") == "name":
            values = block.texts("values")
            if values is None:
                return None
            found += values
    return found


def _is_narrow(body: Reading) -> bool:
    """Say whether a filter other than the name's picks a family: a tag, say."""
    asked = [block.text("name") for block in body.blocks("filter")]
    return any(name is None or name in _NARROW or name.startswith("tag") for name in asked)


_NARROW: Final = frozenset({"description", "image-id", "manifest-location", "product-code"})


def _filters(body: Reading, *names: str) -> bool:
    return any(block.text("name") in names for block in body.blocks("filter"))


# What people call the environment in which an outage costs something.
_PRODUCTION: Final = frozenset({"prod", "production", "live"})


def _is_production(configured: Configured, path: tuple[str, ...]) -> bool:
    """Say whether a variable, a local or the module's own name says that it is production."""
    if any(name.lower() in _PRODUCTION for name in path):
        return True
    for here in configured.root.walk():
        for name, local in here.module.locals.items():
            value = configured.value_of(here.path, local.expression)
            if name in _WORDS and isinstance(value, str) and value.lower() in _PRODUCTION:
                return True
        for name, variable in here.module.variables.items():
            default = variable.default
            if name in _WORDS and isinstance(default, str) and default.lower() in _PRODUCTION:
                return True
    return False


_WORDS: Final = frozenset({"env", "environment", "stage", "workspace"})
