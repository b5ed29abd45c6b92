"""What a template has, as `packer inspect` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.views.template_values import render_packer_value
from cotta.values.codec_json import encode_plain
from cotta.values.sets import quote
from cotta.values.value import Marked, has_marks, is_wholly_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.builder.templates.outline import BlockOutline
    from cotta.builder.understanding import Understood
    from cotta.values.json_text import Json
    from cotta.values.value import Value

_MODE = "Packer Inspect: HCL2 mode\n"


def inspection_texts(
    variables: Mapping[str, Value],
    local_values: Mapping[str, Value],
    blocks: Sequence[BlockOutline],
) -> list[str]:
    """Return the three texts that are printed one after the other, a newline behind each."""
    return [_MODE, render_names(variables, local_values), _builds(blocks)]


def render_names(variables: Mapping[str, Value], local_values: Mapping[str, Value]) -> str:
    """Return variables and locals with their values."""
    return (
        f"> input-variables:\n\n{_values('var', variables)}\n"
        f"> local-variables:\n\n{_values('local', local_values)}"
    )


def _values(prefix: str, values: Mapping[str, Value]) -> str:
    return "".join(
        f"{prefix}.{name}: {quote(render_packer_value(value))}\n"
        for name, value in sorted(values.items())
    )


def _builds(blocks: Sequence[BlockOutline]) -> str:
    parts = ["> builds:\n"]
    for at, block in enumerate(blocks):
        parts.append(f"\n  > {block.name or f'<unnamed build {at}>'}:\n")
        if block.description:
            parts.append(f"\n  > Description: {block.description}\n")
        parts.append("\n    sources:\n")
        parts += [f"\n      {source}\n" for source in block.sources] or ["\n      <no source>\n"]
        parts.append("\n    provisioners:\n\n")
        parts += [f"      {each}\n" for each in block.provisioners] or ["      <no provisioner>\n"]
        parts.append("\n    post-processors:\n\n")
        parts.append(_chains(block.chains))
    return "".join(parts)


def _chains(chains: Sequence[Sequence[str]]) -> str:
    if not chains:
        return "      <no post-processor>\n"
    return "\n".join(
        f"      {at}:\n" + "".join(f"        {each}\n" for each in chain)
        for at, chain in enumerate(chains)
    )


def inspection_record(understood: Understood) -> dict[str, Json]:
    """Return the same as a JSON object; what isn't known is null, and so is what is sensitive."""
    evaluated = understood.evaluated
    return {
        "variables": {name: _record(each) for name, each in sorted(evaluated.variables.items())},
        "locals": {name: _record(each) for name, each in sorted(evaluated.locals.items())},
        "sources": list(understood.template.sources),
        "builds": [
            {
                "name": block.name,
                "description": block.description,
                "sources": list(block.sources),
                "provisioners": list(block.provisioners),
                "post_processors": [list(chain) for chain in block.chains],
            }
            for block in understood.blocks
        ],
    }


def _record(value: Value) -> Json:
    is_sensitive = isinstance(value, Marked)
    is_told = not is_sensitive and is_wholly_known(value) and not has_marks(value)
    return {
        "value": encode_plain(value) if is_told else None,
        "sensitive": is_sensitive,
        "unknown": not is_wholly_known(value),
    }
