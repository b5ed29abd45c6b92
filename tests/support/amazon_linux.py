"""A stand-in for Amazon Linux 2023: Debian below, and what people's templates see of it above.

The user is `ec2-user`, packages come by the real `dnf` from a repository in the image, and its
`nginx` is a real web server with a unit: Debian's own, packed as an RPM by the real `rpmbuild`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.base_image import BaseImage, _shared, inside, shared_base, written_over

if TYPE_CHECKING:
    from cotta.region.imagestore.store import ImageStore

NAME: Final = "al2023-ami-2023.9.20261101.0-kernel-6.1-x86_64"
# Amazon's own account of images.
OWNER: Final = "137112412989"

_SPEC: Final = r"""
Name: nginx
Version: 1.22.1
Release: 1.amzn2023
Summary: A web server
License: BSD
AutoReqProv: no
%description
The web server of the distribution below.
%files
/usr/sbin/nginx
/usr/lib/systemd/system/nginx.service
/etc/nginx/nginx.conf
%dir /usr/share/nginx/html
/usr/share/nginx/html/index.html
"""

_CONF: Final = """
user www-data;
worker_processes auto;
pid /run/nginx.pid;
events { worker_connections 1024; }
http { server { listen 80; root /usr/share/nginx/html; } }
"""

_UNIT: Final = """
[Unit]
Description=The nginx HTTP server
After=network.target
[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStartPre=/bin/mkdir -p /var/log/nginx /var/lib/nginx
ExecStart=/usr/sbin/nginx
[Install]
WantedBy=multi-user.target
"""

_MAKE: Final = f"""set -e
apt-get update -q
apt-get install -qy --no-install-recommends dnf rpm createrepo-c
cd /tmp
apt-get download nginx
mkdir tree && dpkg-deb -x nginx_*.deb tree
B=/tmp/build/BUILDROOT/nginx-1.22.1-1.amzn2023.x86_64
mkdir -p $B/usr/sbin $B/usr/lib/systemd/system $B/etc/nginx $B/usr/share/nginx/html
cp tree/usr/sbin/nginx $B/usr/sbin/
cat >$B/etc/nginx/nginx.conf <<'END'{_CONF}END
cat >$B/usr/lib/systemd/system/nginx.service <<'END'{_UNIT}END
echo 'Welcome to nginx!' >$B/usr/share/nginx/html/index.html
cat >nginx.spec <<'END'{_SPEC}END
rpmbuild -bb --noprep --target x86_64 --define '_topdir /tmp/build' \
    --define '%__spec_install_pre :' --define '%__os_install_post :' --buildroot $B nginx.spec
mkdir -p /opt/repo && cp build/RPMS/x86_64/*.rpm /opt/repo/
createrepo_c -q /opt/repo
mkdir -p /etc/yum.repos.d
printf '[amazonlinux]\\nname=amazonlinux\\nbaseurl=file:///opt/repo\\nenabled=1\\ngpgcheck=0\\n' \
    >/etc/yum.repos.d/amazonlinux.repo
useradd --create-home --shell /bin/bash ec2-user
echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-ec2-user
chmod 440 /etc/sudoers.d/90-ec2-user
rm -rf /tmp/build /tmp/tree /tmp/nginx* /var/lib/rpm/.rpm.lock
"""


def shared_amazon_linux(base: BaseImage) -> BaseImage:
    """Return the image, for who has no fixtures."""
    return _shared(f"web-al2023-{base.digest[:16]}", lambda store: _make(store, base))


@pytest.fixture(scope="session")
def amazon_linux() -> BaseImage:
    """Give the image; skip, loudly, where it can't be made."""
    return shared_amazon_linux(shared_base())


def _make(store: ImageStore, base: BaseImage) -> str:
    with store.building() as building:
        with written_over(store, base.digest, building) as (root, upper):
            inside(root, _MAKE)
        return store.seal(base.digest, upper).digest
