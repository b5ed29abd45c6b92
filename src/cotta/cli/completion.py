"""What a shell completes of a command line: commands, their flags, files elsewhere.

The script that a shell reads asks this program for nothing: it has all words in it, so that
pressing Tab costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.table import COMMANDS, declared, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GLOBAL: Final = ("-chdir=", "-help", "-no-color", "-version")

_BASH: Final = """\
# Completion of `cotta` for bash.  Once for all shells:
#   cotta completion bash > /etc/bash_completion.d/cotta
_cotta_words() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command= i
    local -a said=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${{COMP_WORDS[i]}} == -* || ${{COMP_WORDS[i]}} == "=" ]] && continue
        # What follows an equals sign is a flag's value: bash takes them for words of their own.
        [[ ${{COMP_WORDS[i - 1]}} == "=" ]] && continue
        said+=("${{COMP_WORDS[i]}}")
    done
    case "${{said[*]}}" in
{cases}
    esac
}}
complete -o default -o nospace -F _cotta_words cotta
"""

_ZSH: Final = """\
#compdef cotta
# Completion of `cotta` for zsh.  Once for all shells, in a folder of $fpath:
#   cotta completion zsh > _cotta
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -U +X bashcompinit && bashcompinit
"""

# Read as the function of that file, at the first Tab, it answers that already.
_ZSH_END: Final = """\
[[ ${funcstack[1]} != _cotta ]] || _bash_complete -o default -o nospace -F _cotta_words
"""


def render_completion(shell: str) -> str:
    """Return the script for `bash` or `zsh`."""
    script = _BASH.format(cases="\n".join(_cases(_words())))
    return script if shell == "bash" else _ZSH + script + _ZSH_END


def _words() -> dict[str, list[str]]:
    """Return what may follow the beginning of a command line: "" is nothing yet."""
    found: dict[str, list[str]] = {"": list(_GLOBAL)}
    for entry in COMMANDS:
        if entry.is_internal:
            continue
        parts = entry.name.split()
        for length, part in enumerate(parts):
            before = found.setdefault(" ".join(parts[:length]), [])
            if part not in before:
                before.append(part)
        flags = declared(load(entry))
        found.setdefault(entry.name, []).extend(
            f"-{name}" if name in flags.switches else f"-{name}=" for name in sorted(flags.names)
        )
    return found


def _cases(words: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a branch of the script for each beginning, the longest ones first."""
    lines = []
    for before in sorted(words, key=lambda text: (-text.count(" "), text)):
        # Further words of a command are files and addresses: the shell knows the files.
        pattern = '""' if not before else f'"{before}" | "{before} "*'
        listed = " ".join(words[before])
        lines.append(f"    {pattern})")
        lines.append(f'        COMPREPLY=($(compgen -W "{listed}" -- "$word"))')
        lines.append("        ;;")
    return lines
