"""How things of a kind are described: ids, filters, tags, pages; each kind declares its own.

`describe(LISTING)` is the whole operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cotta.region.api.calls import Reads
from cotta.region.api.ec2.lookups import require, require_all
from cotta.region.api.filters import Fields, select, tag_fields
from cotta.region.api.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.region.api.calls import Answer, Call
    from cotta.region.store.kinds import Kind
    from cotta.region.store.store import Reading

R = TypeVar("R")


def _all_are_shown(_record: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[R]):
    """A kind of things: where they are kept, what names them, how they are shown.

    `ids` and `answer` are members of the request and of the answer; refusals are
    `code.NotFound` and `code.Malformed`.
    """

    kind: Kind[R]
    prefix: str
    code: str
    what: str
    ids: str
    answer: str
    fields: Fields[R]
    encode: Callable[[R, Call, Reading], dict[str, Any]]
    # Whether a record is one that anybody may see.
    is_shown: Callable[[R], bool] = _all_are_shown

    def require(self, rows: Reading, key: str) -> R:
        """Return the thing with an id; `ApiError` if there is none."""
        return require(rows, self.kind, key, prefix=self.prefix, code=self.code, what=self.what)

    def require_all(self, rows: Reading, keys: list[str] | None) -> list[R]:
        """Return the things with these ids, or all there are; `ApiError` if one is not there."""
        return require_all(
            rows, self.kind, keys, prefix=self.prefix, code=self.code, what=self.what
        )

    def find(self, call: Call, rows: Reading) -> tuple[list[R], str | None]:
        """Return those that a request asks for, a page of them, and the next page's token."""
        given = call.parameters
        records = self.require_all(rows, given.get(self.ids))
        chosen = select(
            [record for record in records if self.is_shown(record)],
            given.get("Filters"),
            self.fields,
            tag_fields,  # type: ignore[arg-type]  # everything that is listed has tags
        )
        return page(
            chosen, key=self.kind.key, token=given.get("NextToken"), most=given.get("MaxResults")
        )


def describe(listing: Listing[R]) -> Reads:
    """Return the operation that describes the things of a listing."""

    def handler(call: Call, rows: Reading) -> Answer:
        shown, token = listing.find(call, rows)
        return {
            listing.answer: [listing.encode(record, call, rows) for record in shown],
            "NextToken": token,
        }

    return Reads(handler)
