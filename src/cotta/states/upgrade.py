"""State files of format version 3, of Terraform before 0.12, as ones of version 4.

Objects stay in their flat form, which only a provider's schema can unfold.
Dependencies are left out, as Terraform leaves them out: a plan finds them anew.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from cotta.values.json_text import JsonNumber, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.values.json_text import Json

    Tree = dict[str, Json]


class UpgradeError(Exception):
    """The file is not of format version 3 after all; the message is a sentence."""


def upgrade_from_3(old: Tree) -> Tree:
    """Return the tree of a file of version 4; raise `UpgradeError` if `old` is no version 3."""
    new: Tree = {"version": 4, "outputs": {}, "resources": []}
    new |= {key: old[key] for key in ("terraform_version", "serial", "lineage") if key in old}
    resources: dict[tuple[str, str], Tree] = {}
    for module in _trees(old.get("modules") or [], "modules"):
        path = module.get("path")
        if not isinstance(path, list) or path[:1] != ["root"]:
            raise UpgradeError('Each module has a "path" that begins with "root".')
        address = ".".join(f"module.{name}" for name in path[1:])
        if not address:
            new["outputs"] = _outputs(_tree(module.get("outputs") or {}, "outputs"))
        for key, part in _tree(module.get("resources") or {}, "resources").items():
            _add(resources, address, key, _tree(part, f'The resource "{key}"'))
    new["resources"] = list(resources.values())
    return new


def _tree(part: Json, what: str) -> Tree:
    if not isinstance(part, dict):
        raise UpgradeError(f"{what} must be a JSON object.")
    return part


def _trees(part: Json, what: str) -> Iterator[Tree]:
    if not isinstance(part, list):
        raise UpgradeError(f'"{what}" must be a JSON array.')
    for one in part:
        yield _tree(one, f'Each of "{what}"')


_OUTPUT_TYPES: Final[dict[str, Json]] = {
    "string": "string",
    "list": ["list", "string"],
    "map": ["map", "string"],
}


def _outputs(old: Tree) -> Tree:
    new: Tree = {}
    for name, part in old.items():
        output = _tree(part, f'The output "{name}"')
        type_ = _OUTPUT_TYPES.get(str(output.get("type")))
        if type_ is None:
            raise UpgradeError(f'The output "{name}" has no type that there was.')
        new[name] = {
            "value": output.get("value"),
            "type": type_,
            "sensitive": output.get("sensitive") is True,
        }
    return new


def _add(resources: dict[tuple[str, str], Tree], module: str, key: str, part: Tree) -> None:
    """Add the instance that `key` names, such as `data.aws_ami.app` or `aws_instance.web.0`."""
    words = key.split(".")
    mode = "data" if words[0] == "data" else "managed"
    words = words[1:] if mode == "data" else words
    if len(words) not in (2, 3) or (len(words) == 3 and not words[2].isdecimal()):
        raise UpgradeError(f'"{key}" is not the key of a resource.')
    type_, name = words[:2]
    text = str(part.get("provider") or f"provider.{type_.partition('_')[0]}")
    resource = resources.setdefault(
        (module, f"{mode}.{type_}.{name}"),
        {
            "module": module,
            "mode": mode,
            "type": type_,
            "name": name,
            "provider": text,
            "instances": [],
        },
    )
    instances = resource["instances"]
    assert isinstance(instances, list)
    index: Json = int(words[2]) if len(words) == 3 else None
    if part.get("primary") is not None:
        instances.append(_object(_tree(part["primary"], key), index))
    for number, one in enumerate(_trees(part.get("deposed") or [], "deposed"), 1):
        instances.append(_object(one, index) | {"deposed": f"{number:08x}"})


def _object(old: Tree, index: Json) -> Tree:
    meta = dict(_tree(old.get("meta") or {}, "The metadata of an instance"))
    version = meta.pop("schema_version", 0)
    if isinstance(version, str | JsonNumber):
        text = version if isinstance(version, str) else version.text
        version = int(text) if text.isdecimal() else -1
    new: Tree = {
        "schema_version": version,
        "attributes_flat": _tree(old.get("attributes") or {}, "The attributes of an instance"),
    }
    if index is not None:
        new["index_key"] = index
    if old.get("tainted") is True:
        new["status"] = "tainted"
    if meta:
        private = write_json(dict(sorted(meta.items()))).encode()
        new["private"] = base64.b64encode(private).decode("ascii")
    return new
