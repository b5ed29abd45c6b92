"""What a plan of a load balancer has besides its fields: it depends on its type.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.plain import UNKNOWN, has_unknown, same_plain
from cotta.providers.aws.resources.lb_attributes import ATTRIBUTES, LOGS, has_logs

if TYPE_CHECKING:
    from cotta.providers.aws.planning import Draft


def customise(draft: Draft) -> None:
    """Leave alone what the type has not, and say what follows from other subnets."""
    kind = draft.planned["load_balancer_type"]
    if kind is not UNKNOWN:
        for name, (_, _, kinds) in ATTRIBUTES.items():
            if kind not in kinds:
                draft.planned[name] = draft.prior.get(name)
        if kind == "gateway":
            draft.planned["minimum_load_balancer_capacity"] = draft.prior.get(
                "minimum_load_balancer_capacity", []
            )
    for block in LOGS:
        _plan_logs(draft, block, kind)
    if not draft.is_new and kind is not UNKNOWN:
        _plan_subnets(draft, kind)


def _plan_logs(draft: Draft, block: str, kind: Any) -> None:
    """Leave logs as they are where nothing is said of them, and where they are off."""
    planned = draft.planned[block]
    had = draft.prior.get(block) or []
    if planned is UNKNOWN:
        if not draft.config.get(block):
            draft.planned[block] = had
        return
    if not draft.config.get(block) or (kind is not UNKNOWN and not has_logs(block, kind)):
        draft.planned[block] = had
        return
    for one in planned:
        if one["enabled"] is False:
            before = had[0] if had else {"bucket": "", "prefix": ""}
            one["bucket"], one["prefix"] = before["bucket"], before["prefix"]


def _plan_subnets(draft: Draft, kind: str) -> None:
    has_mappings = draft.has_changed("subnet_mapping") and bool(draft.config.get("subnet_mapping"))
    has_subnets = draft.has_changed("subnets") and bool(draft.config.get("subnets"))
    if has_mappings:
        if not has_unknown(draft.planned["subnet_mapping"]) and _must_replace(draft, kind):
            draft.must_replace("subnet_mapping")
        draft.open("subnets")
    if has_subnets:
        planned = draft.planned["subnets"]
        is_certain = kind == "network" and not has_unknown(planned)
        if is_certain and len(planned) <= len(draft.prior.get("subnets") or ()):
            draft.must_replace("subnets")
        draft.open("subnet_mapping")
    groups = draft.planned["security_groups"]
    if (
        kind == "network"
        and draft.has_changed("security_groups")
        and not has_unknown(groups)
        # Network load balancers can't get their first group, nor lose their last one.
        and not (groups and draft.prior.get("security_groups"))
    ):
        draft.must_replace("security_groups")


def _must_replace(draft: Draft, kind: str) -> bool:
    """Say whether mappings that were there before are not any more, or are otherwise."""
    before, after = draft.prior.get("subnet_mapping") or [], draft.planned["subnet_mapping"]
    kept = [one for one in after if any(same_plain(one, other) for other in before)]
    if len(after) > len(before):
        return len(kept) != len(before)
    if len(after) < len(before):
        return kind == "network" or len(kept) != len(after)
    return True
