"""Images are baked in a region whose machines are played; SSH leads to this machine."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cotta.builder.build import find_unchanged
from cotta.builder.reaping import reap
from cotta.builder.running import BuildError, Cancelled, OnError
from cotta.region.model import ImageId
from cotta.region.store.kinds import IMAGES, INSTANCES, SNAPSHOTS
from tests.support.bakery import open_bakery
from tests.support.builds import Heard, a_post_processor, a_provisioner
from tests.support.regions import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bakery import Bakery


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Bakery]:
    with open_bakery(tmp_path) as opened:
        yield opened


def test_an_image_is_made_and_nothing_else_is_left(bakery: Bakery) -> None:
    before = bakery.everything()

    (artifact,) = bakery.bake(
        bakery.build(
            bakery.shell("echo hello"),
            ami_description="from {{ .SourceAMI }}",
            tags={"Name": "golden", "Base": "{{ .SourceAMIName }}"},
            snapshot_tags={"Kind": "snapshot"},
            run_tags={"Team": "web"},
            ami_users=["123456789012"],
            ami_groups=["all"],
            imds_support="v2.0",
        )
    )

    (image,) = bakery.images()
    assert artifact.id == f"us-east-1:{image.id}"
    assert artifact.text == f"AMIs were created:\nus-east-1: {image.id}\n"
    assert artifact.builder_id == "mitchellh.amazonebs"
    assert image.description == "from ami-00000000000000001"
    assert image.is_public
    assert [grant.user_id for grant in image.grants] == ["123456789012"]
    assert image.imds_support == "v2.0"
    assert image.tags["Name"] == "golden"
    assert image.tags["Base"] == "image-1"
    assert image.tags["Team"] == "web"
    assert image.tags["cotta:base"] == "ami-00000000000000001"
    assert image.tags["cotta:run"].endswith("/amazon-ebs.app")
    assert bakery.ui.messages.count("hello") == 1
    snapshots = [device.snapshot_id for device in image.devices]
    bakery.assert_is(
        {
            **before,
            IMAGES.table: sorted([*before[IMAGES.table], image.id]),
            SNAPSHOTS.table: sorted([*before[SNAPSHOTS.table], *map(str, snapshots)]),
        }
    )
    assert not list((bakery.folder / "home" / "builds").iterdir())


def test_the_steps_are_said_as_packer_says_them(bakery: Bakery) -> None:
    bakery.bake(bakery.build(bakery.shell("true")))

    (image,) = bakery.images()
    said = [line.split(":")[0].split("(")[0].strip() for line in bakery.ui.said]
    assert said == [
        "Prevalidating any provided VPC information",
        "Prevalidating AMI Name",
        "Creating temporary keypair",
        "Creating temporary security group for this instance",
        said[4],
        "Launching a source AWS instance...",
        "Waiting for instance",
        "Using SSH communicator to connect",
        "Waiting for SSH to become available...",
        "Connected to SSH!",
        "Provisioning with shell script",
        "Trying to remove ephemeral keys from authorized_keys files",
        "Stopping the source instance...",
        "Waiting for the instance to stop...",
        f"Creating AMI golden from instance {image.source_instance}",
        "Waiting for AMI to become ready...",
        "Terminating the source AWS instance...",
        "Cleaning up any extra volumes...",
        "Deleting temporary security group...",
        "Deleting temporary keypair...",
    ]
    assert bakery.ui.said[4].startswith("Authorizing access to port")
    assert "0.0.0.0/0" not in bakery.ui.said[4]


def test_a_name_that_is_taken_is_a_mistake_before_anything_is_made(bakery: Bakery) -> None:
    bakery.bake(bakery.build())
    before = bakery.everything()

    with pytest.raises(BuildError, match="AMI Name: 'golden' is used by an existing AMI: ami-"):
        bakery.bake(bakery.build())

    bakery.assert_is(before)


def test_an_older_image_goes_when_the_new_one_is_there(bakery: Bakery) -> None:
    bakery.bake(bakery.build())
    (old,) = bakery.images()
    before = bakery.everything()

    # A build that fails takes nothing away.
    with pytest.raises(BuildError):
        bakery.bake(bakery.build(bakery.shell("exit 1")), force=True)
    bakery.assert_is(before)

    (artifact,) = bakery.bake(bakery.build(force_delete_snapshot=True), force=True)

    (new,) = bakery.images()
    assert new.id != old.id
    assert artifact.id == f"us-east-1:{new.id}"
    counts = {kind: len(ids) for kind, ids in before.items()}
    wait_until(lambda: {k: len(ids) for k, ids in bakery.everything().items()} == counts)


def test_copies_are_made_in_other_regions(bakery: Bakery) -> None:
    before = bakery.everything()

    (artifact,) = bakery.bake(bakery.build(ami_regions=["eu-west-1", "us-east-1"]))

    parts = dict(part.split(":") for part in artifact.id.split(","))
    assert list(parts) == ["eu-west-1", "us-east-1"]
    assert {image.id for image in bakery.images()} == set(parts.values())
    artifact.destroy(bakery.ui)
    bakery.assert_is(before)


def test_copies_are_replaced_too(bakery: Bakery) -> None:
    bakery.bake(bakery.build(ami_regions=["eu-west-1"]))
    old = {image.id for image in bakery.images()}

    bakery.bake(
        bakery.build(ami_regions=["eu-west-1"], force_deregister=True, force_delete_snapshot=True)
    )

    new = {image.id for image in bakery.images()}
    assert len(new) == 2
    assert not new & old
    assert len(bakery.everything()[SNAPSHOTS.table]) == 3


def test_an_encrypted_image_is_a_copy(bakery: Bakery) -> None:
    (artifact,) = bakery.bake(bakery.build(encrypt_boot=True))

    (image,) = bakery.images()
    assert artifact.id == f"us-east-1:{image.id}"
    assert all(device.encrypted for device in image.devices)
    # What it was copied from is gone.
    assert len(bakery.everything()[IMAGES.table]) == 2
    assert len(bakery.everything()[SNAPSHOTS.table]) == 2


def test_an_image_can_be_left_out_of_its_own_region(bakery: Bakery) -> None:
    (artifact,) = bakery.bake(bakery.build(ami_regions=["eu-west-1"], skip_save_build_region=True))

    assert artifact.id.startswith("eu-west-1:")
    assert len(bakery.everything()[IMAGES.table]) == 2


def test_without_an_image_there_is_no_artifact(bakery: Bakery) -> None:
    before = bakery.everything()

    assert bakery.bake(bakery.build(bakery.shell("true"), skip_create_ami=True)) == ()

    bakery.assert_is(before)


def test_a_temporary_profile_comes_and_goes(bakery: Bakery) -> None:
    before = bakery.everything()

    bakery.bake(
        bakery.build(
            temporary_iam_instance_profile_policy_document={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ("s3:GetObject",), "Resource": ("*",)}],
            },
            skip_create_ami=True,
        )
    )

    bakery.assert_is(before)
    assert any("instance profile" in line for line in bakery.ui.said)


def test_dates_and_protection_are_set(bakery: Bakery) -> None:
    bakery.bake(
        bakery.build(
            deprecate_at="2037-01-31T00:00:00Z",
            deregistration_protection={"enabled": True, "with_cooldown": True},
        )
    )

    (image,) = bakery.images()
    assert image.deprecated_at is not None
    assert image.deprecated_at.year == 2037
    assert image.deregistration_protection == "enabled-with-cooldown"


def test_several_images_need_a_choice(bakery: Bakery) -> None:
    with bakery.region.store.write() as rows:
        (first,) = rows.all(IMAGES)
        rows.add(IMAGES, replace(first, id=ImageId("ami-00000000000000002"), name="image-2"))
    block = {"filters": {"name": "image-*"}, "owners": ["111122223333"]}

    with pytest.raises(BuildError) as caught:
        bakery.bake(bakery.build(source_ami_filter=block))

    assert "returned more than one result (2)" in str(caught.value)
    assert "ami-00000000000000002  image-2" in str(caught.value)


def test_no_image_says_what_was_asked(bakery: Bakery) -> None:
    block = {"filters": {"name": "nothing-*"}, "owners": ["amazon"]}

    with pytest.raises(BuildError, match=r"No AMI was found with name = nothing-\* of amazon"):
        bakery.bake(bakery.build(source_ami_filter=block))


def test_a_failed_script_cleans_up(bakery: Bakery) -> None:
    before = bakery.everything()

    with pytest.raises(BuildError, match="exit status: 3"):
        bakery.bake(bakery.build(bakery.shell("exit 3")))

    bakery.assert_is(before)


def test_an_abort_leaves_the_machine_until_it_is_reaped(bakery: Bakery) -> None:
    before = bakery.everything()

    with pytest.raises(BuildError):
        bakery.bake(bakery.build(bakery.shell("exit 3")), on_error=OnError.ABORT)

    assert len(bakery.everything()[INSTANCES.table]) == 1
    assert 'aborted: skipping cleanup of step "launching the instance"' in bakery.ui.errors
    assert "    the instance i-" in "\n".join(bakery.ui.errors)
    # The next build leaves it to the person.
    assert reap(bakery.run(), bakery.ui, everything=False).removed == ()
    reaped = reap(bakery.run(), bakery.ui, everything=True)
    assert len(reaped.removed) == 3
    bakery.assert_is(before)


def test_an_interruption_cleans_up(bakery: Bakery) -> None:
    before = bakery.everything()
    asked = [False]

    class Interrupting(Heard):
        def message(self, text: str) -> None:
            super().message(text)
            asked[0] = asked[0] or text == "begun"

    bakery.ui = Interrupting()
    with pytest.raises(Cancelled):
        bakery.bake(
            bakery.build(bakery.shell("echo begun", "sleep 30")), cancelled=lambda: asked[0]
        )

    bakery.assert_is(before)


def test_the_same_content_is_found_again(bakery: Bakery) -> None:
    build = bakery.build()
    assert find_unchanged(build, bakery.run(key="abc")) is None

    (made,) = bakery.bake(build, key="abc")

    found = find_unchanged(build, bakery.run(key="abc"))
    assert found is not None
    assert found.id == made.id
    assert find_unchanged(build, bakery.run(key="other")) is None
    elsewhere = bakery.build(ami_regions=["eu-west-1"])
    with contextlib.suppress(BuildError):
        # The local region has all regions' images in one place.
        assert find_unchanged(elsewhere, bakery.run(key="abc")) is not None


def test_post_processors_get_the_image(bakery: Bakery) -> None:
    output = bakery.folder / "manifest.json"
    build = replace(
        bakery.build(),
        post_processors=((a_post_processor("manifest", output=str(output)),),),
    )

    artifacts = bakery.bake(build)

    (image,) = bakery.images()
    assert [artifact.id for artifact in artifacts] == [f"us-east-1:{image.id}"] * 2
    assert f'"artifact_id": "us-east-1:{image.id}"' in output.read_text()


@pytest.mark.parametrize("way", ["sftp", "scp"])
def test_transfers_tell_how_far_they_are(bakery: Bakery, tmp_path: Path, way: str) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "large").write_bytes(bytes(3_000_000))
    (tmp_path / "up" / "small").write_text("small")
    there, back = str(tmp_path / "there"), str(tmp_path / "back")
    up = a_provisioner("file", source=f"{tmp_path}/up/", destination=there)
    down = a_provisioner("file", source=f"{there}/large", destination=back, direction="download")

    bakery.bake(bakery.build(up, down, skip_create_ami=True, ssh_file_transfer_method=way))

    told = [(done, total) for what, done, total in bakery.ui.moves if what.startswith("Upl")]
    assert all(total == 3_000_005 for _, total in told)
    assert 50 <= len(told) <= 100
    assert told == sorted(told)
    assert told[-1][0] >= 2_970_000
    # Of what comes, nobody knows the size before: only large steps are told.
    assert [what for what, _, _ in bakery.ui.moves if what.startswith("Down")] == []
    assert (tmp_path / "back").stat().st_size == 3_000_000
