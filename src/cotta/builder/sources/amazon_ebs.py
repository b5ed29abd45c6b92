"""The source `amazon-ebs`: a machine of EC2 that becomes an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.artifacts import Artifact
from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.access import access_of, ignored_for_local
from cotta.builder.sources.amazon.cloud import (
    Cloud,
    filters,
    polling_of,
    refused,
)
from cotta.builder.sources.amazon.connecting import Connect, Provision, Reached, RemoveKeys
from cotta.builder.sources.amazon.credentials import (
    MakeInstanceProfile,
    MakeKeyPair,
    MakeSecurityGroup,
)
from cotta.builder.sources.amazon.finding import (
    FindNetwork,
    FindSourceImage,
    PreValidate,
    source_image_of,
)
from cotta.builder.sources.amazon.imaging import MakeImages
from cotta.builder.sources.amazon.launching import Launch
from cotta.builder.sources.amazon.publishing import Publish
from cotta.builder.sources.amazon.removing import remove_image
from cotta.builder.sources.amazon.spot import LaunchSpot
from cotta.builder.sources.amazon.stopping import Modify, Stop
from cotta.builder.sources.amazon.work import Work
from cotta.builder.steps import Steps
from cotta.clouds.errors import CloudError
from cotta.clouds.tags import DIGEST_TAG, KEY_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.events import Ui
    from cotta.builder.model import Build
    from cotta.builder.running import Run
    from cotta.builder.sources.baking import Baking
    from cotta.builder.steps import Step

BUILDER_ID = "mitchellh.amazonebs"


def bake(baking: Baking) -> Artifact | None:
    """Return the image, by region; None with skip_create_ami."""
    run, options = baking.run, baking.build.source.options
    cloud = cloud_of(baking.build, run)
    try:
        if cloud.is_local and (ignored := ignored_for_local(options)):
            baking.ui.message(
                f"The local region is meant: {', '.join(ignored)} of the source does not count."
            )
        work = Work(baking, cloud)
        Steps(
            baking.ui,
            on_error=run.on_error,
            cancelled=run.cancelled,
            hurried=run.hurried,
            pauses=run.debug,
        ).run(steps_of(work))
        return artifact_of(work.images, cloud_of(baking.build, run)) if work.images else None
    finally:
        cloud.close()


def steps_of(work: Work) -> list[Step]:
    """Return the steps of a build, in their order."""
    options, reached = work.options, Reached()
    is_spot = bool(options.text("spot_price") or options.texts("spot_instance_types"))
    steps: list[Step] = [
        PreValidate(work),
        FindSourceImage(work),
        FindNetwork(work),
        MakeKeyPair(work),
        MakeSecurityGroup(work),
        MakeInstanceProfile(work),
        LaunchSpot(work) if is_spot else Launch(work),
        Connect(work, reached),
        Provision(work, reached),
        RemoveKeys(work, reached),
        Stop(work),
        Modify(work),
    ]
    if not options.flag("skip_create_ami"):
        steps += [MakeImages(work), Publish(work)]
    return steps


def cloud_of(build: Build, run: Run) -> Cloud:
    """Return the cloud of a build."""
    options = build.source.options
    return Cloud(
        access_of(options, run.access()),
        run.clock,
        polling=polling_of(options, run.environment),
        cancelled=run.cancelled,
        hurried=run.hurried,
        decodes=options.flag("decode_authorization_messages"),
    )


def artifact_of(images: Mapping[str, str], cloud: Cloud) -> Artifact:
    """Return images by region as an artifact; destroying it deregisters them."""
    listed = sorted(images.items())

    def destroy(ui: Ui) -> None:
        for region, image in listed:
            ui.message(f"Deregistering image ID ({image}) from region ({region})")
            try:
                remove_image(cloud, region, image)
            except CloudError as error:
                raise refused(error) from error

    return Artifact(
        builder_id=BUILDER_ID,
        id=",".join(f"{region}:{image}" for region, image in listed),
        text="AMIs were created:\n" + "".join(f"{region}: {image}\n" for region, image in listed),
        destroy=destroy,
    )


def base_of(build: Build, cloud: Cloud) -> tuple[str, str]:
    """Return the id of the image that a build would begin with, and its digest or ""."""
    image = source_image_of(cloud, build.source.options)
    return image.id, image.tags.get(DIGEST_TAG, "")


def find_unchanged(build: Build, run: Run, cloud: Cloud) -> Artifact | None:
    """Return the images that have the content key of a run, one in each region of the build."""
    options = build.source.options
    if not run.key or options.flag("skip_create_ami"):
        return None
    try:
        own = [] if options.flag("skip_save_build_region") else [cloud.region]
        images: dict[str, str] = {}
        for region in dict.fromkeys([*own, *options.texts("ami_regions")]):
            found = cloud.pages(
                "DescribeImages",
                "Images",
                region=region,
                Owners=["self"],
                Filters=filters({f"tag:{KEY_TAG}": [run.key], "state": ["available"]}),
            )
            if not found:
                return None
            newest = max(found, key=lambda one: (one["CreationDate"], one["ImageId"]))
            images[region] = newest["ImageId"]
    except BuildError:
        cloud.close()
        raise
    return artifact_of(images, cloud)
