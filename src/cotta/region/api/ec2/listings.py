"""How things of a kind are described: ids, filters, tags, pages; each kind declares its own.

`describe(LISTING)` is the whole operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cotta.region.api.calls import Reads
from cotta.region.api.filters import Fields, select, tag_fields
from cotta.region.api.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.region.api.calls import Answer, Call
    from cotta.region.api.ec2.lookups import Named
    from cotta.region.store.store import Reading

R = TypeVar("R")


def _all_are_shown(_record: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[R]):
    """Things of a kind: what they are found by and how they are shown.

    `ids` and `answer` are members of the request and of the answer.
    """

    of: Named[R]
    ids: str
    answer: str
    fields: Callable[[Call, Reading], Fields[R]]
    encode: Callable[[R, Call, Reading], dict[str, Any]]
    # Whether a record is one that anybody may see.
    is_shown: Callable[[R], bool] = _all_are_shown

    def find(
        self, call: Call, rows: Reading, among: Sequence[R] | None = None
    ) -> tuple[list[R], str | None]:
        """Return those that a request asks for, a page of them, and the next page's token.

        `among` are all there are, where that is not for the ids to say.
        """
        given = call.parameters
        if among is None:
            among = self.of.require_all(rows, given.get(self.ids))
        chosen = select(
            [record for record in among if self.is_shown(record)],
            given.get("Filters"),
            self.fields(call, rows),
            tag_fields,  # type: ignore[arg-type]  # everything that is listed has tags
        )
        return page(
            chosen,
            key=self.of.kind.key,
            token=given.get("NextToken"),
            most=given.get("MaxResults"),
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
