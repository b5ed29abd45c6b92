"""Which instances a roll leaves alone: those that run what is wanted, if under another number.

A rollback makes a new version of the launch template that is the same as an
older one.  To AWS these are two, also where a refresh skips what matches: so
where instances still run the older one, the refresh goes to that, and the
group is told of the new one afterwards.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cotta.clouds.errors import CloudError
from cotta.providers.aws.launch_template_data import DATA
from cotta.providers.aws.planning import merge_found
from cotta.providers.aws.scaling.lookups import GROUP
from cotta.providers.aws.wire import from_wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """So many instances `of` all are left alone: they run `version` where `wanted` is wanted."""

    version: str
    wanted: str
    instances: int
    of: int

    @property
    def is_way_back(self) -> bool:
        """Whether an earlier version was made anew, so that the roll is one back to it."""
        return self.version != self.wanted

    def words(self) -> str:
        """Return what is left alone and why, as a clause."""
        are, run = ("is", "it runs") if self.instances == 1 else ("are", "they run")
        kept = f"{self.instances} of {self.of} instances {are} kept"
        if self.version == self.wanted:
            return f"{kept}: {run} version {self.wanted} already"
        return f"{kept}: version {self.version}, which {run}, is the same as {self.wanted}"


def keeping(
    on: Connection,
    prior: Fields,
    config: Fields,
    template: Mapping[str, Any],
    promised: Fields | None = None,
) -> Keeping | None:
    """Return what a roll to a version of a launch template leaves alone; None if that is nothing.

    `template` has the template's id and the version's number; `promised` is what that version will
    launch, if it is still to be made.  Where the configuration says `skip_matching = false`
    nothing is kept.  Raises CloudError.
    """
    id_, wanted = str(template.get("LaunchTemplateId")), str(template.get("Version"))
    group = None if _refuses(config) else on.find(GROUP, prior["id"])
    running = Counter(_running(group, id_)) if group is not None else Counter[str]()
    if group is None or not running:
        return None
    known = _launched_by(on, id_, [*running] if promised else sorted({*running, wanted}))
    sought = promised or known.get(wanted)
    # A version that names its image by a parameter may launch another one each day.
    if sought is None or str(sought["image_id"]).startswith("resolve:"):
        return None
    same = [one for one in running if one in known and _launches_the_same(known[one], sought)]
    if not same:
        return None
    version = max(same, key=lambda one: (running[one], int(one)))
    return Keeping(
        version=version,
        wanted=wanted,
        instances=running[version],
        of=len(group["Instances"]),
    )


def _refuses(config: Fields) -> bool:
    return any(
        preferences.get("skip_matching") is False
        for refresh in _blocks(config.get("instance_refresh"))
        for preferences in _blocks(refresh.get("preferences"))
    )


def _blocks(value: Any) -> list[Fields]:
    return value if isinstance(value, list) else []


def _running(group: Item, template_id: str) -> Iterator[str]:
    """Yield the version of each member that serves, of those launched from this template."""
    for member in group["Instances"]:
        template = member.get("LaunchTemplate", {})
        serves = member["LifecycleState"] == "InService" and member["HealthStatus"] == "Healthy"
        if serves and template.get("LaunchTemplateId") == template_id:
            yield str(template["Version"])


def _launched_by(on: Connection, template_id: str, versions: list[str]) -> dict[str, Fields]:
    """Return what these versions of a template launch, those that are still there."""
    try:
        found = list(
            on.pages(
                "ec2",
                "DescribeLaunchTemplateVersions",
                "LaunchTemplateVersions",
                LaunchTemplateId=template_id,
                Versions=versions,
            )
        )
    except CloudError as error:
        if not error.is_missing:
            raise
        return {}
    return {str(one["VersionNumber"]): from_wire(DATA, one["LaunchTemplateData"]) for one in found}


def _launches_the_same(one: Fields, other: Fields) -> bool:
    return merge_found(DATA, one, other) == one
