"""What makes an image one to be used: whom it is for, until when, its tags, and last its key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import tag_list
from cotta.builder.sources.amazon.finding import Nothing
from cotta.builder.sources.amazon.removing import snapshots_of
from cotta.clouds.tags import KEY_TAG


class Publish(Nothing):
    """Attributes and tags of the image, in every region."""

    name = "publishing the image"

    def run(self) -> None:
        """Set them; the tag with the content key comes last: no half-done image is found."""
        for region, image in self.work.images.items():
            self._date(region, image)
            self._protect(region, image)
            self._share(region, image)
            self._tag(region, image)

    def _date(self, region: str, image: str) -> None:
        work = self.work
        text = work.options.text("deprecate_at")
        if not text:
            return
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise BuildError(
                f'deprecate_at is "{text}", which is no time such as 2027-01-31T00:00:00Z.'
            ) from error
        work.ui.say(f"Enabling deprecation on AMI ({image}) in region {region}...")
        work.cloud.call(
            "EnableImageDeprecation",
            region=region,
            ImageId=image,
            DeprecateAt=time if time.tzinfo is not None else time.replace(tzinfo=UTC),
        )

    def _protect(self, region: str, image: str) -> None:
        work = self.work
        block = work.options.block("deregistration_protection")
        if block is None or not block.flag("enabled"):
            return
        work.ui.say(f"Enabling deregistration protection on AMI ({image}) in region {region}...")
        work.cloud.call(
            "EnableImageDeregistrationProtection",
            region=region,
            ImageId=image,
            WithCooldown=block.flag("with_cooldown") or None,
        )

    # --- whom it is for ---------------------------------------------------------------------

    def _share(self, region: str, image: str) -> None:
        work, options = self.work, self.work.options
        grants = [
            ("users", [{"UserId": one} for one in options.texts("ami_users")]),
            ("groups", [{"Group": one} for one in options.texts("ami_groups")]),
            ("org ARNs", [{"OrganizationArn": one} for one in options.texts("ami_org_arns")]),
            ("OU ARNs", [{"OrganizationalUnitArn": one} for one in options.texts("ami_ou_arns")]),
        ]
        changes: list[tuple[str, dict[str, Any]]] = [
            (name, {"LaunchPermission": {"Add": added}}) for name, added in grants if added
        ]
        codes = list(options.texts("ami_product_codes"))
        if codes:
            changes.append(("product codes", {"Attribute": "productCodes", "ProductCodes": codes}))
        if options.text("imds_support"):
            changes.append(
                ("IMDS support", {"ImdsSupport": {"Value": options.text("imds_support")}})
            )
        if changes:
            work.ui.say(f"Modifying attributes on AMI ({image})...")
        for name, change in changes:
            work.ui.message(f"Modifying: {name}")
            work.cloud.call("ModifyImageAttribute", region=region, ImageId=image, **change)
        self._share_snapshots(region, image)

    def _share_snapshots(self, region: str, image: str) -> None:
        work, options = self.work, self.work.options
        added = [{"UserId": one} for one in options.texts("snapshot_users")]
        added += [{"Group": one} for one in options.texts("snapshot_groups")]
        if not added:
            return
        for snapshot in self._snapshots(region, image):
            work.ui.say(f"Modifying attributes on snapshot ({snapshot})...")
            work.cloud.call(
                "ModifySnapshotAttribute",
                region=region,
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                CreateVolumePermission={"Add": added},
            )

    def _snapshots(self, region: str, image: str) -> list[str]:
        found = self.work.cloud.call("DescribeImages", region=region, ImageIds=[image])["Images"]
        return snapshots_of(found[0]) if found else []

    # --- what it is called ------------------------------------------------------------------

    def _tag(self, region: str, image: str) -> None:
        work = self.work
        tags = work.tags("tags", "tag")
        of_snapshots = work.tags("snapshot_tags", "snapshot_tag")
        if tags or of_snapshots:
            work.ui.say(f"Adding tags to AMI ({image})...")
            snapshots = self._snapshots(region, image)
            for snapshot in snapshots:
                work.ui.message(f"Tagging snapshot: {snapshot}")
            if tags:
                work.ui.say("Creating AMI tags")
                self._create_tags(region, [image, *snapshots], tags)
            if of_snapshots and snapshots:
                work.ui.say("Creating snapshot tags")
                self._create_tags(region, snapshots, of_snapshots)
        if work.baking.run.key:
            self._create_tags(region, [image], {KEY_TAG: work.baking.run.key})

    def _create_tags(self, region: str, things: list[str], tags: dict[str, str]) -> None:
        for key, value in sorted(tags.items()):
            self.work.ui.message(f'Adding tag: "{key}": "{value}"')
        cloud = self.work.cloud
        cloud.persist(
            ["InvalidAMIID.NotFound", "InvalidSnapshot.NotFound"],
            lambda: cloud.ask("CreateTags", region=region, Resources=things, Tags=tag_list(tags)),
            f"the image {things[0]}",
        )
