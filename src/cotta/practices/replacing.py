"""Rules on how things are replaced: what comes first, what is missing, under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Severity
from cotta.hcl.references import variables_in
from cotta.practices.model import Finding, Rule
from cotta.rollouts import Preferences, bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.engine.nodes import Node
    from cotta.practices.reading import Reading
    from cotta.practices.subjects import Configured, Subject

FIXED_NAME: Final = Rule(
    id="CT001",
    title="Fixed name under create_before_destroy",
    severity=Severity.ERROR,
    why="The new object is made while the old one is there, and two can't have the same name: the "
    "replacement fails half-way.",
    remedy="Use `name_prefix` where the type has it, or put what changes into the name.",
)
IMPLIED_ORDER: Final = Rule(
    id="CT002",
    title="create_before_destroy is implied, not written",
    why="Whoever reads the block can't see that order, and it is lost when the reference goes.",
    remedy="Write `lifecycle { create_before_destroy = true }` here too.",
)
SINGLE: Final = Rule(
    id="CT003",
    title="Replacing an instance is an outage",
    why="With one instance, or when all may be missing at once, nobody answers while the new one "
    "boots.",
    remedy="Run two or more, or launch the new one first: `min_healthy_percentage = 100` with "
    "`max_healthy_percentage` above it.",
)
NO_REFRESH: Final = Rule(
    id="CT009",
    title="Auto Scaling group without instance refresh",
    why="A new image or launch template changes nothing that runs: old instances stay until "
    "something else ends them, and the fleet is a mixture.",
    remedy='Add `instance_refresh { strategy = "Rolling" }` to the group.',
)
FLOATING_VERSION: Final = Rule(
    id="CT010",
    title="Launch template by a version that moves",
    why="`$Latest` and `$Default` mean another version tomorrow: a plan does not see the change, a "
    "refresh does not start, and a rollback has no number to go back to.",
    remedy="Use the number: `version = aws_launch_template.NAME.latest_version`.",
)
DELETE_FIRST: Final = Rule(
    id="CT019",
    title="Replaced by deleting first",
    why="A change that can't be made in place takes this away before the new one is there, and "
    "what stands behind it is down meanwhile.",
    remedy="Write `lifecycle { create_before_destroy = true }`, with `name_prefix` where it has a "
    "name.",
)

# Types of which two can't have the same name, and the argument that is the name.
UNIQUE_NAMES: Final[Mapping[str, str]] = {
    "aws_autoscaling_group": "name",
    "aws_launch_template": "name",
    "aws_lb": "name",
    "aws_lb_target_group": "name",
    "aws_security_group": "name",
    "aws_key_pair": "key_name",
    "aws_iam_role": "name",
    "aws_iam_instance_profile": "name",
}

# What serves requests: while it is gone, somebody waits.
_SERVES: Final = frozenset(
    {"aws_autoscaling_group", "aws_instance", "aws_lb", "aws_lb_target_group"}
)


def check_order(configured: Configured) -> Iterator[Finding]:
    """Yield names that will collide, and orders that are implied or missing."""
    subjects = {one.node: one for one in configured.of_type(*UNIQUE_NAMES, "aws_instance")}
    first = _created_first(configured)
    for node, subject in subjects.items():
        name = UNIQUE_NAMES.get(subject.block.address.type, "")
        by_whom = first.get(node)
        if by_whom is not None and _is_fixed(configured, subject, name):
            yield Finding(
                rule=FIXED_NAME,
                detail=_why_first(subject, by_whom)
                + f" Its `{name}` is the same for the old one and the new one.",
                subject=subject.body.place(name),
                address=str(subject.address),
            )
        elif by_whom is not None and by_whom is not subject:
            yield Finding(
                rule=IMPLIED_ORDER,
                detail=_why_first(subject, by_whom),
                subject=subject.block.range,
                address=str(subject.address),
            )
        elif by_whom is None and subject.block.address.type in _SERVES:
            yield Finding(
                rule=DELETE_FIRST,
                detail="Nothing says that the new one comes before the old one goes.",
                subject=subject.block.range,
                address=str(subject.address),
            )


def _is_fixed(configured: Configured, subject: Subject, name: str) -> bool:
    """Say whether a name is the same for the old object and the new one.

    A name that is made of another object's attributes changes when that is replaced.
    """
    attribute = subject.body.attribute(name)
    if attribute is None or not subject.body.is_set(name):
        return False
    return not any(
        traversal.name not in _NO_OBJECTS
        for one in configured.behind(subject, attribute.expression)
        for traversal in variables_in(one)
    )


# What else an expression may begin with refers to an object of the configuration.
_NO_OBJECTS: Final = frozenset({"var", "local", "path", "terraform", "tofu", "each", "count"})


def _created_first(configured: Configured) -> dict[Node, Subject]:
    """Return what is created before it is destroyed, with the block that says so."""
    found: dict[Node, Subject] = {}
    said = [one for one in configured.subjects if one.lifecycle_flag("create_before_destroy")]
    for subject in said:
        found[subject.node] = subject
    for subject in said:
        for node in configured.resources_behind(subject):
            found.setdefault(node, subject)
    return found


def _why_first(subject: Subject, by_whom: Subject) -> str:
    if by_whom is subject:
        return "The new one is created before the old one is destroyed."
    return (
        f"{by_whom.address} is created before it is destroyed and refers to this, so this is "
        "replaced in the same order."
    )


def check_groups(configured: Configured) -> Iterator[Finding]:
    """Yield groups that don't roll, roll by chance, or roll with an outage."""
    for subject in configured.of_type("aws_autoscaling_group"):
        body, address = subject.body, str(subject.address)
        refreshes = body.blocks("instance_refresh")
        if not refreshes:
            yield Finding(
                rule=NO_REFRESH,
                detail="What runs stays as it is when the launch template changes.",
                subject=subject.block.range,
                address=address,
            )
        yield from _floating(body, address)
        for refresh in refreshes:
            yield from _outage(body, refresh, address)


def _floating(body: Reading, address: str) -> Iterator[Finding]:
    templates = body.blocks("launch_template")
    for policy in body.blocks("mixed_instances_policy"):
        for outer in policy.blocks("launch_template"):
            templates += outer.blocks("launch_template_specification")
    for template in templates:
        version = template.text("version")
        if version in ("$Latest", "$Default") or not template.is_set("version"):
            said = f'The version is "{version}".' if version else "No version is named."
            yield Finding(
                rule=FLOATING_VERSION,
                detail=said,
                subject=template.place("version"),
                address=address,
            )


def _outage(body: Reading, refresh: Reading, address: str) -> Iterator[Finding]:
    size = body.whole("desired_capacity")
    if size is None:
        size = body.whole("min_size")
    preferences = refresh.blocks("preferences")
    lowest = preferences[0].whole("min_healthy_percentage") if preferences else None
    most = preferences[0].whole("max_healthy_percentage") if preferences else None
    if not size:
        return
    floor = bounds(
        size, Preferences(min_healthy=90 if lowest is None else lowest, max_healthy=most)
    ).floor
    if floor < 1:
        number = "its only instance" if size == 1 else f"all of its {size} instances"
        yield Finding(
            rule=SINGLE,
            detail=f"A roll takes {number} out of service at once.",
            subject=preferences[0].range if preferences else refresh.range,
            address=address,
        )
