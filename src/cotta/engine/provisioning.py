"""Provisioners of one object: after it is made, or before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.configs.model import OnFailure
from cotta.engine.complaints import report_complaints
from cotta.engine.events import ProvisionFinished, ProvisionOutput, ProvisionStarted
from cotta.providers.interface import errors_of
from cotta.schemas.decode import decode_body
from cotta.values.value import Mark, deep_marks, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cotta.configs.model import Provisioner as Block
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.events import Event, Subject
    from cotta.hcl.scope import Scope
    from cotta.providers.interface import Complaints, Provisioner
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class Step:
    """A provisioner that is ready to run."""

    block: Block
    provisioner: Provisioner
    config: Value
    # Output that might show a secret is not shown.
    is_secret: bool


def prepare(
    blocks: Sequence[Block],
    known: Mapping[str, Provisioner],
    scope: Scope,
    diags: Diagnostics,
) -> list[Step]:
    """Return the provisioners of an object with their arguments evaluated."""
    steps = []
    for block in blocks:
        provisioner = known.get(block.type)
        if provisioner is None:
            diags.error(
                "Invalid provisioner",
                f'The provisioner "{block.type}" is not part of Cotta: a machine is never edited '
                "once it runs. Bake the change into its image instead.",
                block.range,
            )
            continue
        config = decode_body(block.body, provisioner.schema().block, scope, diags)
        steps.append(
            Step(block, provisioner, unmark_deep(config)[0], Mark.SENSITIVE in deep_marks(config))
        )
    return steps


def run_steps(
    steps: Sequence[Step],
    subject: Subject,
    post: Callable[[Event], None],
) -> list[tuple[Step, Complaints]]:
    """Run provisioners in order until one fails that matters; return what each complained of.

    Called on a worker: what happens is handed to `post`.
    """
    found: list[tuple[Step, Complaints]] = []
    for step in steps:
        name = step.block.type
        post(ProvisionStarted(subject, name))
        if step.is_secret:
            post(
                ProvisionOutput(
                    subject, name, "(output suppressed due to sensitive value in config)"
                )
            )

        def say(line: str, name: str = name, is_secret: bool = step.is_secret) -> None:
            if not is_secret:
                post(ProvisionOutput(subject, name, line))

        complaints = step.provisioner.run(step.config, say=say)
        failed = errors_of(complaints)
        post(ProvisionFinished(subject, name, failed))
        found.append((step, complaints))
        if failed and step.block.on_failure is OnFailure.FAIL:
            break
    return found


def report_steps(
    results: Sequence[tuple[Step, Complaints]], address: str, diags: Diagnostics
) -> bool:
    """Add what the provisioners complained of; return whether all of them may pass as good.

    What the configuration says to go on after is told by its event alone.
    """
    good = True
    for step, complaints in results:
        if step.block.on_failure is OnFailure.CONTINUE:
            continue
        schema = step.provisioner.schema().block
        report_complaints(complaints, address, schema, step.block.body, diags)
        good = good and not errors_of(complaints)
    return good
