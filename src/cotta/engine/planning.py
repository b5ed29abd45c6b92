"""One instance: what there is, what is wanted, and so what happens to it.

Everything here is called on a worker: it asks a provider and computes, and
touches nothing that is shared.  The rules are those of Terraform 1.11.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.engine.objects import Revived, revive
from cotta.plans.changes import Action, Reason
from cotta.plans.checks import find_plan_faults
from cotta.plans.ignore import ignore_changes
from cotta.plans.proposed import propose
from cotta.plans.replacement import changed_paths
from cotta.providers.interface import PlanRequest, ReadRequest, errors_of
from cotta.values.value import Null, is_null, same

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.providers.interface import PlanNote, PlanResponse, Provider, ProviderDiagnostic
    from cotta.schemas.model import Schema
    from cotta.states.model import StoredObject
    from cotta.values.paths import Path
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An instance, and who manages it."""

    address: AbsResourceInstance
    provider: Provider
    provider_config: ProviderConfig
    schema: Schema

    @property
    def type(self) -> str:
        """The name of the resource type."""
        return self.address.resource.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the configuration asks of an instance.

    `config` has no marks.  `ignore` is what changes are not wanted for: paths,
    or None for all.  `force` asks for a replacement whatever the provider says.
    `import_id` is of an object to take over, "" for none.
    """

    config: Value
    ignore: tuple[Path, ...] | None = ()
    force: Reason = Reason.NONE
    import_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A provider broke a rule: a mistake of its own, not of the configuration."""

    summary: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An object as the state has it, and as it is now; null where there is none.

    `current` of a tainted object is the object all the same.
    """

    previous: Value
    current: Value
    private: bytes = b""
    is_tainted: bool = False
    complaints: tuple[ProviderDiagnostic, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was decided for an instance; without `action` there were mistakes."""

    examined: Examined
    action: Action | None = None
    planned: Value = Null  # type: ignore[assignment]  # always given with an action
    reason: Reason = Reason.NONE
    replace: tuple[Path, ...] = ()
    private: bytes = b""
    notes: tuple[PlanNote, ...] = ()
    complaints: tuple[ProviderDiagnostic, ...] = ()
    faults: tuple[Fault, ...] = ()


def examine(
    target: Target,
    stored: StoredObject | None,
    *,
    refresh: bool,
    revived: Revived | None = None,
) -> Examined:
    """Return an object as it was and as it is; `revived` is it as a value, if that is known."""
    nothing = Null(target.schema.block.implied_type)
    if stored is None:
        return Examined(previous=nothing, current=nothing)
    if revived is None:
        revived = revive(target.provider, target.type, stored)
    if errors_of(revived.complaints):
        return Examined(previous=nothing, current=nothing, complaints=revived.complaints)
    if not refresh:
        return _as_found(revived, stored)
    answer = target.provider.read(
        ReadRequest(type=target.type, current=revived.value, private=stored.private)
    )
    return Examined(
        previous=revived.value,
        current=revived.value if errors_of(answer.complaints) else answer.state,
        private=answer.private,
        is_tainted=_is_tainted(stored),
        complaints=revived.complaints + answer.complaints,
    )


def _as_found(revived: Revived, stored: StoredObject) -> Examined:
    return Examined(
        previous=revived.value,
        current=revived.value,
        private=stored.private,
        is_tainted=_is_tainted(stored),
        complaints=revived.complaints,
    )


def _is_tainted(stored: StoredObject) -> bool:
    return stored.status.value == "tainted"


def find_imported(target: Target, id_: str) -> Examined:
    """Return the object that an id stands for, as it is; with faults if there is not just one."""
    nothing = Null(target.schema.block.implied_type)
    answer = target.provider.import_(target.type, id_)
    if errors_of(answer.complaints):
        return Examined(previous=nothing, current=nothing, complaints=answer.complaints)
    provider = target.provider_config.source.display
    if len(answer.objects) != 1:
        summary = "Multiple import states not supported"
        detail = (
            f"For the id {id_} the provider {provider} has {len(answer.objects)} objects, and "
            f"just one can become {target.address}."
        )
        if not answer.objects:
            summary, detail = _missing_object(target, id_)
        fault = Fault(summary=summary, detail=detail)
        return Examined(previous=nothing, current=nothing, faults=(fault,))
    found = answer.objects[0]
    now = target.provider.read(
        ReadRequest(type=target.type, current=found.state, private=found.private)
    )
    complaints = answer.complaints + now.complaints
    faults: tuple[Fault, ...] = ()
    if is_null(now.state) and not errors_of(complaints):
        summary, detail = _missing_object(target, id_)
        faults = (Fault(summary=summary, detail=detail),)
    return Examined(
        previous=now.state,
        current=now.state,
        private=now.private,
        complaints=complaints,
        faults=faults,
    )


