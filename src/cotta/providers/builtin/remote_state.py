"""`terraform_remote_state`: the outputs of another configuration, read from its state.

The backend `local` is read; others are refused by name.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.providers.interface import DataResponse, ProviderDiagnostic
from cotta.schemas.blank import coerce
from cotta.schemas.model import Attribute, Block, Schema
from cotta.states.statefile import parse_state
from cotta.values.convert import ConversionError
from cotta.values.paths import AttributePath, render_path
from cotta.values.types import DYNAMIC, STRING, DynamicType, MapType, ObjectType
from cotta.values.value import (
    ANY_NULL,
    EMPTY_OBJECT_VALUE,
    MapValue,
    Null,
    ObjectValue,
    is_known,
    is_null,
    is_wholly_known,
    type_of,
    unmark_deep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.providers.interface import Complaints
    from cotta.states.model import Snapshot
    from cotta.values.value import Value

    # A file's content; None if there is none.  `OSError` if it can't be read.
    ReadFile = Callable[[str], bytes | None]

NAME: Final = "terraform_remote_state"

SCHEMA: Final = Schema(
    Block(
        attributes={
            "backend": Attribute(
                type=STRING,
                required=True,
                description="Where the other state is kept. Only `local` can be read.",
            ),
            "config": Attribute(
                type=DYNAMIC,
                optional=True,
                description="The arguments that a `backend` block of that type would have.",
            ),
            "defaults": Attribute(
                type=DYNAMIC,
                optional=True,
                description="What outputs are where the other state has none of that name.",
            ),
            "outputs": Attribute(
                type=DYNAMIC,
                computed=True,
                description="The outputs of the other configuration's root module.",
            ),
            "workspace": Attribute(
                type=STRING,
                optional=True,
                description="Which of the other configuration's workspaces is meant.",
            ),
        }
    )
)

_LOCAL: Final = Block(
    attributes={
        "path": Attribute(type=STRING, optional=True),
        "workspace_dir": Attribute(type=STRING, optional=True),
    }
)

# Those that Terraform has as well.
_UNREADABLE: Final = frozenset(
    ("azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "oci", "oss", "pg",
     "remote", "s3")
)  # fmt: skip


def validate(config: Value) -> Complaints:
    """Return the mistakes of a block, of which parts may be unknown."""
    assert type(config) is ObjectValue
    given = config.attributes
    found: list[ProviderDiagnostic] = []
    if is_known(given["backend"]) and is_wholly_known(given["config"]):
        found += _check_backend(given["backend"], given["config"])
    elif not _may_be_object(given["config"]):
        found.append(_bad_backend("The configuration must be an object.", "config"))
    if not _may_be_object(given["defaults"]):
        found.append(
            ProviderDiagnostic(
                summary="Invalid default values",
                detail="Defaults must be given as an object, with a value for each output.",
                path=(AttributePath("defaults"),),
            )
        )
    return tuple(found)


def _may_be_object(value: Value) -> bool:
    return isinstance(type_of(value), ObjectType | MapType | DynamicType)


def _bad_backend(detail: str, attribute: str) -> ProviderDiagnostic:
    return ProviderDiagnostic(
        summary="Invalid backend configuration", detail=detail, path=(AttributePath(attribute),)
    )


def _check_backend(backend: Value, config: Value) -> list[ProviderDiagnostic]:
    if backend in _UNREADABLE:
        return [
            _bad_backend(
                f'States in the backend "{backend}" can\'t be read yet, only those in "local". '
                "Copy the outputs that are needed into variables, or read them from a local copy.",
                "backend",
            )
        ]
    if backend not in ("local", "_local"):
        return [_bad_backend(f'There is no backend type named "{backend}".', "backend")]
    try:
        _local_config(config)
    except ConversionError as error:
        inside = f"{render_path(error.path)}: " if error.path else ""
        why = f'The given configuration is not valid for backend "local": {inside}{error.message}.'
        return [_bad_backend(why, "config")]
    return []


def _local_config(config: Value) -> dict[str, Value]:
    """Return the arguments of the backend; raise `ConversionError` if they are none."""
    given = EMPTY_OBJECT_VALUE if is_null(config) else config
    coerced = coerce(unmark_deep(given)[0], _LOCAL)
    assert type(coerced) is ObjectValue
    return coerced.attributes


def read(config: Value, read_file: ReadFile) -> DataResponse:
    """Return the outputs of the state that `config` leads to, and the defaults for others."""
    assert type(config) is ObjectValue
    given = config.attributes
    complaints = _check_backend(given["backend"], given["config"])
    if complaints:
        return DataResponse(state=config, complaints=tuple(complaints))
    path = _state_path(_local_config(given["config"]), given["workspace"])
    outputs: dict[str, Value] = dict(_defaults(given["defaults"]))
    snapshot, complaint = _snapshot(path, read_file)
    if snapshot is not None:
        outputs |= {
            name: unmark_deep(output.value)[0] for name, output in snapshot.state.outputs.items()
        }
    defaults = ANY_NULL if is_null(given["defaults"]) else given["defaults"]
    state = ObjectValue(given | {"defaults": defaults, "outputs": ObjectValue(outputs)})
    return DataResponse(state=state, complaints=() if complaint is None else (complaint,))


def _defaults(defaults: Value) -> dict[str, Value]:
    if type(defaults) is ObjectValue:
        return defaults.attributes
    return defaults.elements if type(defaults) is MapValue else {}


def _state_path(config: dict[str, Value], workspace: Value) -> str:
    """Return where the state of a workspace is; only the default one's place can be chosen."""
    if type(workspace) is Null or workspace == "default":
        path = config["path"]
        return path if isinstance(path, str) and path else "terraform.tfstate"
    folder = config["workspace_dir"]
    directory = folder if isinstance(folder, str) and folder else "terraform.tfstate.d"
    return posixpath.join(directory, str(workspace), "terraform.tfstate")


def _snapshot(path: str, read_file: ReadFile) -> tuple[Snapshot | None, ProviderDiagnostic | None]:
    try:
        content = read_file(path)
    except OSError as error:
        why = f"{path} can't be read: {error.strerror or error}."
        return None, ProviderDiagnostic(summary="Error loading state error", detail=why)
    found = Diagnostics()
    snapshot = None if content is None else parse_state(content, path, found)
    for problem in found:
        why = f"{problem.summary} in {path}. {problem.detail}"
        return None, ProviderDiagnostic(summary="Error loading state error", detail=why)
    if snapshot is None:
        return None, ProviderDiagnostic(
            summary="Unable to find remote state",
            detail=f"There is no state in {path}. Apply the configuration that it belongs to "
            "first, or correct the path or the workspace.",
        )
    return snapshot, None
