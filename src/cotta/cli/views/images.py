"""Images as tables, pages and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from cotta.images.catalogue import CatalogueImage
    from cotta.images.contents import Contents, Difference

_SHORT = 12


def render_list(images: Sequence[CatalogueImage], now: datetime) -> str:
    """Return a table of images, newest first."""
    header = ("IMAGE", "NAME", "AGE", "DIGEST", "KEY", "COMMIT", "STATE", "USED BY")
    rows = [
        (
            one.id,
            one.name,
            render_age(now - one.created),
            one.digest[:_SHORT] or "-",
            one.key.rpartition(":")[2][:_SHORT] or "-",
            _short_commit(one.commit) or "-",
            one.state,
            _render_use(one),
        )
        for one in images
    ]
    return render_table([header, *rows])


def render_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns with two spaces between them."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)) for row in rows]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_age(age: timedelta) -> str:
    """Return how old something is, in its largest unit: `3 h`."""
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _short_commit(commit: str) -> str:
    digits, dash, dirty = commit.partition("-")
    return digits[:_SHORT] + dash + dirty


def _render_use(image: CatalogueImage) -> str:
    use = image.use
    counted = [
        (len(use.instances), "instance", "instances"),
        (len(use.template_versions), "template version", "template versions"),
        (len(use.groups), "group", "groups"),
    ]
    said = [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]
    return ", ".join(said) or "-"


def render_image(image: CatalogueImage, contents: Contents | None) -> str:
    """Return all that is known of an image."""
    lines = [
        ("Image", image.id),
        ("Name", image.name),
        ("State", image.state),
        ("Created", image.created.strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("Description", image.description),
        ("Digest", image.digest),
        ("Key", image.key),
        ("Commit", image.commit),
        ("Base image", image.base),
        ("Template", image.template),
        ("Deprecated", image.deprecated_at),
        ("Snapshots", ", ".join(image.snapshots)),
        ("Instances", ", ".join(image.use.instances)),
        ("Template versions", ", ".join(image.use.template_versions)),
        ("Groups", ", ".join(image.use.groups)),
        (
            "Contents",
            f"{len(contents.packages)} packages, {len(contents.files)} files and folders"
            if contents is not None
            else "not recorded here",
        ),
    ]
    width = max(len(name) for name, _ in lines) + 2
    text = "".join(f"{name + ':':<{width}}{value}\n" for name, value in lines if value)
    shown = {key: value for key, value in image.tags.items() if not key.startswith("cotta:")}
    if shown:
        text += "Tags:\n" + "".join(f"  {key} = {value}\n" for key, value in sorted(shown.items()))
    return text


def encode_image(image: CatalogueImage) -> dict[str, Any]:
    """Return an image as a JSON object."""
    return {
        "id": image.id,
        "name": image.name,
        "state": image.state,
        "created": image.created.isoformat().replace("+00:00", "Z"),
        "description": image.description,
        "digest": image.digest,
        "key": image.key,
        "commit": image.commit,
        "base": image.base,
        "template": image.template,
        "deprecated": image.deprecated_at,
        "snapshots": list(image.snapshots),
        "tags": dict(sorted(image.tags.items())),
        "used_by": {
            "instances": list(image.use.instances),
            "template_versions": list(image.use.template_versions),
            "groups": list(image.use.groups),
        },
    }


def encode_contents(contents: Contents | None) -> dict[str, Any] | None:
    """Return what is in an image as a JSON object; None if it is not known."""
    if contents is None:
        return None
    return {
        "packages": [
            {"name": one.name, "version": one.version, "architecture": one.architecture}
            for one in contents.packages
        ],
        "files": len(contents.files),
    }


def render_difference(one: CatalogueImage, other: CatalogueImage, found: Difference) -> str:
    """Return what another image has otherwise: packages first, then files."""
    lines = [f"{one.id} ({one.name}) -> {other.id} ({other.name})"]
    if one.digest and one.digest == other.digest:
        lines.append("The two have the same digest: there is no difference.")
        return "\n".join(lines) + "\n"
    lines += _section(
        "Packages",
        [f"+ {package.name} {package.version}" for package in found.packages_added],
        [f"- {package.name} {package.version}" for package in found.packages_removed],
        [f"~ {change.name} {change.how}" for change in found.packages_changed],
    )
    lines += _section(
        "Files",
        [f"+ {path}" for path in found.files_added],
        [f"- {path}" for path in found.files_removed],
        [f"~ {change.name}: {change.how}" for change in found.files_changed],
    )
    if found.is_empty:
        lines.append("No difference in packages or files.")
    return "\n".join(lines) + "\n"


def _section(title: str, *parts: Iterable[str]) -> list[str]:
    lines = [f"  {line}" for part in parts for line in part]
    return [f"{title}:", *lines] if lines else []


def encode_difference(
    one: CatalogueImage, other: CatalogueImage, found: Difference
) -> dict[str, Any]:
    """Return what another image has otherwise as a JSON object."""
    return {
        "from": one.id,
        "to": other.id,
        "same_digest": bool(one.digest) and one.digest == other.digest,
        "packages": {
            "added": [[each.name, each.version] for each in found.packages_added],
            "removed": [[each.name, each.version] for each in found.packages_removed],
            "changed": [[each.name, each.how] for each in found.packages_changed],
        },
        "files": {
            "added": list(found.files_added),
            "removed": list(found.files_removed),
            "changed": [[each.name, each.how] for each in found.files_changed],
        },
    }


def write_json(found: object) -> str:
    """Return JSON for a program, or a person that looks at it."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
