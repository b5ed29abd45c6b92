"""Conditions that a configuration states about itself, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostic, Diagnostics, Severity
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.states.model import CheckObject, CheckResult, CheckStatus
from cotta.values.convert import ConversionError, convert
from cotta.values.types import BOOL, STRING
from cotta.values.value import Mark, Null, Unknown, deep_marks, unmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.configs.model import CheckRule, Lifecycle
    from cotta.engine.nodes import Node
    from cotta.hcl.ast import Expression
    from cotta.values.value import Value


@dataclass(slots=True)
class CheckMemory:
    """The outcome of every check of one walk, by block and object."""

    results: dict[tuple[str, str], dict[str, CheckObject]]

    def expect(self, kind: str, block: str) -> None:
        """Remember that a block has checks, though none of its objects may be reached."""
        self.results.setdefault((kind, block), {})

    def record(self, kind: str, block: str, outcome: CheckObject) -> None:
        """Remember an outcome; of two for one object, the worse stays."""
        objects = self.results.setdefault((kind, block), {})
        before = objects.get(outcome.address)
        if before is None or _BADNESS[outcome.status] >= _BADNESS[before.status]:
            objects[outcome.address] = outcome

    def summary(self) -> tuple[CheckResult, ...]:
        """Return the outcomes, a block's status being that of its worst object."""
        found = []
        for (kind, block), objects in self.results.items():
            worst = max(
                (o.status for o in objects.values()), key=_BADNESS.__getitem__, default=None
            )
            status = worst if worst is not None else CheckStatus.PASSED
            found.append(CheckResult(kind, block, status, tuple(objects.values())))
        return tuple(found)


_BADNESS = {
    CheckStatus.PASSED: 0,
    CheckStatus.UNKNOWN: 1,
    CheckStatus.FAILED: 2,
    CheckStatus.ERROR: 3,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The pre- and postconditions of one resource instance, and where their outcome is kept."""

    lifecycle: Lifecycle
    memory: CheckMemory
    block: Node
    address: AbsResourceInstance
    diags: Diagnostics

    def hold_before(self, scope: Scope) -> bool:
        """Say whether no precondition fails; what can't be told yet does not."""
        return self._hold(self.lifecycle.preconditions, "precondition", scope)

    def hold_after(self, value: Value, scope: Scope) -> bool:
        """Say whether no postcondition fails on the object as it is now."""
        rules = self.lifecycle.postconditions
        if not rules:
            return True
        return self._hold(rules, "postcondition", Scope({"self": value}, parent=scope))

    def _hold(self, rules: Sequence[CheckRule], what: str, scope: Scope) -> bool:
        if not rules:
            return True
        status, messages = check_rules(rules, f"Resource {what} failed", scope, self.diags)
        outcome = CheckObject(str(self.address), status, messages)
        self.memory.record("resource", str(self.block), outcome)
        return status in (CheckStatus.PASSED, CheckStatus.UNKNOWN)


def check_rules(
    rules: Sequence[CheckRule],
    title: str,
    scope: Scope,
    diags: Diagnostics,
    *,
    severity: Severity = Severity.ERROR,
) -> tuple[CheckStatus, tuple[str, ...]]:
    """Evaluate conditions; return the worst status and the messages of those that failed.

    `title` is the summary of a failure: "Resource precondition failed".  With
    a severity of warning, a condition that can't be evaluated is one too.
    """
    worst = CheckStatus.PASSED
    messages: list[str] = []
    for rule in rules:
        found = Diagnostics()
        status, message = _check_rule(rule, title, scope, found, severity)
        for one in found:
            diags.add(one if severity is Severity.ERROR else _as_warning(one))
        if message:
            messages.append(message)
        if _BADNESS[status] > _BADNESS[worst]:
            worst = status
    return worst, tuple(sorted(messages))


def _as_warning(found: Diagnostic) -> Diagnostic:
    from dataclasses import replace

    return replace(found, severity=Severity.WARNING)


def _check_rule(
    rule: CheckRule, title: str, scope: Scope, diags: Diagnostics, severity: Severity
) -> tuple[CheckStatus, str]:
    condition = evaluate(rule.condition, scope, diags)
    if diags.has_errors:
        return CheckStatus.ERROR, ""
    value, _marks = unmark(condition)
    try:
        if type(value) is Null:
            raise ConversionError("the condition is null, and it must be true or false")
        truth = unmark(convert(value, BOOL))[0]
    except ConversionError as error:
        diags.error(
            "Invalid condition result",
            f"A condition must be true or false: {error.describe()}.",
            rule.condition.range,
            values=describe_values(rule.condition, scope),
        )
        return CheckStatus.ERROR, ""
    if type(truth) is Unknown:
        if severity is Severity.WARNING:
            diags.add(
                Diagnostic(
                    severity=severity,
                    summary="Check block assertion known after apply",
                    detail="What this depends on is not known yet; applying the plan will tell.",
                    subject=rule.condition.range,
                    values=describe_values(rule.condition, scope),
                )
            )
        return CheckStatus.UNKNOWN, ""
    if truth:
        return CheckStatus.PASSED, ""
    message = _message(rule.error_message, scope, diags)
    diags.add(
        Diagnostic(
            severity=severity,
            summary=title,
            detail=message,
            subject=rule.condition.range,
            values=describe_values(rule.condition, scope),
        )
    )
    return CheckStatus.FAILED, message


def _message(expression: Expression, scope: Scope, diags: Diagnostics) -> str:
    """Return the message of a failed condition, or a word on why there is none."""
    value = evaluate(expression, scope, diags)
    marks = deep_marks(value)
    if Mark.SENSITIVE in marks:
        diags.warning(
            "Error message refers to sensitive values",
            "The message of this condition holds sensitive values, so it isn't shown. With "
            "nonsensitive(), what may be seen of them can be.",
            expression.range,
        )
        return "The condition failed. Its message can't be shown, as it refers to sensitive values."
    try:
        text = convert(unmark(value)[0], STRING)
    except ConversionError as error:
        diags.error(
            "Invalid error message",
            f"The message of a condition must be text: {error.describe()}.",
            expression.range,
        )
        return ""
    if not isinstance(text, str):
        return "The condition failed. Its message is only known after apply."
    return text.strip()
