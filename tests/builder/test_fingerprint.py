"""The content key: what changes it, what doesn't, what defeats it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.builder.digests import DiskDigests
from cotta.builder.fingerprint import BaseImage, changed_parts
from tests.support.templates import NOON, the_key

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"dist/index.html": "hello", "dist/js/app.js": "1", "setup.sh": "#!/bin/sh\n"}

TEMPLATE = """
variable "name" { default = "app" }
locals { stamp = formatdate("YYYYMMDDhhmmss", timestamp()) }
source "amazon-ebs" "app" {
  ami_name      = "${var.name}-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  source_ami    = "ami-1"
  ssh_username  = "admin"
  ssh_timeout   = "10m"
  tags          = { Built = local.stamp, Name = var.name, Base = "{{ .SourceAMI }}" }
}
build {
  sources = ["amazon-ebs.app"]
  provisioner "shell" {
    inline       = ["install nginx", "echo ${build.ID}"]
    pause_before = "5s"
  }
  provisioner "shell" { script = "setup.sh" }
  provisioner "file" {
    source      = "./dist/"
    destination = "/tmp/app"
  }
  post-processor "manifest" {}
}
"""

KEY = the_key(TEMPLATE, files=FILES)


def test_times_in_names_and_another_day_make_no_difference() -> None:
    tomorrow = the_key(
        TEMPLATE,
        files=FILES,
        started=NOON + timedelta(days=1),
        random=lambda count: b"x" * count,
    )

    assert len(KEY.text) == 64
    assert tomorrow == KEY


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('pause_before = "5s"', 'pause_before = "50s"\nmax_retries = 3'),
        ('ssh_timeout   = "10m"', 'ssh_timeout = "1m"\nssh_interface = "private_ip"'),
        ('post-processor "manifest" {}', 'post-processor "manifest" { output = "x" }'),
        ('["install nginx"', '[ /* a comment */ "install nginx"'),
        ('"${var.name}-{{timestamp}}"', '"app-{{ timestamp }}"'),
    ],
)
def test_what_is_not_in_the_image_makes_no_difference(old: str, new: str) -> None:
    assert old in TEMPLATE
    assert the_key(TEMPLATE.replace(old, new), files=FILES).text == KEY.text


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("install nginx", "install nginxx", 'provisioner 1 "shell" inline'),
        ('"t3.micro"', '"t3.small"', 'source "amazon-ebs" instance_type'),
        ('"${var.name}-{{timestamp}}"', '"other-{{timestamp}}"', 'source "amazon-ebs" ami_name'),
        ("Name = var.name", 'Name = "x"', 'source "amazon-ebs" tags'),
        ('"us-east-1"', '"us-west-2"', 'source "amazon-ebs" region'),
        ('"/tmp/app"', '"/srv/app"', 'provisioner 3 "file" destination'),
    ],
)
def test_what_is_in_the_image_or_its_names_does(old: str, new: str, part: str) -> None:
    assert old in TEMPLATE
    changed = the_key(TEMPLATE.replace(old, new), files=FILES)

    assert changed.text != KEY.text
    assert list(changed_parts(KEY.parts, changed.parts)) == [part]


def test_files_and_their_modes_make_a_difference() -> None:
    edited = the_key(TEMPLATE, files={**FILES, "dist/js/app.js": "2"})
    added = the_key(TEMPLATE, files={**FILES, "dist/new": ""})
    executable = the_key(TEMPLATE, files=FILES, modes={"setup.sh": 0o755})

    assert list(changed_parts(KEY.parts, edited.parts)) == [
        'provisioner 3 "file" file ./dist/js/app.js'
    ]
    assert list(changed_parts(KEY.parts, added.parts)) == [
        'provisioner 3 "file" file ./dist/new (new)'
    ]
    assert list(changed_parts(KEY.parts, executable.parts)) == [
        'provisioner 2 "shell" file setup.sh'
    ]
    assert len({KEY.text, edited.text, added.text, executable.text}) == 4


def test_the_image_to_begin_with_makes_a_difference() -> None:
    newer = the_key(TEMPLATE, files=FILES, base=BaseImage("ami-2", "d"))
    rewritten = the_key(TEMPLATE, files=FILES, base=BaseImage("ami-1", "e"))

    assert len({KEY.text, newer.text, rewritten.text}) == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "install nginx",
            "echo ${local.stamp}",
            'inline of provisioner 1 "shell" depends on timestamp() (t.pkr.hcl:16)',
        ),
        (
            "install nginx",
            "echo {{isotime}} ${uuidv4()}",
            'inline of provisioner 1 "shell" depends on {{isotime}} and uuidv4() (t.pkr.hcl:16)',
        ),
        (
            'source_ami    = "ami-1"',
            'source_ami = "ami-1"\nuser_data = "${local.stamp}"',
            'user_data of source "amazon-ebs" depends on timestamp() (t.pkr.hcl:9)',
        ),
        (
            'pause_before = "5s"',
            'execute_command = "{{ timestamp }} {{ .Path }}"',
            'execute_command of provisioner 1 "shell" depends on {{timestamp}} (t.pkr.hcl:17)',
        ),
        (
            'destination = "/tmp/app"',
            'destination = "/tmp/app"\ngenerated = true',
            'provisioner 3 "file", whose file is generated, differs every time (t.pkr.hcl:23)',
        ),
    ],
)
def test_content_that_depends_on_time_or_chance_defeats_the_key(
    old: str, new: str, says: str
) -> None:
    assert old in TEMPLATE
    key = the_key(TEMPLATE.replace(old, new), files=FILES)

    assert key.text == ""
    assert [each.describe() for each in key.defeats] == [says]


def test_folders_are_read_from_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "empty").mkdir(mode=0o700)
    (tmp_path / "a" / "b" / "run").write_bytes(b"x")
    (tmp_path / "a" / "b" / "run").chmod(0o750)
    (tmp_path / "a" / "link").symlink_to("b/run")
    (tmp_path / "a" / "b" / "loop").symlink_to(tmp_path / "a")

    found = DiskDigests().files(f"{tmp_path}/a/")
    alone = DiskDigests().files(f"{tmp_path}/a/link")

    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert [(one.path, one.mode, one.sha256) for one in found] == [
        ("b/run", 0o750, digest),
        ("empty/", 0o700, ""),
        ("link", 0o750, digest),
    ]
    assert [(one.path, one.sha256) for one in alone] == [("", digest)]
    with pytest.raises(OSError, match="No such file"):
        DiskDigests().files(f"{tmp_path}/nope")
