"""What programs say, made comparable: lines, records and diagnostics without what must differ."""

from __future__ import annotations

import json
import re
from difflib import unified_diff
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRESS: Final = re.compile(
    r".*: (Refreshing state\.\.\.|Reading\.\.\.|Read complete after|Still |Creating\.\.\.|"
    r"Creation complete|Modif|Destr|Provisioning with|Preparing import|Import)"
    r"|.* \(local-exec\): "
)
# Said only where the disk lets one wait.
_WHILE_WAITING: Final = ("Acquiring state lock.", "Releasing state lock.")
_AFTER_WARNINGS: Final = ("Apply complete", "Destroy complete", "Apply cancelled")
_KEYS: Final = re.compile(r"\[[^]]*\]")
_MOMENTS: Final = ("@timestamp", "@module", "@level", "elapsed_seconds")


def lines_of(text: str) -> list[str]:
    """Return lines: progress first and sorted, paragraphs on a line each, warnings by their heads.

    The order of progress is the walk's, and a paragraph is wrapped by the
    length of the program's name.
    """
    text = re.sub(r"after \d+s", "after 0s", re.sub("─+", "─", text))
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith(_WHILE_WAITING)]
    progress = sorted(line for line in lines if _PROGRESS.match(line))
    rest = [line for line in _without_warnings(lines) if not _PROGRESS.match(line)]
    rest = [line for at, line in enumerate(rest) if line or rest[at - 1 : at] != [""]]
    return [*progress, *_unwrapped(rest), *heads(text, "Warning: ")]


def heads(text: str, start: str = "") -> list[str]:
    """Return the first lines of what was found to be wrong, and the places, sorted."""
    found = re.findall(
        r"^[╷│ ]*((?:Error|Warning): .*(?:\n[│ ]*\n[│ ]*(?:on|with) .*)?)", text, re.MULTILINE
    )
    return sorted(re.sub(r"\n[│ \n]*", " | ", one).strip() for one in found if start in one)


def in_order(state: Any) -> Any:
    """Return a state with paths and checks in order: in terraform's that is chance."""
    for resource in state["resources"]:
        for instance in resource["instances"]:
            if "sensitive_attributes" in instance:
                instance["sensitive_attributes"].sort(key=json.dumps)
    for check in state.get("check_results") or ():
        (check["objects"] or []).sort(key=json.dumps)
    (state.get("check_results") or []).sort(key=json.dumps)
    return state


def read_records(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the records in the order that is determined, and the diagnostics."""
    hooks = [record for record in records if "hook" in record]
    told = [_told(record["diagnostic"]) for record in records if record["type"] == "diagnostic"]
    rest = [
        record
        for record in records
        if "hook" not in record and record["type"] not in {"diagnostic", "version"}
    ]
    return {
        "records": list(_sorted_changes(rest)),
        "hooks": sorted(hooks, key=lambda record: json.dumps(record, sort_keys=True)),
        "order": [_moment(record) for record in hooks if record["type"].startswith("apply_")],
        "diagnostics": sorted(told, key=lambda one: json.dumps(one, sort_keys=True)),
    }


def without_refresh(outcome: Any) -> Any:
    """Return an outcome without the lines and records of objects being looked at."""
    if isinstance(outcome, dict):
        return {key: without_refresh(value) for key, value in outcome.items()}
    if not isinstance(outcome, list):
        return outcome
    return [without_refresh(one) for one in outcome if not _is_refresh(one)]


def _is_refresh(one: Any) -> bool:
    if isinstance(one, str):
        return ": Refreshing state..." in one
    return isinstance(one, dict) and str(one.get("type")).startswith("refresh_")


def _without_warnings(lines: list[str]) -> Iterator[str]:
    """Yield the lines but for warnings, whose details are our own words: they end at the rule.

    Without colour ours are in a box, so that ends them too.
    """
    is_warning = False
    for line in lines:
        if line.startswith(("╷", "│", "╵")):
            continue
        ends = line == "─" or line.startswith(_AFTER_WARNINGS)
        is_warning = not ends and (is_warning or line.startswith("Warning: "))
        if not is_warning:
            yield line


def _sorted_changes(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the records; runs of changes, whose order is the walk's, by address."""
    for kind, group in groupby(records, lambda record: str(record["type"])):
        if kind in {"planned_change", "resource_drift"}:
            yield from sorted(group, key=lambda record: json.dumps(record, sort_keys=True))
        else:
            yield from group


def _unwrapped(lines: list[str]) -> Iterator[str]:
    for is_prose, group in groupby(lines, lambda line: line[:1].isalpha() or line[:1] == '"'):
        if is_prose:
            yield " ".join(group)
        else:
            yield from group


def timeless(value: Any) -> Any:
    """Return a record without what is different every time."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in _MOMENTS}
    if isinstance(value, str):
        return re.sub(r"after \d+s", "after 0s", value)
    return [timeless(v) for v in value] if isinstance(value, list) else value


def _moment(record: dict[str, Any]) -> list[str]:
    hook = record["hook"]
    return [record["type"], hook["resource"]["addr"], hook.get("action", "")]


def _told(diagnostic: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal of a diagnostic: all but the details."""
    place = diagnostic.get("range") or {}
    return {
        "severity": diagnostic["severity"],
        "summary": diagnostic["summary"],
        "file": place.get("filename"),
        "start": place.get("start"),
        "address": diagnostic.get("address"),
    }


def determined(order: list[list[str]], needs: dict[str, set[str]]) -> dict[str, list[list[str]]]:
    """Return the moments of every pair of objects of which one needs the other."""
    return {
        f"{one} {other}": [moment for moment in order if moment[1] in {one, other}]
        for one in sorted(needs)
        for other in sorted(needs[one])
    }


def needs_of(*states: Any) -> dict[str, set[str]]:
    """Return which addresses the states say need which; all instances of each."""
    instances: dict[str, set[str]] = {}
    needs: dict[str, set[str]] = {}
    listed = [(resource, one) for state in states if state for resource, one in _instances(state)]
    for resource, instance in listed:
        instances.setdefault(_whole(resource), set()).add(_address(resource, instance))
    for resource, instance in listed:
        found = needs.setdefault(_address(resource, instance), set())
        for need in instance.get("dependencies", ()):
            found |= {one for one in instances.get(need, set()) if _may_wait(resource, one)}
    return needs


def _may_wait(resource: dict[str, Any], other: str) -> bool:
    """Say whether instances of a resource wait for another: not for that of a sibling module."""
    module = resource.get("module", "")
    there = ".".join(other.split(".terraform_data.")[:-1])
    return module == there or _KEYS.sub("", module) != _KEYS.sub("", there)


def _instances(state: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for resource in state["resources"]:
        for instance in resource["instances"]:
            yield resource, instance


def _whole(resource: dict[str, Any]) -> str:
    module = re.sub(r"\[[^]]*\]", "", resource.get("module", ""))
    name = f"{resource['type']}.{resource['name']}"
    return f"{module}.{name}" if module else name


def _address(resource: dict[str, Any], instance: dict[str, Any]) -> str:
    module = resource.get("module")
    key = instance.get("index_key")
    shown = "" if key is None else f"[{json.dumps(key)}]"
    name = f"{resource['type']}.{resource['name']}{shown}"
    return f"{module}.{name}" if module else name


def difference(expected: Any, found: Any) -> str:
    """Return the lines in which two outcomes differ, for people."""
    before, after = (
        json.dumps(side, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
        for side in (expected, found)
    )
    return "\n".join(unified_diff(before, after, "expected", "found", lineterm="", n=4))
