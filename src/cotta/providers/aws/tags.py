"""Tags: what a resource says, what the provider block adds, what is not looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.declare import computed, either, optional
from cotta.providers.aws.plain import UNKNOWN, has_unknown
from cotta.values.types import STRING, MapType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.providers.aws.declare import Argument, Fields

# The two attributes of everything that has tags, as its types declare them.
TAGS: Final[dict[str, Argument]] = {
    "tags": optional(MapType(STRING)),
    "tags_all": either(MapType(STRING)),
}
# The same for types of the provider's newer framework.
FRAMEWORK_TAGS: Final[dict[str, Argument]] = {
    "tags": optional(MapType(STRING)),
    "tags_all": computed(MapType(STRING)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSettings:
    """The provider block's word on tags."""

    default: Mapping[str, str] = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()

    def ignores(self, key: str) -> bool:
        """Say whether a tag is nobody's business here: AWS's own are not either."""
        return (
            key.startswith("aws:")
            or key in self.ignored_keys
            or any(key.startswith(prefix) for prefix in self.ignored_prefixes)
        )

    def all_of(self, tags: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return a resource's tags over those of the provider block."""
        merged = {**self.default, **(tags or {})}
        return {
            key: value
            for key, value in merged.items()
            if key not in self.ignored_keys
            and not any(key.startswith(prefix) for prefix in self.ignored_prefixes)
        }

    def plan(self, planned: Fields, prior: Fields, *, is_certain: bool = False) -> Any:
        """Return what `tags_all` will be.

        Of a new object without any tags that is not said before it is there, unless `is_certain`:
        so do the types of the official provider's newer framework.
        """
        tags = planned.get("tags")
        if tags is UNKNOWN or has_unknown(tags):
            return UNKNOWN
        everything = self.all_of(tags)
        if not everything and not prior:
            return {} if is_certain else UNKNOWN
        if not everything and not prior.get("tags_all"):
            return prior.get("tags_all")
        return everything

    def found(self, tags: Mapping[str, str], base: Fields) -> Fields:
        """Return `tags` and `tags_all` of an object on which `tags` were found.

        A tag of the provider block counts as the resource's own only if that says it too.
        """
        everything = {key: value for key, value in tags.items() if not self.ignores(key)}
        own = base.get("tags") or {}
        kept = {
            key: value
            for key, value in everything.items()
            if self.default.get(key) != value or key in own
        }
        return {"tags": kept, "tags_all": everything}


def as_list(tags: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return tags as the services take them, sorted by key; a value of null is ""."""
    return [{"Key": key, "Value": value or ""} for key, value in sorted((tags or {}).items())]


def as_dict(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return tags as the services answer them, by key."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags or ()}


def difference(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the keys to take away, sorted, and the tags to set."""
    gone = sorted(key for key in before if key not in after)
    return gone, {key: value for key, value in after.items() if before.get(key) != value}
