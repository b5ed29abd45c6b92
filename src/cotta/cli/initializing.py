"""Making a folder ready, step by step, as `init` and `get` share it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.backends import data_folder, is_changed, merge_options, read_wanted, remembered
from cotta.cli.states import open_state
from cotta.cli.version import LANGUAGE_VERSION
from cotta.configs.files import sort_files
from cotta.configs.install import install_modules
from cotta.configs.loader import load_configuration
from cotta.configs.provider_rules import ProviderResolver, source_of
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.providers.registry import native_providers
from cotta.states.backends import write_backend
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderSource
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.initializing import InitView
    from cotta.configs.install import Installation
    from cotta.configs.model import Configuration, Module

_ADVICE: Final = (
    "If the block is right, run cotta init -reconfigure: from then on the state is looked for "
    "there. A state that is to go with it has to be moved by hand first."
)


def is_empty_folder(folder: Path) -> bool:
    """Say whether a folder has no configuration in it."""
    found = sort_files([entry.name for entry in folder.iterdir() if not entry.is_dir()])
    return not found.primary and not found.overrides


def install(
    terminal: Terminal, view: InitView, diags: Diagnostics, *, is_upgrade: bool
) -> Configuration | None:
    """Put every module in place, and name those that are new, callers before those they call."""
    new: list[Installation] = []
    configuration = install_modules(
        Path(),
        diags,
        data_folder=data_folder(terminal),
        is_upgrade=is_upgrade,
        report=new.append,
    )
    for module in sorted(new, key=lambda one: one.path):
        view.installed(module)
    return configuration


def load_installed(terminal: Terminal, diags: Diagnostics) -> Configuration | None:
    """Return the configuration with the modules that are in place already."""
    return load_configuration(Path(), diags, data_folder=data_folder(terminal))


def initialize_backend(
    module: Module, given: Namespace, terminal: Terminal, view: InitView, diags: Diagnostics
) -> None:
    """Remember where the configuration wants its state."""
    where = data_folder(terminal)
    wanted = read_wanted(module, diags)
    if diags.has_errors:
        return
    if wanted is None and given.backend_config:
        diags.warning(
            "Missing backend configuration",
            "-backend-config was given, and there is no backend block for it to add to. To have "
            'one for local files, write: terraform { backend "local" {} }',
        )
    if wanted is not None:
        wanted = merge_options(wanted, given.backend_config, diags)
    before = None if given.reconfigure else remembered(where)
    if diags.has_errors:
        return
    if before is not None and is_changed(wanted, before):
        diags.error(
            "Backend configuration changed",
            f"The folder was initialized for another place of the state. {_ADVICE}",
        )
        return
    if wanted != before:
        write_backend(where, wanted, version=LANGUAGE_VERSION)
        if wanted is not None:
            view.backend_configured(wanted.type)
    elif given.reconfigure:
        write_backend(where, None, version=LANGUAGE_VERSION)


def check_providers(
    configuration: Configuration, terminal: Terminal, view: InitView, diags: Diagnostics
) -> None:
    """Name the providers that are needed, and report those that there are not."""
    registry = native_providers(RandomIds(), others=terminal.providers)
    needed = {*required_sources(configuration), *sources_of_state(terminal)}
    for source in sorted(needed, key=str):
        if registry(source) is not None:
            view.provider(source)
            continue
        diags.error("Failed to query available provider packages", registry.explain_missing(source))


def required_sources(configuration: Configuration) -> set[ProviderSource]:
    """Return every provider that a configuration names or implies."""
    resolver = ProviderResolver(configuration)
    found: set[ProviderSource] = set()
    for here in configuration.walk():
        found |= sources_of_module(here.module)
        blocks = here.module.resources.values()
        found |= {resolver.resolve(here.path, block).source for block in blocks}
    return found


def sources_of_module(module: Module) -> set[ProviderSource]:
    """Return every provider that a module itself names or implies."""
    found = {requirement.source for requirement in module.requirements.values()}
    found |= {source_of(module, name) for name, _alias in module.providers}
    blocks = module.resources.values()
    return found | {source_of(module, block.local_provider[0]) for block in blocks}


def sources_of_state(terminal: Terminal) -> set[ProviderSource]:
    """Return every provider that manages an object of the workspace's state."""
    with open_state(Namespace(state=None), terminal) as session:
        resources = session.snapshot.state.resources.values()
        return {resource.provider.source for resource in resources}


def require_native(terminal: Terminal, summary: str) -> None:
    """Raise `DiagnosticsError` if a provider is needed that is no part of this program."""
    diags = Diagnostics()
    configuration = load_installed(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    registry = native_providers(RandomIds())
    for source in sorted({*required_sources(configuration), *sources_of_state(terminal)}, key=str):
        if registry(source) is None:
            diags.error(summary, registry.explain_missing(source))
    diags.raise_if_errors()
