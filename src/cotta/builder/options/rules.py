"""Whether the options of a block go together: required ones, choices, conflicts, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.options.declare import Kind
from cotta.builder.options.values import NOT_KNOWN, NotKnownError
from cotta.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from cotta.builder.options.declare import Option
    from cotta.builder.options.values import Options
    from cotta.diagnostics.diagnostics import Diagnostics


def check_rules(options: Options, what: str, diags: Diagnostics) -> None:
    """Report everything that is wrong about options together; `what` names their block."""
    _check_presence(options, what, diags)
    for option in options.schema.options:
        if options.is_set(option.name):
            _check_value(option, options, diags)
    for check in options.schema.checks:
        try:
            for mistake in check(options):
                diags.error(mistake.summary, mistake.detail, options.place(mistake.option))
        except NotKnownError:
            continue


def _check_presence(options: Options, what: str, diags: Diagnostics) -> None:
    schema = options.schema
    needed = [(each.name, "argument") for each in schema.options if each.required]
    needed += [(each.name, "block") for each in schema.groups if each.required]
    for name, kind in needed:
        if not options.is_set(name):
            diags.error(
                f"Missing required {kind}",
                f'{what} needs the {kind} "{name}", and it is not set here.',
                options.place_of_block,
            )
    for names in schema.one_of:
        if not any(options.is_set(name) for name in names):
            diags.error(
                "Missing required argument",
                f"{what} needs {_either(names)}, and none of them is set here.",
                options.place_of_block,
            )
    for names in schema.exclusive:
        written = [name for name in names if options.is_set(name) and options.plain(name) != ""]
        if len(written) > 1:
            diags.error(
                "Options that exclude each other",
                f"{' and '.join(written)} are both set in {what}. Leave "
                f"{'one' if len(written) == 2 else 'all but one'} out.",
                options.place(written[1]),
            )


def _either(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _check_value(option: Option, options: Options, diags: Diagnostics) -> None:
    value = options.plain(option.name)
    if value is NOT_KNOWN:
        return
    if option.required and option.kind in (Kind.TEXT, Kind.TEXTS) and not value:
        diags.error(
            "Empty required argument",
            f'"{option.name}" must not be empty.',
            options.place(option.name),
        )
    elif option.choices and value and value not in option.choices:
        known = ", ".join(f'"{each}"' for each in option.choices if each)
        diags.error(
            "Unknown choice",
            f'"{option.name}" can\'t be "{value}". It can be {known}.'
            f"{did_you_mean(str(value), option.choices)}",
            options.place(option.name),
        )
    elif option.rule is not None:
        wrong = option.rule(str(value))
        if wrong:
            diags.error(f"Unusable {option.name}", wrong, options.place(option.name))
