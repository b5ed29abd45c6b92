"""`cotta init`: make a folder ready for the other commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.initializing import (
    check_providers,
    initialize_backend,
    install,
    is_empty_folder,
    load_installed,
)
from cotta.cli.states import declare_lock, fail
from cotta.cli.templates import (
    declare_config_type,
    enter_configuration,
    has_configuration,
    template_at,
)
from cotta.cli.views.initializing import init_view
from cotta.cli.worlds import declare_variables
from cotta.configs.loader import load_module
from cotta.diagnostics.diagnostics import Diagnostics, DiagnosticsError
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.initializing import InitView

HELP: Final = """\
Usage: cotta [global options] init [options] [path]

  Makes the working folder ready: remembers where the configuration wants its
  state, fetches modules, and checks that there are the providers it needs.
  It is safe to run again, and has to be after a change of these.

  Of a template, a .pkr.hcl file or a folder of them, the plugins that it
  requires are held against what is built in.  Nothing is fetched.
"""


def declare(flags: Flags) -> None:
    """Take what terraform's takes."""
    flags.switch("backend", "Leave the backend as it is.", default=True)
    flags.repeated("backend-config", "PATH", "Arguments of the backend: a file, or name=value.")
    flags.switch("reconfigure", "Forget the backend of before.")
    flags.switch("migrate-state", "Accepted to say that a state can't be moved yet.")
    flags.switch("force-copy", "Accepted to say that a state can't be moved yet.")
    flags.switch("get", "Leave modules as they are.", default=True)
    flags.switch("upgrade", "Fetch modules again.")
    flags.switch("input", "Don't ask for anything.", default=True)
    flags.switch("json", "Print a record for each event.")
    flags.option("from-module", "SOURCE", "Accepted to say that it can't be done yet.")
    flags.repeated("plugin-dir", "PATH", "Accepted for Terraform's sake; without effect.")
    flags.option("lockfile", "MODE", "Accepted for Terraform's sake; without effect.")
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")
    flags.switch("force", "Accepted for Packer's sake; without effect.")
    flags.switch("machine-readable", "Of a template: print lines for programs.")
    declare_variables(flags)
    declare_config_type(flags)
    flags.words("paths", most=1, advice="Name one template or folder.")
    flags.switch("ignore-remote-version", "Accepted for Terraform's sake; without effect.")
    declare_lock(flags)


def run(given: Namespace, terminal: Terminal) -> int:
    """Make the folder ready, and look at what a template requires."""
    path = template_at(given.paths, given)
    if path is not None:
        from cotta.cli.initializing_templates import initialize_template

        initialize_template(path, given, terminal)
        if not has_configuration(given.paths):
            return 0
    enter_configuration(given.paths)
    view = init_view(terminal, SystemClock(), as_json=given.json)
    diags = Diagnostics()
    try:
        _check_options(given)
        if is_empty_folder(Path()):
            view.empty()
            return 0
        _initialize(given, terminal, view, diags)
    except DiagnosticsError as error:
        diags.extend(error.diagnostics)
    view.diagnostics(diags)
    if diags.has_errors:
        return 1
    view.done()
    return 0


def _check_options(given: Namespace) -> None:
    if given.migrate_state and given.json:
        raise fail(
            "The -migrate-state and -json options are mutually-exclusive",
            "Moving a state asks questions, and with -json nobody can answer.",
        )
    if given.migrate_state and given.reconfigure:
        raise fail(
            "Invalid init options",
            "-migrate-state keeps the state of before and -reconfigure forgets it: give one.",
        )
    if given.migrate_state or given.force_copy:
        raise fail(
            "Invalid init options",
            "States are not moved by init yet. Move the file, and run: cotta init -reconfigure",
        )
    if given.from_module is not None:
        raise fail(
            "Invalid init options",
            "-from-module is not supported yet. Copy the files, and run: cotta init",
        )


def _initialize(given: Namespace, terminal: Terminal, view: InitView, diags: Diagnostics) -> None:
    """Do one step after the other, as long as there are no mistakes."""
    root = load_module(Path(), diags, shown_from=Path.cwd())
    if given.backend:
        view.step("Initializing the backend...", "initializing_backend_message")
    if diags.has_errors:
        return
    if given.backend:
        initialize_backend(root, given, terminal, view, diags)
    if diags.has_errors:
        return
    found = Diagnostics()  # everything from the start, with the modules'
    if given.get and root.calls:
        if given.upgrade:
            view.step("Upgrading modules...", "upgrading_modules_message")
        else:
            view.step("Initializing modules...", "initializing_modules_message")
    if given.get:
        configuration = install(terminal, view, found, is_upgrade=given.upgrade)
    else:
        configuration = load_installed(terminal, found)
    diags.extend(one for one in found if one not in list(diags))
    if diags.has_errors or configuration is None:
        return
    view.step("Initializing provider plugins...", "initializing_provider_plugin_message")
    check_providers(configuration, terminal, view, diags)
