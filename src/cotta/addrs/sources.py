"""The sources of providers as configurations write them, by Terraform's rules for names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.addrs.providers import (
    DEFAULT_HOST,
    ProviderSource,
    implied_source,
)

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange

_PART: Final = re.compile(r"[^\W_](?:[^\W_]|-(?!-))*(?<!-)")
_LABEL: Final = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::([0-9]{{1,5}}))?")
_LAST_PORT: Final = 65535
_FORM: Final = 'A source has the form "[hostname/][namespace/]name".'


def normalize_part(given: str) -> str | None:
    """Return a namespace or type in its usual form; None if it can't be one.

    Letters, digits and dashes, no two dashes together and none at an end.
    """
    return given.lower() if _PART.fullmatch(given) else None


def parse_provider_source(
    text: str, diags: Diagnostics, place: SourceRange | None = None
) -> ProviderSource | None:
    """Return what a `source` in `required_providers` means; None after a diagnostic."""
    parts = text.split("/")
    if not 1 <= len(parts) <= 3 or not all(parts):
        diags.error("Invalid provider source string", _FORM, place)
        return None
    type_ = normalize_part(parts[-1])
    if type_ is None:
        diags.error(
            "Invalid provider type",
            f'"{parts[-1]}" in the source "{text}" can\'t be the type of a provider: it has'
            " letters, digits and single dashes between them.",
            place,
        )
        return None
    if len(parts) == 1:
        return implied_source(type_)
    # States from before 0.13 have "-" for a namespace that nobody had named.
    namespace = "-" if parts[-2] == "-" else normalize_part(parts[-2])
    if namespace is None:
        diags.error(
            "Invalid provider namespace",
            f'"{parts[-2]}" in the source "{text}" can\'t be a namespace: it has letters, digits'
            " and single dashes between them.",
            place,
        )
        return None
    host = DEFAULT_HOST if len(parts) == 2 else parts[0].lower()
    found = _HOST.fullmatch(host)
    if found is None or int(found[1] or 0) > _LAST_PORT:
        diags.error(
            "Invalid provider source hostname",
            f'"{parts[0]}" in the source "{text}" is no host name.',
            place,
        )
        return None
    return _checked(ProviderSource(host, namespace, type_), text, diags, place)


def _checked(
    source: ProviderSource, text: str, diags: Diagnostics, place: SourceRange | None
) -> ProviderSource | None:
    """Return the source unless it is one of the slips that Terraform names."""
    for prefix in ("terraform-provider-", "terraform-"):
        if source.type.startswith(prefix) and len(source.type) > len(prefix):
            meant = ProviderSource(source.host, source.namespace, source.type[len(prefix) :])
            diags.error(
                "Invalid provider type",
                f'The type in the source "{text}" is written without the prefix "{prefix}".'
                f" Did you mean {meant.display}?",
                place,
            )
            return None
    return source
