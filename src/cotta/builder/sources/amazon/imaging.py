"""The image: made of the machine, copied, encrypted, and put in the place of an older one.

Nothing that is there is touched before everything new is: an image whose name is taken is made
under another one, and gets the name when the old one goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import refused, tag_specifications
from cotta.builder.sources.amazon.finding import own_images
from cotta.builder.sources.amazon.launching import devices_of
from cotta.builder.sources.amazon.removing import remove_image, snapshots_of
from cotta.builder.sources.amazon.work import image_tags_of
from cotta.builder.steps import Outcome
from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from cotta.builder.sources.amazon.work import Work

_MAKING: Final = timedelta(minutes=30)
_SETTLING: Final = ("IncorrectState", "InvalidAMIID.NotFound")
_LONGEST_NAME: Final = 128


# What is done within this is not worth a question about how far it is.
_UNTOLD: Final = timedelta(seconds=5)


@dataclass
class Candidate:
    """An image in a region: under its own name, or under another until the name is free."""

    region: str
    name: str
    number: int
    id: str


class MakeImages:
    """The image in every region where it is to be."""

    name = "making the image"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._final: list[int] = []

    def run(self) -> None:
        """Make it, and wait until it is there everywhere; then let it take its name."""
        work = self._work
        own = work.cloud.region
        first = self._create()
        found = [] if work.options.flag("skip_save_build_region") else [self._here(first)]
        others = [one for one in dict.fromkeys(work.options.texts("ami_regions")) if one != own]
        if others or found != [first]:
            work.ui.say(f"Copying/Encrypting AMI ({first.id}) to other regions...")
        # All copies are on their way before the first is waited for.
        for region in others:
            work.ui.message(f"Copying to: {region}")
            found.append(self._copy(first, region))
        if len(found) > 1 or found != [first]:
            work.ui.message("Waiting for all copies to complete...")
        for one in found:
            if one is not first:
                self._wait(one)
        for one in found:
            final = self._take_name(one)
            self._final.append(final.number)
            work.images[final.region] = final.id

    def undo(self, outcome: Outcome) -> None:
        """Remove what is only on the way; after a failure, everything that was made."""
        work = self._work
        if outcome is Outcome.DONE:
            for number in self._final:
                work.baking.journal.is_gone(number)
        # Of a build that is done, what is left is what was on the way only.
        left = [one for one, made in work.baking.journal.numbered if made.kind == "image"]
        if left and outcome is not Outcome.DONE:
            work.ui.say(
                "Deregistering the AMI and deleting associated snapshots because of "
                "cancellation, or error..."
            )
        mistakes = []
        for number in reversed(left):
            try:
                work.remove(number)
            except BuildError as error:
                mistakes.append(str(error))
        if mistakes:
            raise BuildError("; ".join(mistakes))

    @property
    def _is_encrypted(self) -> bool:
        options = self._work.options
        keys = options.text("kms_key_id") or options.mapping("region_kms_key_ids")
        return bool(options.maybe_flag("encrypt_boot") or keys)

    # --- making -----------------------------------------------------------------------------

    def _create(self) -> Candidate:
        work, options = self._work, self._work.options
        instance = work.need_instance().id
        own = work.cloud.region
        is_passing = self._is_encrypted or options.flag("skip_save_build_region")
        name = self._other_name() if is_passing or own in work.replaced else work.name
        work.ui.say(f"Creating AMI {name} from instance {instance}")
        number = work.making("image", name)
        answer = work.cloud.persist(
            _SETTLING,
            lambda: work.cloud.ask(
                "CreateImage",
                InstanceId=instance,
                Name=name,
                Description=self._description() or None,
                # One of the spot market can't be stopped.
                NoReboot=work.is_spot or None,
                BlockDeviceMappings=devices_of(options.blocks("ami_block_device_mappings")) or None,
                TagSpecifications=tag_specifications(image_tags_of(work), "image", "snapshot"),
            ),
            f"the instance {instance}",
        )
        made = Candidate(own, name, number, answer["ImageId"])
        work.baking.journal.is_made(number, made.id)
        work.ui.message(f"AMI: {made.id}")
        work.ui.say("Waiting for AMI to become ready...")
        self._wait(made)
        return made

    def _here(self, first: Candidate) -> Candidate:
        """Return the image of the build's own region: encrypted, if it is to be."""
        if not self._is_encrypted:
            return first
        self._work.ui.message(f"Copying to: {first.region}")
        return self._copy(first, first.region)

    def _copy(self, first: Candidate, region: str) -> Candidate:
        work, options = self._work, self._work.options
        name = self._other_name() if region in work.replaced else work.name
        number = work.making("image", name, region=region)
        key = options.mapping("region_kms_key_ids").get(region, "")
        if region == first.region:
            key = key or options.text("kms_key_id")
        answer = work.cloud.call(
            "CopyImage",
            region=region,
            Name=name,
            SourceImageId=first.id,
            SourceRegion=first.region,
            Description=self._description() or None,
            Encrypted=self._is_encrypted or None,
            KmsKeyId=key or None,
            SnapshotCopyCompletionDurationMinutes=options.number("snapshot_copy_duration_minutes")
            or None,
            TagSpecifications=tag_specifications(image_tags_of(work), "image", "snapshot"),
        )
        work.baking.journal.is_made(number, answer["ImageId"])
        return Candidate(region, name, number, answer["ImageId"])

    def _wait(self, one: Candidate) -> None:
        work = self._work
        began = work.cloud.clock.now()

        def look() -> bool | None:
            try:
                found = work.cloud.ask("DescribeImages", region=one.region, ImageIds=[one.id])
            except CloudError as error:
                if error.is_missing:
                    return None
                raise
            image: dict[str, Any] = next(iter(found["Images"]), {"State": "pending"})
            if image["State"] in ("failed", "error", "invalid", "deregistered"):
                reason = image.get("StateReason", {}).get("Message", "no reason was given")
                raise BuildError(f"The image {one.id} in {one.region} failed: {reason}")
            if image["State"] == "available":
                return True
            if work.cloud.clock.now() - began > _UNTOLD:
                tell_progress(work, one, image)
            return None

        work.cloud.wait(look, f"The image {one.id} in {one.region}", _MAKING)

    def _description(self) -> str:
        return self._work.render(self._work.options.text("ami_description"))

    def _other_name(self) -> str:
        suffix = f"-{self._work.baking.run.ids.hexadecimal(8)}"
        return self._work.name[: _LONGEST_NAME - len(suffix)] + suffix

    def _described(self, one: Candidate) -> dict[str, Any]:
        found = self._work.cloud.call("DescribeImages", region=one.region, ImageIds=[one.id])
        return dict(found["Images"][0])

    # --- taking the place of another ----------------------------------------------------------

    def _take_name(self, one: Candidate) -> Candidate:
        """Return the image under the name that it is to have; an older one of the name is gone."""
        work = self._work
        if one.name == work.name:
            return one
        for old in own_images(work.cloud, one.region, work.name):
            if old["ImageId"] not in work.images.values():
                _deregister_old(work, one.region, old)
        number = work.making("image", work.name, region=one.region, has_snapshots="no")
        try:
            identity = self._register(one)
        except BuildError as error:
            # It is all that there is now.
            work.baking.journal.is_gone(number)
            work.baking.journal.is_gone(one.number)
            raise BuildError(
                f"{error} The older image is gone already, and the new one is {one.id} in "
                f"{one.region}, under the name {one.name}: run the build again."
            ) from error
        work.baking.journal.is_made(number, identity)
        made = Candidate(one.region, work.name, number, identity)
        self._wait(made)
        self._forget_other_name(one, identity)
        # It has taken another's place: whatever fails now, it stays.
        work.baking.journal.is_gone(number)
        return made

    def _register(self, one: Candidate) -> str:
        work = self._work
        tags = image_tags_of(work)
        specifications = tag_specifications(tags, "image")
        if not work.need_image().is_billed:
            try:
                answer = work.cloud.ask(
                    "RegisterImage",
                    region=one.region,
                    Name=work.name,
                    TagSpecifications=specifications,
                    **as_registered(self._described(one)),
                )
            except CloudError as error:
                # The local region has all regions' images in one place.
                if error.code != "InvalidAMIName.Duplicate" or not work.images:
                    raise refused(error) from error
            else:
                return str(answer["ImageId"])
        # What is billed for others, and only copies remember it.
        source, region = one.id, one.region
        if work.images:
            region, source = next(iter(work.images.items()))
        answer = work.cloud.call(
            "CopyImage",
            region=one.region,
            Name=work.name,
            SourceImageId=source,
            SourceRegion=region,
            Description=self._description() or None,
            TagSpecifications=tag_specifications(tags, "image", "snapshot"),
        )
        return str(answer["ImageId"])

    def _forget_other_name(self, one: Candidate, final: str) -> None:
        """Deregister the image of the other name; its snapshots stay if they are shared."""
        work = self._work
        kept = set(snapshots_of(self._described(Candidate(one.region, "", 0, final))))
        shares = bool(kept & set(snapshots_of(self._described(one))))
        try:
            remove_image(work.cloud, one.region, one.id, keeps_snapshots=shares)
        except CloudError as error:
            raise refused(error) from error
        work.baking.journal.is_gone(one.number)


