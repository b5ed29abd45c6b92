"""`cotta build -verify`: an image is baked twice, in other circumstances, and must be the same.

What varies is what must make no difference: the time, the names of passing files, the order in
which files are carried, how many processors the machine has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.builder.build import bake, post_process
from cotta.builder.looking import Watch
from cotta.builder.provisioners.provisioning import place_of
from cotta.builder.running import BuildError
from cotta.builder.sources import amazon_ebs
from cotta.clouds.tags import DIGEST_TAG
from cotta.images.contents import compare, remove_record

if TYPE_CHECKING:
    from cotta.builder.artifacts import Artifact
    from cotta.builder.events import Ui
    from cotta.builder.model import Build, Provisioner
    from cotta.builder.running import Run
    from cotta.builder.sources.amazon.cloud import Cloud
    from cotta.images.contents import Difference

# So many differences are told; who wants all asks `cotta images diff`.
_TOLD: Final = 20


_WRITTEN_LATER: Final = (
    "    no file differed before the machine was stopped, so a service has written one as it "
    "ended:\n    a database, say. Stop it in the last provisioner, and take out what it wrote."
)


def verify_build(build: Build, run: Run, ui: Ui) -> tuple[Artifact, ...]:
    """Return what `run_build` does, after a second image has proved to be the same.

    Raises `BuildError` with the files that differ, how, and which provisioner wrote them; the
    second image is gone in any case, the first one stays.
    """
    if build.source.type != "amazon-ebs":
        raise BuildError(f"Only images can be verified, and {build.source.type} makes none.")
    first = Watch(follows=True)
    artifact, variables = bake(build, run, ui, watch=first)
    if artifact is None:
        raise BuildError("There is no image to verify: skip_create_ami is set.")
    ui.say("Baking the same again, in other circumstances...")
    second = Watch(follows=True)
    cloud = amazon_ebs.cloud_of(build, run)
    try:
        other_type = _other_type(cloud, build.source.options.text("instance_type"))
        if other_type:
            ui.message(f"On a machine of another size: {other_type}")
        name = f"{build.source.options.text('ami_name')[:100]}-{run.ids.hexadecimal(8)}"
        other, _ = bake(
            build, run, ui, watch=second, salt=name, instance_type=other_type, image_name=name
        )
        assert other is not None
        digests = _digest_of(cloud, artifact), _digest_of(cloud, other)
        other.destroy(ui)
        remove_record(run.home, other.id.rpartition(":")[2])
    finally:
        cloud.close()
    judge(digests, first, second, ui)
    return post_process(build, artifact, run, ui, variables=variables)


def judge(digests: tuple[str, str], first: Watch, second: Watch, ui: Ui) -> None:
    """Say that two images are the same, or raise `BuildError` with what is not.

    `digests` are the two that a cloud tells, or "" where it tells none.
    """
    one, other = digests
    if one and one == other:
        ui.say(f"Verified: both images have the digest {one}")
        return
    if first.last is None or second.last is None:
        if one:
            raise BuildError(
                f"The two images differ: {one} and {other}. The machine lacks find or sha256sum, "
                "so which files differ is not known."
            )
        raise BuildError("The machine lacks find or sha256sum, so nothing can be compared.")
    found = compare(first.last.contents, second.last.contents)
    if found.is_empty and not one:
        count = len(first.last.contents.files)
        ui.say(f"Verified: both images have the same {count} files and packages")
        return
    lines = _lines(found, {**second.culprits, **first.culprits})
    head = (
        f"The two images differ: their digests are {one} and {other}."
        if one
        else ("The two images differ.")
    )
    if not lines:
        lines = [_WRITTEN_LATER]
    more = [f"    and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
    raise BuildError("\n".join([head, *lines[:_TOLD], *more]))


def _lines(found: Difference, culprits: dict[str, Provisioner]) -> list[str]:
    changes = [(change.name, change.how) for change in found.files_changed]
    changes += [(path, "only in the second") for path in found.files_added]
    changes += [(path, "only in the first") for path in found.files_removed]
    lines = [f"    {change.name} {change.how}" for change in found.packages_changed]
    for path, how in sorted(changes):
        who = culprits.get(path)
        by = (
            f'written by the provisioner "{who.type}" in {place_of(who.range)}'
            if who is not None
            else "written by no provisioner, but by the machine itself"
        )
        lines.append(f"    {path}: {how}; {by}")
    return lines


def _digest_of(cloud: Cloud, artifact: Artifact) -> str:
    """Return the digest that a cloud tells of an image; "" if it tells none."""
    region, _, image = artifact.id.partition(",")[0].partition(":")
    found = cloud.call("DescribeImages", region=region, ImageIds=[image])["Images"]
    tags = {tag["Key"]: tag["Value"] for tag in found[0].get("Tags", [])} if found else {}
    return str(tags.get(DIGEST_TAG, ""))


def _other_type(cloud: Cloud, usual: str) -> str:
    """Return a type of the same family with another number of processors; "" if there is none."""
    family = usual.partition(".")[0]
    sizes = {
        str(one["InstanceType"]): (
            int(one["VCpuInfo"]["DefaultVCpus"]),
            int(one["MemoryInfo"]["SizeInMiB"]),
        )
        for one in cloud.pages("DescribeInstanceTypes", "InstanceTypes")
        if one["InstanceType"].partition(".")[0] == family
    }
    if usual not in sizes:
        return ""
    cpus, memory = sizes[usual]
    others = [(size, name) for name, size in sizes.items() if size[0] != cpus and size[1] >= memory]
    return min(others)[1] if others else ""
