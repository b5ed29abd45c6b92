"""What `init` and `get` show, for people or for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from cotta.addrs.providers import BUILTIN_HOST
from cotta.cli.version import NAME
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.views.stream import Stream
from cotta.diagnostics.render import BOLD, GREEN, Pen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.addrs.providers import ProviderSource
    from cotta.cli.terminal import Terminal
    from cotta.configs.install import Installation
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.system.clock import Clock

_EMPTY: Final = (
    "The directory has no Terraform configuration files. You may begin working\n"
    f"with {NAME} immediately by creating Terraform configuration files."
)
_NEXT: Final = (
    f'You may now begin working with {NAME}. Try running "{NAME.lower()} plan" to see\n'
    f"any changes that are required for your infrastructure. All {NAME} commands\n"
    "should now work.\n\n"
    f"If you ever set or change modules or backend configuration for {NAME},\n"
    "rerun this command to reinitialize your working directory. If you forget, other\n"
    "commands will detect it and remind you to do so if necessary."
)


class InitView(Protocol):
    """What is shown while a folder is initialized."""

    def step(self, message: str, code: str) -> None:
        """Say what begins."""
        ...

    def installed(self, module: Installation) -> None:
        """Name a module that was put in place."""
        ...

    def provider(self, source: ProviderSource) -> None:
        """Name a provider that is part of the program."""
        ...

    def backend_configured(self, type_: str) -> None:
        """Say that the backend is another one now."""
        ...

    def empty(self) -> None:
        """Say that there is nothing to initialize."""
        ...

    def done(self) -> None:
        """Say that all went well, and what comes next."""
        ...

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Show mistakes or warnings."""
        ...


def describe_module(module: Installation) -> str:
    """Return the line about a module that was put in place."""
    return f"- {'.'.join(module.path)} in {module.folder}"


def _describe_provider(source: ProviderSource) -> str:
    name = str(source) if source.host == BUILTIN_HOST else source.display
    return f"{name} is built in to {NAME}"


class TextInitView:
    """For people."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._pen = Pen(colour=terminal.stdout_has_colour)

    def step(self, message: str, code: str) -> None:
        """Write what begins."""
        del code
        self._terminal.write(self._pen.paint(message, BOLD) + "\n")
        self._terminal.stdout.flush()

    def installed(self, module: Installation) -> None:
        """Write a line."""
        self._terminal.write(describe_module(module) + "\n")

    def provider(self, source: ProviderSource) -> None:
        """Write a line."""
        self._terminal.write(f"- {_describe_provider(source)}\n")

    def backend_configured(self, type_: str) -> None:
        """Write that the backend is another one now."""
        text = (
            f'Successfully configured the backend "{type_}"! {NAME} will automatically\n'
            "use this backend unless the backend configuration changes."
        )
        self._terminal.write(f"\n{self._pen.paint(text, GREEN)}\n")

    def empty(self) -> None:
        """Write that there is nothing here."""
        title = self._pen.paint(f"{NAME} initialized in an empty directory!", BOLD)
        self._terminal.write(f"{title}\n\n{_EMPTY}\n")

    def done(self) -> None:
        """Write that all went well."""
        title = self._pen.paint(f"{NAME} has been successfully initialized!", BOLD, GREEN)
        self._terminal.write(f"\n{title}\n\n{self._pen.paint(_NEXT, GREEN)}\n")

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Write boxes to stderr."""
        show_diagnostics(found, self._terminal)


class JsonInitView:
    """For machines: a record a line."""

    def __init__(self, terminal: Terminal, clock: Clock) -> None:
        self._stream = Stream(terminal.write, clock.now)
        self._stream.version()

    def step(self, message: str, code: str) -> None:
        """Write a record."""
        self._stream.initializing(message, code)

    def installed(self, module: Installation) -> None:
        """Write a record."""
        self._stream.log(describe_module(module))

    def provider(self, source: ProviderSource) -> None:
        """Write a record."""
        self._stream.log(_describe_provider(source))

    def backend_configured(self, type_: str) -> None:
        """Write a record: terraform's line in the midst of its records is no JSON."""
        self._stream.log(f'Successfully configured the backend "{type_}"')

    def empty(self) -> None:
        """Write a record."""
        title = f"{NAME} initialized in an empty directory!"
        self._stream.initializing(f"{title}\n\n{_EMPTY}", "output_init_empty_message")

    def done(self) -> None:
        """Write two records."""
        self._stream.initializing(
            f"{NAME} has been successfully initialized!", "output_init_success_message"
        )
        self._stream.initializing(_NEXT, "output_init_success_cli_message")

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Write a record for each."""
        self._stream.diagnostics(found)


def init_view(terminal: Terminal, clock: Clock, *, as_json: bool) -> InitView:
    """Return the view that the flags ask for."""
    return JsonInitView(terminal, clock) if as_json else TextInitView(terminal)
