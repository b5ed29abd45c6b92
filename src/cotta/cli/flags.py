"""What a command takes from its command line, declared once for parsing and for help.

Flags are Terraform's: `-name` or `--name`, a value after `=` or as the next
word, and a switch may be given `=true` or `=false`.  Names are never
abbreviated.  Flags and other words may stand in any order; after `--` all are
words.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cotta.diagnostics.suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# As Go's ParseBool reads them.
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})

_HELP_NAMES: Final = frozenset({"-h", "-help", "--help"})
_DESCRIPTION_COLUMN: Final = 24
_HELP_WIDTH: Final = 78


class UsageError(Exception):
    """The command line can't be understood: a summary, and sentences."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail


class HelpAsked(Exception):  # noqa: N818 - no error: the person asked
    """The person asked for help instead."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A flag as help shows it: `-var 'name=value'`, and what it does."""

    form: str
    description: str


class _Parser(argparse.ArgumentParser):
    """Raises instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError("Failed to parse command-line flags", _sentence(message))


class Flags:
    """The flags and words of one command.

    `parse` answers with a namespace: a flag `-var-file` is its `var_file`,
    the words are lists or single texts under the name they were declared by.
    """

    def __init__(self) -> None:
        self._parser = _Parser(add_help=False, allow_abbrev=False, prefix_chars="-")
        self._switches: set[str] = set()
        self._shown: list[_Shown] = []
        self._words: tuple[str, int, int | None] = ("words", 0, 0)
        self._words_advice = ""

    def switch(self, name: str, description: str, *, default: bool = False) -> None:
        """Take `-name`, true or false."""
        self._switches.add(name)
        self._show(f"-{name}" if not default else f"-{name}=false", description)
        self._add(name, type=_parse_bool, default=default)

    def option(
        self,
        name: str,
        placeholder: str,
        description: str,
        *,
        default: object = None,
        parse: Callable[[str], object] = str,
    ) -> None:
        """Take `-name=placeholder`; of several the last counts.

        `parse` may raise `argparse.ArgumentTypeError` with a clause that says
        what is wrong.
        """
        self._show(f"-{name}={placeholder}", description)
        self._add(name, type=parse, default=default)

    def repeated(
        self, name: str, placeholder: str, description: str, *, into: str | None = None
    ) -> None:
        """Take `-name=placeholder` any number of times, as a tuple of texts.

        With `into`, several flags share one tuple of (flag's name, text), in
        the order in which they were given: of `-var` and `-var-file` the
        later one wins.
        """
        self._show(f"-{name}={placeholder}", description)
        if into is None:
            self._add(name, action="append", default=[])
        else:
            self._add(name, action="append", default=[], dest=into, type=lambda text: (name, text))

    def words(
        self, name: str, *, least: int = 0, most: int | None = None, advice: str = ""
    ) -> None:
        """Take between `least` and `most` words that are no flags (None: any number).

        They are a list under `name`.  `advice` follows where their number is wrong.
        """
        self._words = (name, least, most)
        self._words_advice = advice

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return what was given; raise `UsageError`, or `HelpAsked`."""
        given, behind = _split_at_dashes(arguments)
        if not _HELP_NAMES.isdisjoint(given):
            raise HelpAsked
        found, rest = self._parser.parse_known_args([self._completed(word) for word in given])
        words = [word for word in rest if not _is_flag(word)]
        for flag in filter(_is_flag, rest):
            raise self._unknown(flag)
        name, least, most = self._words
        words += behind
        if len(words) < least or (most is not None and len(words) > most):
            raise _wrong_number(len(words), least, most, self._words_advice)
        setattr(found, name, words)
        return found

    @property
    def names(self) -> frozenset[str]:
        """The names of all flags, without dashes."""
        return frozenset(name.lstrip("-") for name in self._parser._option_string_actions)

    @property
    def switches(self) -> frozenset[str]:
        """The names of those flags that need no value, without dashes."""
        return frozenset(self._switches)

    def render_help(self) -> str:
        """Return the section about the flags; "" if there are none."""
        if not self._shown:
            return ""
        return "\nOptions:\n\n" + "\n".join(map(_render_shown, self._shown))

    def _add(self, name: str, **settings: Any) -> None:
        self._parser.add_argument(f"-{name}", f"--{name}", **settings)

    def _show(self, form: str, description: str) -> None:
        self._shown.append(_Shown(form, description))

    def _completed(self, word: str) -> str:
        """Return a bare switch with `=true`, so that it takes no word that follows."""
        name = word.removeprefix("-").removeprefix("-")
        return f"{word}=true" if _is_flag(word) and name in self._switches else word

    def _unknown(self, flag: str) -> UsageError:
        name = flag.split("=", 1)[0].lstrip("-")
        known = [form.removeprefix("-") for form in self._parser._option_string_actions]
        near = suggest(name, (form for form in known if not form.startswith("-")))
        hint = f' Did you mean "-{near}"?' if near else ""
        return UsageError(
            "Failed to parse command-line flags", f'There is no flag "-{name}" here.{hint}'
        )


def _parse_bool(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise argparse.ArgumentTypeError(f'needs true or false, not "{text}"')


def _is_flag(word: str) -> bool:
    return word.startswith("-") and len(word) > 1


def _split_at_dashes(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return list(arguments), []
    at = list(arguments).index("--")
    return list(arguments[:at]), list(arguments[at + 1 :])


def _sentence(message: str) -> str:
    """Return argparse's message as a sentence: `argument -json/--json: expected …`."""
    message = message.removeprefix("argument ")
    flag, separator, rest = message.partition(": ")
    if separator and flag.startswith("-"):
        return f'The flag "{flag.split("/")[0]}" {_REWORDED.get(rest, rest)}.'
    return message[:1].upper() + message[1:] + "."


_REWORDED: Final = {"expected one argument": "needs a value"}


def _wrong_number(count: int, least: int, most: int | None, advice: str) -> UsageError:
    if count < least:
        summary, wanted = "Not enough command line arguments", f"at least {least}"
    else:
        summary, wanted = "Too many command line arguments", f"at most {most}" if most else "none"
    if least == most and most:
        wanted = f"exactly {most}"
    return UsageError(summary, f"{advice or f'There should be {wanted} here.'}")


def _render_shown(shown: _Shown) -> str:
    margin = " " * _DESCRIPTION_COLUMN
    first = f"  {shown.form}"
    lines = [first.ljust(_DESCRIPTION_COLUMN - 2) + "  "]
    if len(first) > _DESCRIPTION_COLUMN - 2:
        lines = [first, margin]
    is_new = True
    for word in shown.description.split():
        if not is_new and len(lines[-1]) + 1 + len(word) > _HELP_WIDTH:
            lines.append(margin)
            is_new = True
        lines[-1] += word if is_new else f" {word}"
        is_new = False
    return "\n".join(lines) + "\n"
