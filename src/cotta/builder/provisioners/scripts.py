"""What the provisioners that run scripts have in common: texts, variables, statuses."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Lines, Provisioning

# Packer's number for a connection that broke while a script ran.
DISCONNECTED: Final = 2300218
_IN_COMMAND: Final = "%s='%s' "
_IN_FILE: Final = "export %s='%s'\n"


def inline_script(options: Options, lines: tuple[str, ...]) -> str:
    """Return a script of lines: with the first line of `inline_shebang`, or its own."""
    if lines[0].startswith("#!") and not options.is_set("inline_shebang"):
        return "\n".join(lines) + "\n"
    return f"#!{options.text('inline_shebang')}\n" + "\n".join(lines) + "\n"


def variables_of(options: Options, provisioning: Provisioning) -> dict[str, str]:
    """Return the environment variables of a script, sorted by name."""
    build = provisioning.build
    found = {
        "PACKER_BUILD_NAME": build.source.name,
        "PACKER_BUILDER_TYPE": build.source.type,
    }
    for text in options.texts("environment_vars"):
        name, _, value = text.partition("=")
        found[name] = value
    found.update(options.mapping("env"))
    return dict(sorted(found.items()))


def render_variables(options: Options, variables: Mapping[str, str]) -> str:
    """Return variables as a shell reads them: before a command, or as a file of their own."""
    usual = _IN_FILE if options.flag("use_env_var_file") else _IN_COMMAND
    form = options.text("env_var_format") or usual
    quoted = {name: value.replace("'", "'\"'\"'") for name, value in variables.items()}
    return "".join(
        form.replace("%s", name, 1).replace("%s", value, 1) for name, value in quoted.items()
    )


def unix_lines(content: bytes) -> bytes:
    """Return a text with the line ends of Unix."""
    return content.replace(b"\r\n", b"\n")


def remote_name(content: bytes, salt: str) -> str:
    """Return the name of a script on the machine: the same for the same script.

    A random one would be in every log and history that the machine keeps.
    """
    return f"script_{hashlib.sha256(salt.encode() + content).hexdigest()[:8]}.sh"


@contextmanager
def temporary_file(content: bytes, suffix: str = "") -> Iterator[Path]:
    """Give a file of the person's own with some content, for a block."""
    with tempfile.NamedTemporaryFile(prefix="cotta-", suffix=suffix, delete=False) as file:
        file.write(content)
    path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def check_status(status: int, options: Options, lines: Lines) -> None:
    """Raise `BuildError` unless a script ended as it may."""
    valid = options.numbers("valid_exit_codes")
    if status in valid:
        return
    allowed = " ".join(map(str, valid))
    said = f" Its last lines were:\n{lines.tail}" if lines.tail else " It wrote nothing."
    raise BuildError(
        f"Script exited with non-zero exit status: {status}. Allowed exit codes are: "
        f"[{allowed}].{said}"
    )
