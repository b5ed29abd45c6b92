"""The backend that a configuration asks for, and the one the folder was initialized for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.configs.blocks import evaluate_literal
from cotta.configs.loader import DATA_FOLDER, read_named_variable_file
from cotta.diagnostics.diagnostics import Diagnostic, DiagnosticsError
from cotta.hcl.bodies import AttributeSchema, BodySchema, content, just_attributes
from cotta.hcl.parser import parse_file
from cotta.states.backends import (
    LOCAL,
    LOCAL_ARGUMENTS,
    Backend,
    UnreadableBackendError,
    read_backend,
)
from cotta.values.convert import ConversionError, convert
from cotta.values.types import STRING
from cotta.values.value import is_null

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.cli.terminal import Terminal
    from cotta.configs.model import BackendBlock, Module
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Attribute

# Terraform's, but for the one that is here.
_ELSEWHERE: Final = frozenset(
    {
        "azurerm",
        "cloud",
        "consul",
        "cos",
        "gcs",
        "http",
        "kubernetes",
        "oss",
        "pg",
        "remote",
        "s3",
    }
)
_SCHEMA: Final = BodySchema(tuple(AttributeSchema(name) for name in LOCAL_ARGUMENTS))


def data_folder(terminal: Terminal) -> Path:
    """Return where Cotta keeps what belongs to a working folder."""
    return Path(terminal.environment.get("TF_DATA_DIR") or DATA_FOLDER)


def read_wanted(module: Module, diags: Diagnostics) -> Backend | None:
    """Return the backend that a root module's block asks for; None if there is no block."""
    block = module.backend
    if block is None:
        return None
    if not _is_supported(block, diags):
        return None
    found = content(block.body, _SCHEMA, diags).attributes.values()
    return Backend(LOCAL, _texts(found, diags))


def _is_supported(block: BackendBlock, diags: Diagnostics) -> bool:
    if block.type == LOCAL:
        return True
    if block.type in _ELSEWHERE:
        diags.error(
            "Unsupported backend type",
            f'States can\'t be kept in "{block.type}" yet, only in local files. Name the backend '
            '"local", or try the configuration out with: cotta init -backend=false',
            block.range,
        )
    else:
        diags.error(
            "Unsupported backend type",
            f'There is no backend type named "{block.type}".',
            block.range,
        )
    return False


def _texts(attributes: Iterable[Attribute], diags: Diagnostics) -> dict[str, str]:
    """Return the arguments that are set, as texts."""
    found: dict[str, str] = {}
    for attribute in attributes:
        value = evaluate_literal(attribute.expression, diags)
        if value is None:
            continue
        try:
            text = convert(value, STRING)
        except ConversionError as error:
            diags.error("Incorrect value type", f"{error}.", attribute.expression.range)
            continue
        if not is_null(text):
            found[attribute.name] = str(text)
    return found


def merge_options(backend: Backend, options: Iterable[str], diags: Diagnostics) -> Backend:
    """Return a backend with what `-backend-config` says: `name=value`, or a file of arguments."""
    arguments = dict(backend.arguments)
    for option in options:
        name, equals, value = option.partition("=")
        given = {name: value} if equals else _read_arguments(option, diags)
        for unknown in [name for name in given if name not in LOCAL_ARGUMENTS]:
            diags.error(
                "Invalid backend configuration argument",
                f'The command line sets "{unknown}", which the backend "{backend.type}" doesn\'t '
                f"have. It has: {', '.join(LOCAL_ARGUMENTS)}.",
            )
        arguments |= given
    return Backend(backend.type, arguments)


def _read_arguments(path: str, diags: Diagnostics) -> dict[str, str]:
    text = read_named_variable_file(Path(path), diags)
    if text is None:
        return {}
    return _texts(just_attributes(parse_file(text, path, diags).body, diags).values(), diags)


def remembered(where: Path) -> Backend | None:
    """Return the backend that the folder was initialized for, as a data folder has it.

    Raises `DiagnosticsError` if that is none of ours.
    """
    try:
        found = read_backend(where)
    except UnreadableBackendError as error:
        raise _fail(
            "Failed to load the backend configuration",
            f"{error}. Run cotta init -reconfigure to write it anew.",
        ) from error
    if found is not None and found.type != LOCAL:
        raise _fail(
            "Unsupported backend type",
            f'This folder was initialized for states in "{found.type}", and they can\'t be kept '
            "there yet, only in local files. Change the backend block, and run: cotta init "
            "-reconfigure",
        )
    return found


def _fail(summary: str, detail: str) -> DiagnosticsError:
    return DiagnosticsError((Diagnostic(summary=summary, detail=detail),))


def is_changed(wanted: Backend | None, before: Backend | None) -> bool:
    """Say whether the block asks for something else than was remembered.

    What `-backend-config` has added is not in the block, and no change.
    """
    if wanted is None or before is None:
        return wanted is not before
    earlier: Mapping[str, str] = before.arguments
    return any(earlier.get(name) != value for name, value in wanted.arguments.items())


def require_initialized(module: Module, where: Path, diags: Diagnostics) -> None:
    """Report a backend block that `init` has not seen yet."""
    before = remembered(where)
    wanted = read_wanted(module, diags)
    if diags.has_errors or not is_changed(wanted, before):
        return
    if before is None:
        what = "there is a backend block now"
    elif wanted is None:
        what = "there is no backend block any more"
    else:
        what = "the backend block has changed"
    diags.error(
        'Backend initialization required, please run "cotta init"',
        f"The configuration says where the state is, and {what}. Run cotta init, with "
        "-reconfigure if the state is to be looked for there without moving it.",
    )
