"""`aws_launch_template`: what a fleet's instances are started from, in numbered versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import length, matches
from cotta.providers.aws.complaints import RollError
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource, computed, either, optional
from cotta.providers.aws.ec2_tags import tag_specifications, update_tags
from cotta.providers.aws.image_words import tell_images
from cotta.providers.aws.launch_template_data import DATA
from cotta.providers.aws.plain import UNKNOWN, has_unknown
from cotta.providers.aws.reading import Lookup
from cotta.providers.aws.tags import TAGS, as_dict
from cotta.providers.aws.wire import from_wire, to_wire
from cotta.values.types import BOOL, NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft
    from cotta.providers.aws.reading import Item

# From so many on, the newest versions of all templates of the region are asked for in one go.
_MANY: Final = 4


def _ask_templates(session: Session, ids: Sequence[str]) -> Iterable[Item]:
    return session.pages(
        "ec2", "DescribeLaunchTemplates", "LaunchTemplates", LaunchTemplateIds=list(ids)
    )


def _ask_latest(session: Session, ids: Sequence[str]) -> Iterable[Item]:
    operation, key = "DescribeLaunchTemplateVersions", "LaunchTemplateVersions"
    if len(ids) >= _MANY:
        every = session.pages("ec2", operation, key, Versions=["$Latest"])
        return [each for each in every if each["LaunchTemplateId"] in set(ids)]
    found: list[Item] = []
    for id_ in ids:
        found += session.pages("ec2", operation, key, LaunchTemplateId=id_, Versions=["$Latest"])
    return found


def _id_of(item: Item) -> str:
    return str(item["LaunchTemplateId"])


TEMPLATE: Final = Lookup(ask=_ask_templates, identify=_id_of)
LATEST: Final = Lookup(ask=_ask_latest, identify=_id_of)


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)

    def make() -> str:
        # botocore adds a client token: a repeated call makes no second template.
        answer = on.call(
            "ec2",
            "CreateLaunchTemplate",
            LaunchTemplateName=name,
            VersionDescription=wanted["description"] or None,
            LaunchTemplateData=to_wire(DATA, wanted),
            TagSpecifications=tag_specifications("launch-template", wanted["tags_all"]),
        )
        return str(answer["LaunchTemplate"]["LaunchTemplateId"])

    return make_or_adopt(make, lambda: _as_asked_for(on, name, wanted))


def _as_asked_for(on: Connection, name: str, wanted: Fields) -> str | None:
    found = on.call("ec2", "DescribeLaunchTemplates", LaunchTemplateNames=[name])
    for template in found["LaunchTemplates"]:
        if as_dict(template.get("Tags")) == (wanted["tags_all"] or {}):
            return str(template["LaunchTemplateId"])
    return None


def _read(on: Connection, prior: Fields) -> Fields | None:
    id_ = prior["id"]
    template, version = on.find(TEMPLATE, id_), on.find(LATEST, id_)
    if template is None or version is None:
        return None
    name = template["LaunchTemplateName"]
    return {
        **from_wire(DATA, version["LaunchTemplateData"]),
        "arn": on.arn("ec2", f"launch-template/{id_}"),
        "default_version": template["DefaultVersionNumber"],
        "description": version.get("VersionDescription"),
        "latest_version": template["LatestVersionNumber"],
        "name": name,
        "name_prefix": prefix_of(name),
        **on.tags.found(as_dict(template.get("Tags")), prior),
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    made: int | None = None
    if makes_version(prior, wanted):
        made = _add_version(on, prior["id"], wanted)
    default = made if wanted["update_default_version"] else wanted["default_version"]
    if default is None and wanted["update_default_version"]:
        default = prior["latest_version"]
    if default is not None and default != prior["default_version"]:
        on.call(
            "ec2",
            "ModifyLaunchTemplate",
            LaunchTemplateId=prior["id"],
            DefaultVersion=str(default),
        )
    update_tags(on, prior["id"], prior, wanted)
    promised = wanted["latest_version"]
    if made is not None and promised is not None and made != promised:
        raise RollError(
            "Another version of the launch template",
            f"The plan counted on making version {promised} of {prior['name']}, and it became "
            f"version {made}: somebody else has made one since. It is there and is the latest. "
            "Plan again, so that what refers to the version refers to this one.",
        )


def _add_version(on: Connection, id_: str, wanted: Fields) -> int:
    answer = on.call(
        "ec2",
        "CreateLaunchTemplateVersion",
        LaunchTemplateId=id_,
        VersionDescription=wanted["description"] or None,
        LaunchTemplateData=to_wire(DATA, wanted),
    )
    return int(answer["LaunchTemplateVersion"]["VersionNumber"])


def makes_version(prior: Fields, wanted: Fields) -> bool:
    """Say whether a change makes a new version: of what instances get, or of its description."""
    before, after = to_wire(DATA, prior), to_wire(DATA, wanted)
    return before != after or (prior["description"] or "") != (wanted["description"] or "")


def _delete(on: Connection, prior: Fields) -> None:
    try:
        on.call("ec2", "DeleteLaunchTemplate", LaunchTemplateId=prior["id"])
    except CloudError as error:
        if not error.code.endswith("NotFoundException"):
            raise


_VERSIONED: Final = (*DATA, "description")


def _customise(draft: Draft) -> None:
    """Say which version there will be, as a number: only a new version makes another.

    The number is the next one; that nobody else has made one in between is
    verified at apply.  The official provider says "known after apply", also for
    changes of tags, and says nothing of a new description.
    """
    tell_images(draft, "image_id")
    if draft.is_new or not any(draft.has_changed(name) for name in _VERSIONED):
        if draft.planned["update_default_version"] and not draft.is_new:
            draft.planned["default_version"] = draft.prior["latest_version"]
        return
    latest: Any = UNKNOWN
    if not any(has_unknown(draft.planned[name]) for name in _VERSIONED):
        if not makes_version(draft.prior, draft.planned):
            return
        latest = draft.prior["latest_version"] + 1
        _promise(draft, latest)
    draft.planned["latest_version"] = latest
    if draft.planned["update_default_version"]:
        draft.planned["default_version"] = latest


def _promise(draft: Draft, latest: int) -> None:
    """Tell groups of the same plan what the version to be made will launch, and its names."""
    launched = from_wire(DATA, to_wire(DATA, draft.planned))
    names = [str(latest), "$Latest"]
    if draft.planned["update_default_version"]:
        names.append("$Default")
    draft.on.promised.update({(draft.prior["id"], name): launched for name in names})


RESOURCE: Final = Resource(
    name="aws_launch_template",
    fields={
        "arn": computed(STRING),
        "default_version": either(NUMBER, conflicts_with=("update_default_version",)),
        "description": optional(STRING, length(0, 255)),
        "id": either(STRING),
        "latest_version": computed(NUMBER),
        "name": either(
            STRING,
            length(3, 128),
            matches(r"^[a-zA-Z0-9().\-/_]+$", "can only have letters, digits and ().-/_"),
            replaces=True,
            conflicts_with=("name_prefix",),
        ),
        "name_prefix": either(
            STRING,
            length(3, 99),
            matches(r"^[a-zA-Z0-9().\-/_]+$", "can only have letters, digits and ().-/_"),
            replaces=True,
        ),
        "update_default_version": optional(BOOL),
        **DATA,
        **TAGS,
    },
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    customise=_customise,
    lookups=lambda prior: [(TEMPLATE, prior["id"]), (LATEST, prior["id"])],
)
