"""Launch templates and their versions: what instances are to be like, kept under a name."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.launch_template_contents import encode_version, keep
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import LAUNCH_TEMPLATE
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.launching import find_template, find_version
from cotta.region.launching.requests import check_user_data, read_devices
from cotta.region.model import LaunchTemplate, LaunchTemplateId, LaunchTemplateVersion
from cotta.region.model.ids import new_id
from cotta.region.numbers import parse_decimal
from cotta.region.store.kinds import (
    LAUNCH_TEMPLATE_VERSIONS,
    LAUNCH_TEMPLATES,
    version_key,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

_NAME: Final = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
_LONGEST_DESCRIPTION: Final = 255


def create_launch_template(call: Call, rows: Writing) -> Answer:
    """Make a template and its version 1."""
    given = call.parameters
    name = given["LaunchTemplateName"]
    if not _NAME.fullmatch(name):
        raise ApiError(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, "
            "numbers, and the following characters: - ( ) . / _.",
        )
    if rows.all(LAUNCH_TEMPLATES, name=name):
        raise ApiError(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "Launch template name already in use.",
        )
    template = LaunchTemplate(
        id=LaunchTemplateId(new_id("lt", call.ids)),
        name=name,
        created_at=call.now,
        created_by=call.caller.arn,
        tags=tags_for(given.get("TagSpecifications"), "launch-template"),
    )
    rows.add(LAUNCH_TEMPLATES, template)
    _add_version(call, rows, template, given["LaunchTemplateData"])
    return {"LaunchTemplate": encode_template(template)}


def create_launch_template_version(call: Call, rows: Writing) -> Answer:
    """Add a version: what is given, over another version where one is named."""
    given = call.parameters
    template = find_template(rows, given)
    contents = given["LaunchTemplateData"]
    if "SourceVersion" in given:
        source = find_version(rows, template, given["SourceVersion"])
        contents = {**source.contents, **contents}
    number = max(template.last_number, template.latest_version) + 1
    template = replace(template, latest_version=number, last_number=number)
    rows.put(LAUNCH_TEMPLATES, template)
    version = _add_version(call, rows, template, contents)
    return {"LaunchTemplateVersion": encode_version(version, template)}


def _add_version(
    call: Call, rows: Writing, template: LaunchTemplate, contents: Mapping[str, Any]
) -> LaunchTemplateVersion:
    description = call.parameters.get("VersionDescription")
    if description is not None and len(description) > _LONGEST_DESCRIPTION:
        raise ApiError(
            "InvalidParameterValue",
            f"A version's description has at most {_LONGEST_DESCRIPTION} characters.",
        )
    if not contents:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter LaunchTemplateData"
        )
    check_user_data(contents.get("UserData"))
    read_devices(contents.get("BlockDeviceMappings", ()))
    version = LaunchTemplateVersion(
        template_id=template.id,
        version=template.latest_version,
        created_at=call.now,
        created_by=call.caller.arn,
        description=description,
        contents=keep(contents),
    )
    rows.add(LAUNCH_TEMPLATE_VERSIONS, version)
    return version


def modify_launch_template(call: Call, rows: Writing) -> Answer:
    """Choose the version that a template stands for by default."""
    given = call.parameters
    template = find_template(rows, given)
    if "DefaultVersion" in given:
        version = find_version(rows, template, given["DefaultVersion"])
        template = replace(template, default_version=version.version)
        rows.put(LAUNCH_TEMPLATES, template)
    return {"LaunchTemplate": encode_template(template)}


def delete_launch_template(call: Call, rows: Writing) -> Answer:
    """Delete a template with all its versions."""
    template = find_template(rows, call.parameters)
    for version in rows.all(LAUNCH_TEMPLATE_VERSIONS, template_id=template.id):
        rows.remove(LAUNCH_TEMPLATE_VERSIONS, version_key(template.id, version.version))
    rows.remove(LAUNCH_TEMPLATES, template.id)
    return {"LaunchTemplate": encode_template(template)}


def delete_launch_template_versions(call: Call, rows: Writing) -> Answer:
    """Delete versions of a template: each that can be, and say why each other can't."""
    template = find_template(rows, call.parameters)
    deleted, left = [], []
    for given in call.parameters["Versions"]:
        answer: dict[str, Any] = {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
        }
        try:
            version = find_version(rows, template, given).version
        except ApiError as error:
            answer["VersionNumber"] = parse_decimal(given)
            answer["ResponseError"] = {
                "Code": "launchTemplateVersionDoesNotExist",
                "Message": error.message,
            }
            left.append(answer)
            continue
        answer["VersionNumber"] = version
        if version == template.default_version:
            answer["ResponseError"] = {
                "Code": "unexpectedError",
                "Message": f"The version {version} is the default one. Have the template stand for "
                "another first, or delete the template.",
            }
            left.append(answer)
            continue
        rows.remove(LAUNCH_TEMPLATE_VERSIONS, version_key(template.id, version))
        deleted.append(answer)
    rest = rows.all(LAUNCH_TEMPLATE_VERSIONS, template_id=template.id)
    latest = max(version.version for version in rest)
    rows.put(
        LAUNCH_TEMPLATES,
        replace(
            template,
            latest_version=latest,
            last_number=max(template.last_number, template.latest_version),
        ),
    )
    return {
        "SuccessfullyDeletedLaunchTemplateVersions": deleted,
        "UnsuccessfullyDeletedLaunchTemplateVersions": left,
    }


# --- describing --------------------------------------------------------------------------


def describe_launch_templates(call: Call, rows: Reading) -> Answer:
    """List templates, by id or by name."""
    given = call.parameters
    named = [
        find_template(rows, {member: name})
        for member, names in (
            ("LaunchTemplateId", given.get("LaunchTemplateIds", ())),
            ("LaunchTemplateName", given.get("LaunchTemplateNames", ())),
        )
        for name in names
    ]
    shown, token = LISTING.find(call, rows, named or None)
    return {"LaunchTemplates": [encode_template(one) for one in shown], "NextToken": token}


def encode_template(template: LaunchTemplate) -> dict[str, Any]:
    """Return a template as answers show it."""
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "CreateTime": template.created_at,
        "CreatedBy": template.created_by,
        "DefaultVersionNumber": template.default_version,
        "LatestVersionNumber": template.latest_version,
        "Tags": encode_tags(template.tags),
    }


LISTING: Final = Listing(
    of=LAUNCH_TEMPLATE,
    ids="LaunchTemplateIds",
    answer="LaunchTemplates",
    fields=lambda _call, _rows: {
        "create-time": lambda template: template.created_at,
        "launch-template-name": lambda template: template.name,
    },
    encode=lambda template, _call, _rows: encode_template(template),
)

OPERATIONS: Final[Operations] = {
    "CreateLaunchTemplate": Writes(create_launch_template),
    "CreateLaunchTemplateVersion": Writes(create_launch_template_version),
    "DeleteLaunchTemplate": Writes(delete_launch_template),
    "DeleteLaunchTemplateVersions": Writes(delete_launch_template_versions),
    "DescribeLaunchTemplates": Reads(describe_launch_templates),
    "ModifyLaunchTemplate": Writes(modify_launch_template),
}
