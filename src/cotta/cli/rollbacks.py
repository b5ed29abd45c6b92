"""What a rollback goes back to: an image for each launch template, by its data source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode, path_of
from cotta.cli.states import fail
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.asking import known_names
from cotta.engine.dependencies import arguments_of, targets
from cotta.engine.nodes import Kind
from cotta.hcl.evaluate import evaluate
from cotta.hcl.references import variables_in
from cotta.images.history import names_of_images, previous_images, read_history
from cotta.images.pins import DATA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.clouds.session import Session
    from cotta.configs.model import Configuration
    from cotta.engine.nodes import Node
    from cotta.engine.world import World
    from cotta.images.history import TemplateHistory
    from cotta.images.pins import Pin
    from cotta.states.model import State
    from cotta.values.json_text import Json

TEMPLATE_TYPE = "aws_launch_template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A launch template of the state: its id and image, and what names the image in the block."""

    address: AbsResourceInstance
    id: str
    image: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A data source that is to find another image: from which, to which."""

    source: str
    image: str
    name: str
    before: str


def templates_of(
    configuration: Configuration,
    state: State,
    needs: Mapping[Node, set[Node]],
    wanted: Sequence[str],
) -> list[Template]:
    """Return the launch templates that the state has, or those of the `wanted` addresses.

    Raises `DiagnosticsError` where there are none, or where no data source finds the image.
    """
    found = [one for one in _stored(state) if not wanted or str(one[0]) in wanted]
    missing = [address for address in wanted if address not in {str(one[0]) for one in found}]
    if missing:
        raise fail(
            "No such launch template",
            f"The state has no launch template {', '.join(missing)}. Name one as `cotta state "
            "list` does, or none to go back everywhere.",
        )
    if not found:
        raise fail(
            "Nothing to roll back",
            "The state has no launch template: nothing was applied here that runs from an image.",
        )
    return [
        Template(
            address=address,
            id=str(attributes["id"]),
            image=str(attributes.get("image_id") or ""),
            source=_source_of(configuration, state, needs, address, attributes),
        )
        for address, attributes in found
    ]


def returns_of(
    session: Session, templates: Sequence[Template], to: str | None, pins: Mapping[str, Pin]
) -> list[Return]:
    """Return what is to be pinned: each data source once, sorted.

    A rollback that has not come to its end is taken up: its pin is there, and not all run from it.
    Raises `DiagnosticsError` where there is nothing to go back to; CloudError if the cloud can't be
    asked.
    """
    found: dict[str, Return] = {}
    for template in templates:
        history = read_history(session, template.id)
        pin = pins.get(template.source)
        candidates = [to] if to else previous_images(history)
        if not to and pin is not None and pin.image == template.image and _is_unfinished(history):
            candidates = [pin.image]
        names = names_of_images(session, candidates)
        image = next((one for one in candidates if one in names), None)
        if image is None:
            raise fail(*_nothing(template, candidates, to))
        found[template.source] = Return(
            source=template.source,
            image=image,
            name=names[image],
            before=pin.instead_of
            if pin is not None and pin.image == image and pin.instead_of
            else template.image,
        )
    return [found[source] for source in sorted(found)]


def _is_unfinished(history: TemplateHistory) -> bool:
    """Say whether members in service run from another image than the newest version's."""
    return any(history.image_of(number) != history.newest.image for number in history.serving)


def region_of(world: World, state: State) -> str:
    """Return the region that the root's `provider "aws"` block names; "" if none is known."""
    block = world.configuration.module.providers.get(("aws", None))
    expression = arguments_of(block.body).get("region") if block is not None else None
    if expression is None:
        return ""
    names, _ = known_names(world, state)
    value = evaluate(expression, names.scope(()), Diagnostics())
    return value if isinstance(value, str) else ""


def _nothing(template: Template, candidates: Sequence[str], to: str | None) -> tuple[str, str]:
    if to:
        return (
            "There is no such image",
            f"The image {to} is not there. `cotta images list` shows those that are.",
        )
    if candidates:
        gone = ", ".join(candidates)
        return (
            "The previous image is gone",
            (
                f"{template.address} has run from {gone} before, and none of that is there now. "
                "Bake the previous version again, and name its image: cotta rollback -to=ami-…"
            ),
        )
    return (
        "There is no previous image",
        (
            f"{template.address} has run from {template.image} alone. Name an image to go to: "
            "cotta rollback -to=ami-…"
        ),
    )


def _stored(state: State) -> Iterator[tuple[AbsResourceInstance, dict[str, Json]]]:
    for address, resource in state.resources.items():
        if address.resource.mode is not Mode.MANAGED or address.resource.type != TEMPLATE_TYPE:
            continue
        for key, instance in resource.instances.items():
            if instance.current is not None and isinstance(instance.current.attributes, dict):
                yield address.instance(key), instance.current.attributes


def _source_of(
    configuration: Configuration,
    state: State,
    needs: Mapping[Node, set[Node]],
    address: AbsResourceInstance,
    attributes: Mapping[str, Json],
) -> str:
    """Return the data source instance that a template's image comes from."""
    sources = _data_sources(configuration, needs, address)
    instances = [
        str(resource.instance(key))
        for resource, found in state.resources.items()
        if (path_of(resource.module), str(resource.resource)) in sources
        for key, instance in found.instances.items()
        if instance.current is not None
        and isinstance(instance.current.attributes, dict)
        and instance.current.attributes.get("id") == attributes.get("image_id")
    ]
    if instances:
        return instances[0]
    raise fail(
        "The image can't be pinned",
        f'The image_id of {address} does not come from a data "{DATA_TYPE}" block, so nothing '
        "can hold it to another image. Put the previous image's id where it comes from, and run: "
        "cotta apply",
    )


def _data_sources(
    configuration: Configuration, needs: Mapping[Node, set[Node]], address: AbsResourceInstance
) -> set[tuple[tuple[str, ...], str]]:
    """Return the image lookups that an `image_id` refers to, over locals, variables and modules."""
    here = configuration.descendant(path_of(address.of.module))
    block = here.module.resources.get(address.of.resource) if here is not None else None
    expression = arguments_of(block.body).get("image_id") if block is not None else None
    if here is None or expression is None:
        return set()
    pending = [node for one in variables_in(expression) for node in targets(here, one)]
    seen, found = set(pending), set[tuple[tuple[str, ...], str]]()
    while pending:
        node = pending.pop()
        if node.kind is Kind.RESOURCE:
            if node.name.startswith(f"data.{DATA_TYPE}."):
                found.add((node.path, node.name))
            continue
        further = [one for one in needs.get(node, ()) if one not in seen]
        seen.update(further)
        pending += further
    return found
