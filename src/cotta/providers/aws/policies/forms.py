"""The forms in which policies are stored: the official provider's, so that states are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.policies.document import PRESENT_VERSION
from cotta.values.json_text import JsonError, parse_json, write_json

if TYPE_CHECKING:
    from cotta.values.json_text import Json


def sorted_form(text: str) -> str:
    """Return a policy without spaces, with sorted members; a text that is no JSON as it is."""
    try:
        return write_json(_sorted(parse_json(text)))
    except JsonError:
        return text


def version_first(text: str) -> str:
    """Return a policy as `sorted_form` does, but for its version, which comes first."""
    try:
        tree = _sorted(parse_json(text))
    except JsonError:
        return text
    if isinstance(tree, dict) and tree.get("Version") == PRESENT_VERSION:
        tree = {"Version": PRESENT_VERSION, **tree}
    return write_json(tree)


def _sorted(tree: Json) -> Json:
    if isinstance(tree, dict):
        return {name: _sorted(tree[name]) for name in sorted(tree)}
    return [_sorted(each) for each in tree] if isinstance(tree, list) else tree


def is_policy(text: str) -> str | None:
    """Allow JSON objects: what a policy has to be before anybody looks into it."""
    if not text.strip():
        return "needs a policy as JSON, and this is empty"
    try:
        tree = parse_json(text)
    except JsonError as error:
        return f"needs a policy as JSON, and this is none: {error}"
    if not isinstance(tree, dict):
        return "needs a policy, which is a JSON object: { … }"
    return None


def policy_text(answered: Any) -> str:
    """Return a policy as IAM answers it (as a tree, or as text) as text."""
    return answered if isinstance(answered, str) else write_json(answered)
