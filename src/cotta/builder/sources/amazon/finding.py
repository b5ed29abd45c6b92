"""What a build needs to know before it makes anything: is the name free, which image, which net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import filters, filters_of
from cotta.builder.sources.amazon.work import SourceImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.builder.options.values import Options
    from cotta.builder.sources.amazon.cloud import Cloud
    from cotta.builder.sources.amazon.work import Work
    from cotta.builder.steps import Outcome

# So many candidates are named in a mistake.
_NAMED: Final = 10


@dataclass
class Nothing:
    """The end of a step that has left nothing."""

    work: Work

    def undo(self, _: Outcome) -> None:
        """Do nothing."""


class PreValidate(Nothing):
    """Finds out whether the image's name is free, wherever it is going to be."""

    name = "looking whether the name is free"

    def run(self) -> None:
        """Look."""
        work, options = self.work, self.work.options
        work.ui.say("Prevalidating any provided VPC information:")
        work.ui.say(f"Prevalidating AMI Name: {work.name}")
        self._check_regions()
        if options.flag("skip_create_ami"):
            return
        for region in regions_of(work):
            taken = [one["ImageId"] for one in own_images(work.cloud, region, work.name)]
            if not taken:
                continue
            if not work.replaces:
                raise BuildError(
                    f"AMI Name: '{work.name}' is used by an existing AMI: {taken[0]} in {region}. "
                    "Choose another name, such as one with {{timestamp}} in it, or replace the "
                    "image once the new one exists: with -force or force_deregister = true."
                )
            work.replaced[region] = taken
            work.ui.message(
                f"AMI Name: '{work.name}' is used by {', '.join(taken)} in {region}, which is "
                "replaced when the new image exists"
            )

    def _check_regions(self) -> None:
        options, cloud = self.work.options, self.work.cloud
        wanted = options.texts("ami_regions")
        if not wanted or options.flag("skip_region_validation"):
            return
        known = {one["RegionName"] for one in cloud.call("DescribeRegions")["Regions"]}
        unknown = [region for region in wanted if region not in known]
        if unknown:
            raise BuildError(
                f"There is no region {' or '.join(unknown)} for this account. There are "
                f"{', '.join(sorted(known))}. skip_region_validation = true asks nobody."
            )


def regions_of(work: Work) -> list[str]:
    """Return the regions in which the image is going to be: its own first, each once."""
    own = [] if work.options.flag("skip_save_build_region") else [work.cloud.region]
    found = dict.fromkeys([*own, *work.options.texts("ami_regions")])
    return list(found)


def own_images(cloud: Cloud, region: str, name: str) -> list[dict[str, Any]]:
    """Return the account's images of a name."""
    return cloud.pages(
        "DescribeImages",
        "Images",
        region=region,
        Owners=["self"],
        Filters=filters({"name": [name]}),
    )


class FindSourceImage(Nothing):
    """Finds the image to begin with."""

    name = "looking for the source image"

    def run(self) -> None:
        """Find it; `BuildError` for none, and for several without most_recent."""
        work, options = self.work, self.work.options
        wanted = options.text("ami_virtualization_type")
        image = source_image_of(work.cloud, options)
        if image.virtualization != wanted:
            raise BuildError(
                f"The image {image.id} is of the virtualization type {image.virtualization}, and "
                f"ami_virtualization_type is {wanted}."
            )
        work.image = image
        work.ui.message(f"Found Image ID: {image.id}")


def source_image_of(cloud: Cloud, options: Options) -> SourceImage:
    """Return the image that a source begins with; raises `BuildError`."""
    block = options.block("source_ami_filter")
    if options.text("source_ami"):
        found = cloud.call("DescribeImages", ImageIds=[options.text("source_ami")])["Images"]
    else:
        assert block is not None
        found = find_images(cloud, block)
    return _decode(choose_image(found, block))


def find_images(cloud: Cloud, block: Options) -> list[dict[str, Any]]:
    """Return the images that a filter finds, newest first."""
    found = cloud.pages(
        "DescribeImages",
        "Images",
        Owners=list(block.texts("owners")) or None,
        Filters=filters_of(block) or None,
        IncludeDeprecated=block.flag("include_deprecated") or None,
    )
    found.sort(key=lambda one: (one.get("CreationDate", ""), one["ImageId"]), reverse=True)
    return found


