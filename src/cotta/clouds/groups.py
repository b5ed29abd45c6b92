"""What Auto Scaling describes of a group, however the group was told it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def template_of(group: Mapping[str, Any]) -> dict[str, str]:
    """Return the `LaunchTemplate` that a group names, also by a policy; empty if it has none."""
    policy = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    found: dict[str, str] = group.get("LaunchTemplate") or policy.get(
        "LaunchTemplateSpecification", {}
    )
    return found
