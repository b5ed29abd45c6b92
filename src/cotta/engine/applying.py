"""One change, carried out: what is asked of the provider, and what may come back.

Called on workers; touches nothing that is shared.  The rules are those of
Terraform 1.11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.engine.objects import unknown_as_null
from cotta.engine.planning import Fault
from cotta.plans.ignore import ignore_changes
from cotta.plans.proposed import propose
from cotta.plans.results import find_result_faults
from cotta.providers.interface import (
    ApplyRequest,
    PlanRequest,
    answer_by_default,
    errors_of,
    say_nothing,
)
from cotta.values.value import Null, is_null, is_wholly_known, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.engine.planning import Target
    from cotta.providers.interface import PlanResponse, ProviderDiagnostic, Question, Say
    from cotta.values.paths import Path
    from cotta.values.value import Value

_BUG: Final = "This is a bug in the provider, which should be reported where it is developed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The plan of one object, made again now that everything is known.

    `is_empty` says that there is nothing to do after all.
    """

    planned: Value
    private: bytes = b""
    is_empty: bool = False
    complaints: tuple[ProviderDiagnostic, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it can be carried out."""
        return not self.faults and not errors_of(self.complaints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What there is after a change, and whether it went well."""

    state: Value
    private: bytes = b""
    complaints: tuple[ProviderDiagnostic, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether there is what was wanted."""
        return not self.faults and not errors_of(self.complaints)


def replan(
    target: Target,
    prior: Value,
    config: Value,
    promised: Value,
    private: bytes,
    ignore: tuple[Path, ...] | None,
) -> Replanned:
    """Return what a provider plans with everything known; it must keep what it promised."""
    complaints = target.provider.validate_resource(target.type, config)
    if errors_of(complaints):
        return Replanned(planned=promised, complaints=complaints)
    if not is_null(prior):
        config = ignore_changes(target.schema.block, prior, config, ignore)
    answer = _plan(target, prior, config, private)
    complaints += answer.complaints
    if errors_of(answer.complaints):
        return Replanned(planned=promised, complaints=complaints)
    broken = find_result_faults(target.schema.block, promised, answer.planned)
    if broken and not answer.is_lenient:
        faults = tuple(
            _fault(target, "Provider produced inconsistent final plan", "changed its plan", what)
            for what in broken
        )
        return Replanned(planned=promised, complaints=complaints, faults=faults)
    return Replanned(
        planned=answer.planned,
        private=answer.private,
        is_empty=not is_null(prior) and same(answer.planned, prior),
        complaints=complaints,
    )


def _plan(target: Target, prior: Value, config: Value, private: bytes) -> PlanResponse:
    return target.provider.plan(
        PlanRequest(
            type=target.type,
            prior=prior,
            proposed=propose(target.schema.block, prior, config),
            config=config,
            private=private,
        )
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """How a provider speaks to people while it makes a change; from any thread."""

    say: Say = say_nothing
    ask: Callable[[Question], str] = answer_by_default


def apply_change(
    target: Target, prior: Value, config: Value, replanned: Replanned, contact: Contact
) -> Applied:
    """Create or change an object; return what there is then, whatever went wrong."""
    answer = target.provider.apply(
        ApplyRequest(
            type=target.type,
            prior=prior,
            planned=replanned.planned,
            config=config,
            private=replanned.private,
            say=contact.say,
            ask=contact.ask,
        )
    )
    faults: list[Fault] = []
    if not errors_of(answer.complaints):
        if not is_wholly_known(answer.state):
            faults.append(
                Fault(
                    summary="Provider returned invalid result object after apply",
                    detail=f"After the change to {target.address}, the provider still left some "
                    f"of its attributes unknown. {_BUG}",
                )
            )
        elif not answer.is_lenient:
            faults += [
                _fault(
                    target,
                    "Provider produced inconsistent result after apply",
                    "returned something else than it planned",
                    what,
                )
                for what in find_result_faults(target.schema.block, replanned.planned, answer.state)
            ]
    state = answer.state
    if not is_wholly_known(state):
        state = unknown_as_null(state)
    return Applied(
        state=state,
        private=answer.private,
        complaints=answer.complaints,
        faults=tuple(faults),
    )


def destroy(target: Target, prior: Value, private: bytes, contact: Contact) -> Applied:
    """End an object; return what there is then, which should be nothing."""
    nothing = Null(target.schema.block.implied_type)
    answer = target.provider.apply(
        ApplyRequest(
            type=target.type,
            prior=prior,
            planned=nothing,
            config=nothing,
            private=private,
            say=contact.say,
            ask=contact.ask,
        )
    )
    faults: tuple[Fault, ...] = ()
    if not errors_of(answer.complaints) and not is_null(answer.state):
        faults = (
            Fault(
                summary="Provider returned invalid result object after apply",
                detail=f"After the end of {target.address}, the provider says that it still "
                f"exists. {_BUG}",
            ),
        )
    return Applied(
        state=answer.state, private=answer.private, complaints=answer.complaints, faults=faults
    )


def _fault(target: Target, summary: str, did: str, what: str) -> Fault:
    return Fault(
        summary=summary,
        detail=f"While changing {target.address}, the provider "
        f"{target.provider_config.source.display} {did}: {what}.\n\n{_BUG}",
    )