def choose_image(found: Sequence[dict[str, Any]], block: Options | None) -> dict[str, Any]:
    """Return the one that is meant; `BuildError` names the candidates, or what was asked."""
    if not found:
        asked = ""
        if block is not None:
            said = [f"{one['Name']} = {', '.join(one['Values'])}" for one in filters_of(block)]
            asked = f" with {'; '.join(said)} of {', '.join(block.texts('owners'))}"
        raise BuildError(
            f"No AMI was found{asked}. Another region, owner or a wider filter may have it; for "
            "the local region `cotta region base list` shows what there is."
        )
    if len(found) > 1 and not (block is not None and block.flag("most_recent")):
        names = [f"    {one['ImageId']}  {one.get('Name', '')}" for one in found[:_NAMED]]
        more = f"\n    and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise BuildError(
            f"Your query returned more than one result ({len(found)}):\n"
            + "\n".join(names)
            + f"{more}\nTry a more specific search, or set most_recent = true."
        )
    return found[0]


def _decode(image: dict[str, Any]) -> SourceImage:
    return SourceImage(
        id=image["ImageId"],
        name=image.get("Name", ""),
        owner_id=image.get("OwnerId", ""),
        owner_alias=image.get("ImageOwnerAlias", ""),
        created=image.get("CreationDate", ""),
        architecture=image.get("Architecture", ""),
        virtualization=image.get("VirtualizationType", "hvm"),
        root_device=image.get("RootDeviceName", ""),
        tags={tag["Key"]: tag["Value"] for tag in image.get("Tags", [])},
        is_billed=bool(image.get("ProductCodes"))
        or image.get("PlatformDetails", "Linux/UNIX") != "Linux/UNIX",
    )


class FindNetwork(Nothing):
    """Finds the network and the subnet of the machine, where the template has a say."""

    name = "looking for the network"

    def run(self) -> None:
        """Find them."""
        work, options = self.work, self.work.options
        work.vpc_id = options.text("vpc_id") or self._filtered_vpc()
        work.subnet_id = options.text("subnet_id") or self._filtered_subnet()
        work.zone = options.text("availability_zone")
        if work.subnet_id and not work.vpc_id:
            (subnet,) = work.cloud.call("DescribeSubnets", SubnetIds=[work.subnet_id])["Subnets"]
            work.vpc_id, work.zone = subnet["VpcId"], subnet["AvailabilityZone"]

    def _filtered_vpc(self) -> str:
        block = self.work.options.block("vpc_filter")
        if block is None:
            return ""
        found = self.work.cloud.pages("DescribeVpcs", "Vpcs", Filters=filters_of(block))
        if len(found) != 1:
            names = ", ".join(one["VpcId"] for one in found[:_NAMED]) or "none"
            raise BuildError(f"vpc_filter needs to find exactly one network. It has found {names}.")
        self.work.ui.message(f"Found VPC ID: {found[0]['VpcId']}")
        return str(found[0]["VpcId"])

    def _filtered_subnet(self) -> str:
        work = self.work
        block = work.options.block("subnet_filter")
        if block is None:
            return ""
        more = filters({"vpc-id": [work.vpc_id]}) if work.vpc_id else []
        found = work.cloud.pages("DescribeSubnets", "Subnets", Filters=[*filters_of(block), *more])
        if not found:
            raise BuildError("subnet_filter has found no subnet.")
        by_room = sorted(found, key=lambda one: (-one["AvailableIpAddressCount"], one["SubnetId"]))
        if len(found) > 1 and not (block.flag("most_free") or block.flag("random")):
            names = ", ".join(one["SubnetId"] for one in by_room[:_NAMED])
            raise BuildError(
                f"subnet_filter has found several subnets: {names}. Set most_free = true for the "
                "one with the most room, or random = true."
            )
        chosen = by_room[0]
        if block.flag("random"):
            at = int(work.baking.run.ids.hexadecimal(8), 16)
            chosen = by_room[at % len(by_room)]
        work.vpc_id = work.vpc_id or chosen["VpcId"]
        work.ui.message(f"Found Subnet ID: {chosen['SubnetId']}")
        return str(chosen["SubnetId"])
