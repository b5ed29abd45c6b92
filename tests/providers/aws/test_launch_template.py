"""`aws_launch_template`: which version there will be, and who else can make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.images.contents import Contents, File, Package, write_record
from tests.support.aws import CottaFolder, access_to_endpoint, access_to_region, cotta_folder, told
from tests.support.moto import moto_client, moto_server
from tests.support.regions import RunningRegion, put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path, access_to_region(region), monkeypatch)


def a_template(more: str = "", *, instance_type: str = "t3.micro") -> str:
    return f"""
resource "aws_launch_template" "a" {{
  name_prefix   = "web-"
  instance_type = "{instance_type}"
  {more}
}}
"""


def versions(region: RunningRegion, here: CottaFolder) -> list[str]:
    id_ = here.attributes("aws_launch_template.a")["id"]
    answer = region.client("ec2").describe_launch_template_versions(LaunchTemplateId=id_)
    found = answer["LaunchTemplateVersions"]
    return [each["LaunchTemplateData"]["InstanceType"] for each in reversed(found)]


def test_a_change_makes_the_next_version_which_the_plan_names(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(a_template())
    here.apply()
    here.write(a_template(instance_type="t3.small"))

    printed = here.run("plan")
    here.apply()

    assert "~ latest_version = 1 -> 2" in " ".join(printed.split())
    assert versions(region, here) == ["t3.micro", "t3.small"]
    assert here.attributes("aws_launch_template.a")["latest_version"] == 2
    assert here.attributes("aws_launch_template.a")["default_version"] == 1
    here.assert_no_changes()


def test_a_change_of_the_image_is_told_in_words(here: CottaFolder, region: RunningRegion) -> None:
    for number, tags in ((1, {}), (2, {"cotta:commit": "0123456789abcdef"})):
        put_image(region.store, number=number, name=f"app-{number}", tags=tags)
    here.write(a_template(f'image_id = "ami-{1:017x}"'))
    here.apply()
    here.write(a_template(f'image_id = "ami-{2:017x}"'))

    printed = here.run("plan")

    assert "from app-1, built 2026-11-01 00:00 UTC" in printed
    assert "to   app-2, built 2026-11-01 00:00 UTC, commit 0123456789ab" in printed
    here.write(a_template('image_id = "ami-00000000000000bad"'))
    assert "to   ami-00000000000000bad, which is not there" in here.run("plan")


def a_file(path: str, *, size: int = 1) -> File:
    return File(path=path, kind="f", mode=0o644, owner=0, group=0, size=size)


OLD = Contents(
    packages=(Package("curl", "8.1"), Package("nginx", "1.26"), Package("vim", "9")),
    files=(a_file("/etc/motd"), a_file("/var/log/syslog", size=3)),
)
NEW = Contents(
    packages=(Package("curl", "8.2"), Package("git", "2.47"), Package("nginx", "1.27")),
    files=(a_file("/etc/motd", size=2), a_file("/srv/a"), a_file("/srv/b")),
)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (OLD, NEW, "2 packages changed, 1 added, 1 removed; 1 file changed, 2 added"),
        (OLD, Contents(packages=OLD.packages, files=NEW.files), "1 file changed, 2 added"),
        (OLD, OLD, "no package and no file is different"),
        (OLD, None, None),
    ],
)
def test_what_is_different_in_the_images_is_counted_where_both_were_recorded(
    here: CottaFolder, region: RunningRegion, old: Contents, new: Contents | None, words: str | None
) -> None:
    images = [f"ami-{number:017x}" for number in (3, 4)]
    for number, image, contents in zip((3, 4), images, (old, new), strict=True):
        put_image(region.store, number=number, name=f"app-{number}")
        if contents is not None:
            write_record(here.folder / "builds", image, contents)
    here.write(a_template(f'image_id = "{images[0]}"'))
    here.apply()
    here.write(a_template(f'image_id = "{images[1]}"'))

    ended = here.attempt("plan", environment={"COTTA_HOME": str(here.folder)})

    lines = [line.strip() for line in ended.stdout.splitlines()]
    below = lines[next(at for at, line in enumerate(lines) if line.startswith("# to   app-4")) + 1]
    assert ended.status == 0
    assert (below == f"# {words}") is (words is not None)
    assert ("different" in below or "changed" in below) is (words is not None)


def test_a_new_description_is_a_new_version_too(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_template())
    here.apply()
    here.write(a_template('description = "other"'))

    assert here.planned()["aws_launch_template.a"]["after"]["latest_version"] == 2
    here.apply()
    assert versions(region, here) == ["t3.micro", "t3.micro"]
    here.assert_no_changes()


def test_new_tags_are_no_new_version(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_template())
    here.apply()
    here.write(a_template('tags = { Name = "a" }'))

    change = here.planned()["aws_launch_template.a"]

    assert change["after"]["latest_version"] == 1
    here.apply()
    assert len(versions(region, here)) == 1


def test_the_default_follows_if_asked_to(here: CottaFolder) -> None:
    here.write(a_template("update_default_version = true"))
    here.apply()
    here.write(a_template("update_default_version = true", instance_type="t3.small"))

    planned = here.planned()["aws_launch_template.a"]["after"]
    here.apply()

    assert planned["default_version"] == planned["latest_version"] == 2
    assert here.attributes("aws_launch_template.a")["default_version"] == 2
    here.assert_no_changes()


def test_a_version_that_is_not_known_yet_is_not_promised(here: CottaFolder) -> None:
    source = 'resource "terraform_data" "type" {\n  input = "TYPE"\n}\n'
    text = source + a_template(instance_type="${terraform_data.type.output}")
    here.write(text.replace("TYPE", "t3.micro"))
    here.apply()
    here.write(text.replace("TYPE", "t3.small"))

    change = here.planned()["aws_launch_template.a"]

    assert change["after_unknown"]["latest_version"] is True
    here.apply()
    assert here.attributes("aws_launch_template.a")["latest_version"] == 2


def test_somebody_else_s_version_in_between_is_noticed(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(a_template())
    here.apply()
    here.write(a_template(instance_type="t3.small"))
    here.run("plan", "-out=next")
    region.client("ec2").create_launch_template_version(
        LaunchTemplateId=here.attributes("aws_launch_template.a")["id"],
        LaunchTemplateData={"InstanceType": "t3.large"},
    )

    ended = here.attempt("apply", "next")

    assert ended.status == 1
    assert "The plan counted on making version 2" in told(ended)
    assert "it became version 3: somebody else has made one since" in told(ended)
    assert versions(region, here) == ["t3.micro", "t3.large", "t3.small"]
    here.assert_no_changes()


def test_what_somebody_else_has_made_the_latest_is_put_right(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(a_template())
    here.apply()
    region.client("ec2").create_launch_template_version(
        LaunchTemplateId=here.attributes("aws_launch_template.a")["id"],
        LaunchTemplateData={"InstanceType": "t3.large"},
    )

    planned = here.planned()["aws_launch_template.a"]

    assert planned["before"]["latest_version"] == 2
    assert planned["after"]["latest_version"] == 3
    assert planned["after"]["instance_type"] == "t3.micro"


def test_many_templates_are_read_by_few_calls(here: CottaFolder) -> None:
    here.write(
        'resource "aws_launch_template" "a" {\n  count = 12\n  instance_type = "t3.micro"\n}\n'
    )
    here.apply()

    here.assert_no_changes()

    for address in ("aws_launch_template.a[0]", "aws_launch_template.a[11]"):
        assert here.attributes(address)["name"].startswith("terraform-20")


NO_PROCESSOR = """instance_requirements {
    memory_mib {
      min = 1
    }
    vcpu_count {
      min = 0
    }
  }"""


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('name = "ab"', "needs between 3 and 128 characters, and this has 2"),
        ('name = "a b c"', 'can only have letters, digits and ().-/_, and this is "a b c"'),
        ("update_default_version = true\n  default_version = 1", "can't be set together with"),
        ("metadata_options {\n    http_tokens = \"maybe\"\n  }",
         'needs to be one of "optional", "required", and this is "maybe"'),
        (NO_PROCESSOR, "can't be less than 1, and this is 0"),
    ],
)  # fmt: skip
def test_mistakes(here: CottaFolder, more: str, sentence: str) -> None:
    here.write(a_template(more).replace('name_prefix   = "web-"', ""))

    ended = here.attempt("validate")

    assert ended.status == 1
    assert sentence in told(ended) + " ".join(ended.stdout.split())


def test_the_same_against_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without tags: moto shows those of a template as contents of its first version.
    with moto_server() as endpoint:
        here = cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)
        here.write(a_template('user_data = "aGVsbG8="'))
        here.apply()
        here.assert_no_changes()
        here.write(a_template('user_data = "b3RoZXI="'))
        here.apply()
        here.assert_no_changes()

        found = moto_client(endpoint).describe_launch_templates()["LaunchTemplates"]
        assert [each["LatestVersionNumber"] for each in found] == [2]
        here.run("destroy", "-auto-approve")
        assert moto_client(endpoint).describe_launch_templates()["LaunchTemplates"] == []