def _missing_object(target: Target, id_: str) -> tuple[str, str]:
    return (
        "Cannot import non-existent remote object",
        (
            f"The provider {target.provider_config.source.display} knows no {target.type} with the "
            f'id "{id_}". Look whether the id is right, and belongs to the account and region that '
            "the provider is configured for. To have the object made instead, take the import of "
            f"{target.address} away."
        ),
    )


def plan_managed(
    target: Target,
    stored: StoredObject | None,
    wish: Wish,
    *,
    refresh: bool,
    revived: Revived | None = None,
) -> Outcome:
    """Return what happens to a managed instance."""
    if wish.import_id:
        examined = find_imported(target, wish.import_id)
        if examined.faults:
            return Outcome(examined=examined)
    else:
        examined = examine(target, stored, refresh=refresh, revived=revived)
    complaints = target.provider.validate_resource(target.type, wish.config)
    if errors_of(examined.complaints) or errors_of(complaints):
        return Outcome(examined=examined, complaints=complaints)
    return decide(target, examined, wish, complaints)


def decide(
    target: Target,
    examined: Examined,
    wish: Wish,
    complaints: tuple[ProviderDiagnostic, ...] = (),
) -> Outcome:
    """Return what happens to an instance that has been looked at."""
    nothing = Null(target.schema.block.implied_type)
    exists = not is_null(examined.current)
    prior = nothing if examined.is_tainted else examined.current
    config = wish.config
    if exists and not examined.is_tainted:
        config = ignore_changes(target.schema.block, prior, config, wish.ignore)
    first = _ask(target, prior, config, b"" if examined.is_tainted else examined.private)
    outcome = _judge(target, examined, prior, config, first, complaints)
    if outcome.action is None:
        return outcome
    if examined.is_tainted and exists:
        return replace(
            outcome, action=Action.DELETE_THEN_CREATE, reason=Reason.REPLACE_TAINTED, replace=()
        )
    if not exists:
        return replace(outcome, action=Action.CREATE)
    forced, notes = outcome.replace, outcome.notes
    if not forced and wish.force is Reason.NONE:
        unchanged = same(first.planned, prior)
        return replace(outcome, action=Action.NO_OP if unchanged else Action.UPDATE)
    # As a new object everything that the provider decides is open again.
    # Nor is there anything to yield to: its changes count, ignored or not.
    second = _ask(target, nothing, wish.config, b"")
    outcome = _judge(target, examined, nothing, wish.config, second, outcome.complaints)
    if outcome.action is None:
        return outcome
    return replace(
        outcome,
        action=Action.DELETE_THEN_CREATE,
        reason=wish.force if wish.force is not Reason.NONE else Reason.REPLACE_CANNOT_UPDATE,
        replace=forced,
        notes=notes or outcome.notes,
    )


def _ask(target: Target, prior: Value, config: Value, private: bytes) -> PlanResponse:
    return target.provider.plan(
        PlanRequest(
            type=target.type,
            prior=prior,
            proposed=propose(target.schema.block, prior, config),
            config=config,
            private=private,
        )
    )


def _judge(
    target: Target,
    examined: Examined,
    prior: Value,
    config: Value,
    answer: PlanResponse,
    complaints: tuple[ProviderDiagnostic, ...],
) -> Outcome:
    """Return an answer as an outcome; without an action if it is no good."""
    complaints += answer.complaints
    if errors_of(answer.complaints):
        return Outcome(examined=examined, complaints=complaints)
    broken = find_plan_faults(target.schema.block, prior, config, answer.planned)
    if broken and not answer.is_lenient:
        faults = tuple(_invalid_plan(target, what) for what in broken)
        return Outcome(examined=examined, complaints=complaints, faults=faults)
    changed = () if is_null(prior) else changed_paths(prior, answer.planned, answer.replace)
    return Outcome(
        examined=examined,
        action=Action.NO_OP,
        planned=answer.planned,
        replace=changed,
        private=answer.private,
        notes=answer.notes,
        complaints=complaints,
    )


_BUG: Final = "This is a bug in the provider, which should be reported where it is developed."


def _invalid_plan(target: Target, what: str) -> Fault:
    return Fault(
        summary="Provider produced invalid plan",
        detail=f"The provider {target.provider_config.source.display} planned an invalid value "
        f"for {target.address}: {what}.\n\n{_BUG}",
    )