def tell_progress(work: Work, one: Candidate, image: dict[str, Any]) -> None:
    """Say how far the snapshots of an image are; who may not see them is told nothing."""
    snapshots = snapshots_of(image)
    if not snapshots:
        return
    try:
        found = work.cloud.ask("DescribeSnapshots", region=one.region, SnapshotIds=snapshots)
    except CloudError:
        return
    shares = [str(each.get("Progress") or "0").rstrip("%") for each in found["Snapshots"]]
    done = [int(share) for share in shares if share.isdecimal()]
    if done:
        what = f"Snapshot of the image {one.id} in {one.region}"
        work.ui.progress(what, sum(done) // len(done), 100)


def _deregister_old(work: Work, region: str, old: dict[str, Any]) -> None:
    keeps = not work.options.flag("force_delete_snapshot")
    try:
        remove_image(work.cloud, region, old["ImageId"], keeps_snapshots=keeps)
    except CloudError as error:
        raise refused(error) from error
    work.ui.message(f"Deregistered AMI {work.name}, id: {old['ImageId']}")


def as_registered(image: dict[str, Any]) -> dict[str, Any]:
    """Return what RegisterImage needs to make an image like another of the same snapshots."""
    devices = []
    for device in image["BlockDeviceMappings"]:
        kept = dict(device)
        if "Ebs" in kept:
            # Encryption is the snapshot's, and may not be said again.
            kept["Ebs"] = {
                name: value
                for name, value in kept["Ebs"].items()
                if name not in ("Encrypted", "KmsKeyId") and value is not None
            }
        devices.append(kept)
    wanted = {
        "Architecture": image.get("Architecture"),
        "BlockDeviceMappings": devices,
        "BootMode": image.get("BootMode"),
        "Description": image.get("Description") or None,
        "EnaSupport": image.get("EnaSupport"),
        "ImdsSupport": image.get("ImdsSupport"),
        "RootDeviceName": image.get("RootDeviceName"),
        "SriovNetSupport": image.get("SriovNetSupport"),
        "TpmSupport": image.get("TpmSupport"),
        "VirtualizationType": image.get("VirtualizationType"),
    }
    return {name: value for name, value in wanted.items() if value is not None}
