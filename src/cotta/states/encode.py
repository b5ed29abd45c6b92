"""State files as text: byte for byte what Terraform 1.11 would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import key_order, render_module
from cotta.states.objects import encode_checks, encode_object, encode_output
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.states.model import Snapshot, State, StoredResource
    from cotta.values.json_text import Json


def encode_state(snapshot: Snapshot) -> bytes:
    """Return the content of the snapshot's file.

    Resources are in the order of their modules' texts, modes, types and
    names, instances in that of their keys, checks as the state has them.
    """
    return b"".join([part.encode("utf-8", "replace") for part in _parts(snapshot)])


def _parts(snapshot: Snapshot) -> Iterator[str]:
    state = snapshot.state
    yield '{\n  "version": 4,\n  "terraform_version": '
    yield write_json(snapshot.terraform_version)
    yield f',\n  "serial": {snapshot.serial},\n  "lineage": '
    yield write_json(snapshot.lineage)
    yield ',\n  "outputs": '
    yield _indent(write_json(_outputs(state), indent=2), "  ")
    yield ',\n  "resources": ['
    before = ""
    for resource in sorted(state.resources.values(), key=_resource_order):
        # One resource at a time, so that no tree of the whole state is made.
        yield f"{before}\n    "
        yield _indent(write_json(encode_resource(resource), indent=2), "    ")
        before = ","
    yield "\n  ]" if before else "]"
    yield ',\n  "check_results": '
    yield _indent(write_json(encode_checks(state.checks), indent=2), "  ")
    yield "\n}\n"


def _indent(text: str, prefix: str) -> str:
    # Line ends inside strings are escaped, so each one here ends a line.
    return text.replace("\n", "\n" + prefix)


def _resource_order(resource: StoredResource) -> tuple[str, str, str, str]:
    address = resource.address
    name = address.resource
    return render_module(address.module), name.mode.value, name.type, name.name


def encode_resource(resource: StoredResource) -> dict[str, Json]:
    """Return a resource as a state file has it."""
    address = resource.address
    part: dict[str, Json] = {}
    if address.module:
        part["module"] = render_module(address.module)
    part["mode"] = address.resource.mode.value
    part["type"] = address.resource.type
    part["name"] = address.resource.name
    part["provider"] = str(resource.provider)
    objects: list[Json] = []
    for key in sorted(resource.instances, key=key_order):
        instance = resource.instances[key]
        if instance.current is not None:
            objects.append(encode_object(key, "", instance.current))
        objects += [encode_object(key, at, one) for at, one in sorted(instance.deposed.items())]
    part["instances"] = objects
    return part


def _outputs(state: State) -> dict[str, Json]:
    return {name: encode_output(state.outputs[name]) for name in sorted(state.outputs)}
