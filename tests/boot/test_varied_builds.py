"""Builds of all kinds are the same to the bit when they are baked twice, in other circumstances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.amazon_linux import NAME, OWNER
from tests.support.booted_region import BootedRegion, require_machines
from tests.support.cli import cotta_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.base_image import BaseImage

pytestmark = [pytest.mark.boot, pytest.mark.slow]

TEMPLATE: Final = """
source "amazon-ebs" "app" {
  ami_name      = "varied-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  ssh_username  = "ec2-user"
  source_ami_filter {
    filters     = { name = "al2023-ami-*-x86_64" }
    owners      = ["amazon"]
    most_recent = true
  }
}
build {
  sources = ["source.amazon-ebs.app"]
  provisioner "file" {
    source      = "app"
    destination = "/home/ec2-user"
  }
  provisioner "shell" {
    inline = [
LINES
    ]
  }
}
"""

UNIT: Final = """
[Service]
ExecStart=/bin/sleep 1d
[Install]
WantedBy=multi-user.target
"""

# What people do in a build.
CASES: Final = {
    "users": [
        "sudo groupadd --system web",
        "sudo useradd --create-home --groups web app",
        "sudo usermod --shell /bin/sh app",
    ],
    "service": [
        "sudo mv ~/app/app.service /etc/systemd/system/app.service",
        "sudo systemctl daemon-reload",
        "sudo systemctl enable --now app",
    ],
    "rpm": ["sudo dnf install -y nginx", "sudo systemctl enable nginx"],
    "deb": [
        "sudo apt-get -q update",
        "sudo apt-get install -qy --no-install-recommends jq",
    ],
    "python": [
        "python3 -m compileall -q ~/app",
        "python3 ~/app/main.py",
        "sudo cp -r ~/app /opt/app",
        "sudo chown -R root:root /opt/app",
    ],
    "folders": [
        "sudo mkdir -p /srv/data/deep",
        "sudo ln -s deep /srv/data/link",
        "sudo chmod 2750 /srv/data",
        "sudo mv ~/app /srv/app",
        "sudo rm -rf /usr/share/doc",
    ],
}


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, amazon_linux: BaseImage
) -> Iterator[BootedRegion]:
    """Give a region of its own with the stand-in for Amazon Linux."""
    require_machines()
    region = BootedRegion(tmp_path_factory.mktemp("varied") / "home")
    region.up()
    region.add_image(
        NAME,
        amazon_linux,
        owner=OWNER,
        owner_alias="amazon",
        default_user="ec2-user",
        root_device_name="/dev/xvda",
    )
    yield region
    region.reset()
    assert region.leftovers() == []


@pytest.mark.parametrize("case", CASES)
def test_two_bakes_are_the_same(region: BootedRegion, tmp_path: Path, case: str) -> None:
    lines = "\n".join(f'      "{line}",' for line in CASES[case])
    (tmp_path / "app.pkr.hcl").write_text(TEMPLATE.replace("LINES", lines))
    (tmp_path / "app" / "inner").mkdir(parents=True)
    (tmp_path / "app" / "main.py").write_text("import inner.part\nprint(inner.part.TEXT)\n")
    (tmp_path / "app" / "inner" / "__init__.py").write_text("")
    (tmp_path / "app" / "inner" / "part.py").write_text("TEXT = 'hello'\n")
    (tmp_path / "app" / "app.service").write_text(UNIT)
    (tmp_path / "app" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "app" / "run").chmod(0o755)

    ended = cotta_process(
        "build", "-verify", "-force", ".", folder=tmp_path, environment=region.environment
    )

    assert ended.status == 0, ended
    assert "Verified: both images have the digest" in ended.stdout
