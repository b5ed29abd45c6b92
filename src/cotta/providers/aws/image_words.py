"""A change of an image in words: two ids say nothing to anybody."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.tags import COMMIT_TAG, DIGEST_TAG, tags_of
from cotta.images.contents import compare
from cotta.providers.interface import PlanNote
from cotta.values.paths import AttributePath

if TYPE_CHECKING:
    from cotta.providers.aws.planning import Draft

_SHORT: Final = 12


def tell_images(draft: Draft, attribute: str) -> None:
    """Add to a plan that changes an image what the two are: names, build times, commits.

    Nothing where one of them is not known yet, or AWS does not say: it is a help and no more.
    """
    before, after = draft.prior.get(attribute), draft.planned.get(attribute)
    if not _is_image(before) or not _is_image(after) or before == after:
        return
    filters = [{"Name": "image-id", "Values": [before, after]}]
    try:
        answer = draft.on.call("ec2", "DescribeImages", Filters=filters, IncludeDeprecated=True)
    except CloudError:
        return
    images = {image["ImageId"]: image for image in answer["Images"]}
    old, new = images.get(before), images.get(after)
    lines = [
        f"from {_describe(old) if old else f'{before}, which is gone'}",
        f"to   {_describe(new) if new else f'{after}, which is not there'}",
    ]
    digests = [tags_of(each).get(DIGEST_TAG) for each in (old, new) if each]
    if len(digests) == 2 and digests[0] and digests[0] == digests[1]:
        lines.append("both have the same content")
    else:
        lines += _counts(draft, str(before), str(after))
    draft.notes.append(PlanNote(lines=tuple(lines), path=(AttributePath(attribute),)))


def _counts(draft: Draft, before: str, after: str) -> list[str]:
    """Return a line about how much is different, where the contents of both were recorded."""
    old, new = draft.on.options.contents(before), draft.on.options.contents(after)
    if old is None or new is None:
        return []
    found = compare(old, new)
    parts = [
        _counted(
            "package",
            changed=len(found.packages_changed),
            added=len(found.packages_added),
            removed=len(found.packages_removed),
        ),
        _counted(
            "file",
            changed=len(found.files_changed),
            added=len(found.files_added),
            removed=len(found.files_removed),
        ),
    ]
    return ["; ".join(part for part in parts if part) or "no package and no file is different"]


def _counted(noun: str, **counts: int) -> str:
    """Return `2 packages changed, 1 added`; "" if there are none."""
    told = [(count, how) for how, count in counts.items() if count]
    if not told:
        return ""
    count, how = told[0]
    first = f"{count} {noun if count == 1 else noun + 's'} {how}"
    return ", ".join([first, *(f"{count} {how}" for count, how in told[1:])])


def _is_image(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("ami-")


def _describe(image: dict[str, Any]) -> str:
    words = [image.get("Name") or image["ImageId"]]
    created = image.get("CreationDate")
    if created:
        built = datetime.fromisoformat(created).strftime("%Y-%m-%d %H:%M UTC")
        words.append(f"built {built}")
    commit = tags_of(image).get(COMMIT_TAG)
    if commit:
        words.append(f"commit {commit[:_SHORT]}")
    return ", ".join(words)
