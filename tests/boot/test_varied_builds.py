"""Builds of all kinds are the same to the bit when they are baked twice, in other circumstances.

One template has them all, and one command bakes each of them twice, some at a time.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.amazon_linux import NAME, OWNER
from tests.support.booted_region import BootedRegion, require_machines
from tests.support.cli import cotta_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage
    from tests.support.cli import Ended

pytestmark = [pytest.mark.boot, pytest.mark.slow]

SOURCE: Final = """
source "amazon-ebs" "app" {
  ami_name      = "varied-${source.name}-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  ssh_username  = "ec2-user"
  source_ami_filter {
    filters     = { name = "al2023-ami-*-x86_64" }
    owners      = ["amazon"]
    most_recent = true
  }
}
"""

BUILD: Final = """
build {
  source "source.amazon-ebs.app" {
    name = "CASE"
  }
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

# What people do in a build.
CASES: Final = {
    "users": [
        "sudo groupadd --system web",
        "sudo useradd --create-home --groups web app",
        "sudo usermod --shell /bin/sh app",
        "echo 'app:secret' | sudo chpasswd -e",
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
    "redis": [
        "sudo apt-get install -qy --no-install-recommends /opt/debs/redis-server/*.deb",
        "sudo sed -i 's/^# maxmemory .*/maxmemory 64mb/' /etc/redis/redis.conf",
        # It writes what it has to its disk when it ends, with the time.
        "sudo systemctl stop redis-server",
        "sudo rm /var/lib/redis/dump.rdb",
        "echo 'save \"\"' | sudo tee -a /etc/redis/redis.conf",
        "sudo systemctl start redis-server",
        "redis-cli ping",
    ],
    "postgresql": [
        "sudo apt-get install -qy --no-install-recommends /opt/debs/postgresql-client/*.deb",
        "psql --version",
    ],
    "site": [
        "sudo apt-get install -qy --no-install-recommends /opt/debs/nginx-light/*.deb",
        "sudo mv ~/app/site.conf /etc/nginx/sites-available/site",
        "sudo ln -sf ../sites-available/site /etc/nginx/sites-enabled/default",
        "sudo nginx -t",
        "sudo systemctl reload nginx",
    ],
    "purge": [
        "sudo apt-get purge -qy logrotate",
        "sudo apt-get autoremove -qy",
        "sudo apt-get clean",
    ],
    "venv": [
        "sudo python3 -m venv /opt/venv",
        "cp -r ~/app/lib /tmp/lib",
        "pip3 wheel -q --no-deps --no-index --no-build-isolation -w ~/wheels /tmp/lib",
        "sudo /opt/venv/bin/pip install -q --no-index --find-links $HOME/wheels hello-lib",
        "/opt/venv/bin/python -c 'import hello_lib; print(hello_lib.TEXT)'",
        # The archive has the times of its files.
        "rm -r ~/wheels",
    ],
    "pip": [
        "sudo pip3 install -q --break-system-packages --no-index --no-build-isolation ~/app/lib",
        "hello-lib",
    ],
    "node": [
        "sudo cp -r ~/app/web /opt/web",
        "cd /opt/web && sudo npm install --offline --omit=dev",
        "sudo useradd --system --home-dir /opt/web node",
        "sudo cp /opt/web/web.service /etc/systemd/system/",
        "sudo systemctl enable --now web",
        "curl -sf --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8080/",
    ],
    "npm-global": [
        "cd ~/app/web/greeter && npm pack --silent",
        "sudo npm install --global --offline ~/app/web/greeter/greeter-1.0.0.tgz",
        "greeter",
    ],
    "cron": [
        "echo '*/5 * * * * root /usr/bin/true' | sudo tee /etc/cron.d/app",
        "echo '0 4 * * * /usr/bin/true' | crontab -",
        "printf '/var/log/a.log {\\n  weekly\\n  missingok\\n}\\n' | sudo tee /etc/logrotate.d/app",
        "sudo logrotate --force /etc/logrotate.conf",
    ],
    "sqlite": [
        "python3 ~/app/fill.py ~/data.db",
        "sudo install -D -m 640 ~/data.db /var/lib/app/data.db",
    ],
    "locale": [
        "sudo apt-get install -qy --no-install-recommends /opt/debs/locales/*.deb",
        "echo 'de_DE.UTF-8 UTF-8' | sudo tee -a /etc/locale.gen",
        "sudo locale-gen",
        "sudo update-locale LANG=de_DE.UTF-8",
        "sudo ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime",
    ],
    "certificates": [
        "sudo cp ~/app/own.crt /usr/local/share/ca-certificates/own.crt",
        "sudo update-ca-certificates",
        "sudo ssh-keygen -A",
        "ssh-keyscan -H 127.0.0.1 >/dev/null 2>&1 || true",
    ],
    "checkout": [
        "git clone -q ~/app/site.git ~/site",
        "rm -rf ~/site/.git ~/app/site.git",
        "sudo mv ~/site /srv/site",
        "sudo tar --directory /opt --extract --gzip --file ~/app/release.tar.gz",
        "sudo chown -R root:root /opt/release",
    ],
    "timers": [
        "sudo cp ~/app/tidy.service ~/app/tidy.timer /etc/systemd/system/",
        "echo 'd /run/app 0755 root root' | sudo tee /etc/tmpfiles.d/app.conf",
        "echo 'u app - \"An app\" /var/lib/app' | sudo tee /usr/lib/sysusers.d/app.conf",
        "sudo systemd-sysusers",
        "sudo systemctl daemon-reload",
        "sudo systemctl enable --now tidy.timer",
        "sudo systemctl start tidy.service",
        "logger -t app ready",
        "echo started | sudo tee /var/log/app.log /tmp/app.txt",
    ],
}

# What can't be the same twice, and must be told by its name.
CHANCE: Final = "chance"
_CHANCE: Final = ["head -c 16 /dev/urandom | sudo tee /etc/app-secret >/dev/null"]

# What a provisioner carries to each machine.
FILES: Final = {
    "main.py": "import inner.part\nprint(inner.part.TEXT)\n",
    "inner/__init__.py": "",
    "inner/part.py": "TEXT = 'hello'\n",
    "run": "#!/bin/sh\n",
    "app.service": """
[Service]
ExecStart=/bin/sleep 1d
[Install]
WantedBy=multi-user.target
""",
    "site.conf": "server { listen 8081; root /var/www/html; }\n",
    "tidy.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "tidy.timer": "[Timer]\nOnCalendar=daily\nPersistent=true\n[Install]\nWantedBy=timers.target\n",
    "lib/setup.py": """
from setuptools import setup
setup(
    name="hello-lib",
    version="1.0",
    py_modules=["hello_lib"],
    entry_points={"console_scripts": ["hello-lib=hello_lib:main"]},
)
""",
    "lib/hello_lib.py": "TEXT = 'hello'\ndef main():\n    print(TEXT)\n",
    "fill.py": """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as base:
    base.execute("CREATE TABLE people (name TEXT PRIMARY KEY, age INTEGER)")
    base.executemany("INSERT INTO people VALUES (?, ?)", [(f"p{n}", n) for n in range(1000)])
""",
    "web/package.json": """
{"name": "web", "version": "1.0.0", "private": true, "main": "server.js",
 "dependencies": {"greeter": "file:greeter"}}
""",
    "web/server.js": """
const { greet } = require("greeter");
require("http").createServer((_, answer) => answer.end(greet())).listen(8080);
""",
    "web/web.service": """
[Service]
User=node
ExecStart=/usr/bin/node /opt/web/server.js
[Install]
WantedBy=multi-user.target
""",
    "web/greeter/package.json": """
{"name": "greeter", "version": "1.0.0", "main": "index.js", "bin": {"greeter": "cli.js"}}
""",
    "web/greeter/index.js": 'exports.greet = () => "hello\\n";\n',
    "web/greeter/cli.js": """#!/usr/bin/env node
process.stdout.write(require("./index.js").greet());
""",
}

# What makes the files that no text is.
MAKE: Final = """
openssl req -x509 -newkey ed25519 -nodes -days 3650 -subj /CN=Own -keyout key -out own.crt 2>&1
rm key
mkdir release site
echo one >release/one
touch -d 2020-02-02 release/one
tar -czf release.tar.gz release
echo '<h1>Hello</h1>' >site/index.html
git init -q site
git -C site add .
git -C site -c user.name=a -c user.email=a@example.com commit -q -m first
git clone -q --bare site site.git
rm -r release site
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory, workshop: BaseImage) -> Iterator[BootedRegion]:
    """Give a region of its own with the stand-in for Amazon Linux."""
    require_machines()
    region = BootedRegion(tmp_path_factory.mktemp("varied") / "home")
    region.up()
    region.add_image(
        NAME,
        workshop,
        owner=OWNER,
        owner_alias="amazon",
        default_user="ec2-user",
        root_device_name="/dev/xvda",
    )
    yield region
    region.reset()
    assert region.leftovers() == []


@pytest.fixture(scope="module")
def baked(region: BootedRegion, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Give the end of a command that baked them all twice."""
    folder = tmp_path_factory.mktemp("template")
    app = folder / "app"
    for name, text in FILES.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    (app / "run").chmod(0o755)
    subprocess.run(["sh", "-e", "-c", MAKE], cwd=app, check=True)
    builds = [_build(case, lines) for case, lines in {**CASES, CHANCE: _CHANCE}.items()]
    (folder / "app.pkr.hcl").write_text("".join([SOURCE, *builds]))

    return cotta_process(
        "build", "-verify", "-parallel-builds=5", ".", folder=folder, environment=region.environment
    )


def _build(case: str, lines: list[str]) -> str:
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    listed = "\n".join(f'      "{line}",' for line in quoted)
    return BUILD.replace("CASE", case).replace("LINES", listed)


def _said(baked: Ended, case: str) -> str:
    """Return the lines of one build, without its name."""
    found = re.findall(rf"^(?:==>|   ) amazon-ebs\.{case}: (.*)$", baked.stdout, re.MULTILINE)
    return "\n".join(found)


def _error(baked: Ended, case: str) -> str:
    """Return what is said in the end of a build that failed; "" of others."""
    found = re.findall(rf"^--> amazon-ebs\.{case}: (.*(?:\n    .*)*)", baked.stdout, re.MULTILINE)
    return "\n".join(found)


@pytest.mark.parametrize("case", CASES)
def test_two_bakes_are_the_same(baked: Ended, case: str) -> None:
    assert "Verified: both images have the digest" in _said(baked, case), (
        f"{_error(baked, case)}\n{_said(baked, case)}{baked.stderr}"
    )


def test_what_differs_is_told_with_its_provisioner(baked: Ended) -> None:
    assert baked.status == 1
    assert "Verified" not in _said(baked, CHANCE)
    head, _, told = _error(baked, CHANCE).partition("\n")
    assert head.startswith("The two images differ: their digests are ")
    # Nothing else differs.
    assert re.fullmatch(
        r" +/etc/app-secret: content \(16 to 16 bytes\); "
        r'written by the provisioner "shell" in app.pkr.hcl line \d+',
        told,
    ), told
