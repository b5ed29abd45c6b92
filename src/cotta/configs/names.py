"""Local names of providers, which are written in one way only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.sources import normalize_part

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange


def is_normal_provider_name(name: str, place: SourceRange, diags: Diagnostics) -> bool:
    """Say whether a local name is in its usual form; a diagnostic tells what is wrong."""
    normal = normalize_part(name)
    if normal == name:
        return True
    diags.error(
        "Invalid provider local name",
        f'Local names of providers are in lower case. Write "{normal}" instead of "{name}".'
        if normal is not None
        else f'"{name}" can\'t be the local name of a provider: it has letters, digits and'
        " single dashes between them.",
        place,
    )
    return False
