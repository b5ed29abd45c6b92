"""Every rule asked of a configuration or of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.parse import parse_instance
from cotta.addrs.resources import ConfigResource, path_of
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.asking import known_names
from cotta.hcl.evaluate import evaluate
from cotta.practices.rules import OF_CONFIGURATIONS, OF_TEMPLATES
from cotta.practices.subjects import Configured
from cotta.practices.suppressions import apply_suppressions
from cotta.values.value import ANY_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cotta.addrs.resources import ModulePath
    from cotta.engine.world import World
    from cotta.hcl.ast import Expression
    from cotta.practices.model import Finding
    from cotta.practices.subjects import ImageFacts
    from cotta.states.model import State
    from cotta.values.value import Value


def look_at(world: World, state: State, pinned: Collection[str] = ()) -> Configured:
    """Return a configuration as the rules see it: its names mean what can be said before a plan.

    Mistakes in expressions are left to `validate` and `plan`: what can't be evaluated is unknown.
    """
    names, _ = known_names(world, state)

    def value_of(path: ModulePath, expression: Expression) -> Value:
        instances = names.instances_of(path)
        if not instances:
            return ANY_UNKNOWN
        return evaluate(expression, names.scope(instances[0]), Diagnostics())

    # A pin names an instance of a data source; rules are about the block.
    blocks = frozenset(map(_block_of, pinned))
    return Configured(world.configuration, value_of, world.provider_of, blocks)


def _block_of(address: str) -> str:
    instance = parse_instance(address, Diagnostics())
    if instance is None:
        return address
    return str(ConfigResource(path_of(instance.module), instance.resource))


def check_configuration(configured: Configured) -> list[Finding]:
    """Return what does not keep to the practices: by file and line, excused findings included."""
    found = [finding for check in OF_CONFIGURATIONS for finding in check(configured)]
    blocks = {str(one.address): one.block.range for one in configured.subjects}
    return sorted(apply_suppressions(found, configured.files, blocks), key=_place)


def check_templates(templates: Iterable[ImageFacts]) -> list[Finding]:
    """Return what builds of images do not keep to: in their order, by file and line inside."""
    found: list[Finding] = []
    for facts in templates:
        own = [finding for check in OF_TEMPLATES for finding in check(facts)]
        blocks = {} if facts.place is None else {facts.name: facts.place}
        found += sorted(apply_suppressions(own, facts.files, blocks), key=_place)
    return found


def _place(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.subject
    if place is None:
        return "", 0, 0, finding.rule.id
    start = place.first
    return place.file.name, start.line, start.column, finding.rule.id
