"""The stand-in for Amazon Linux with what is needed to build Python and Node applications on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.amazon_linux import shared_amazon_linux
from tests.support.base_image import BaseImage, _shared, inside, shared_base, written_over

if TYPE_CHECKING:
    from cotta.region.imagestore.store import ImageStore

_PACKAGES: Final = (
    "cron", "git", "logrotate", "nodejs", "npm",
    "python3-pip", "python3-setuptools", "python3-venv", "python3-wheel",
)  # fmt: skip

# Where packages are to be installed from without asking the mirror each time: with what they need.
_KEPT: Final = ("locales", "nginx-light", "postgresql-client", "redis-server")
_KEEP: Final = """
for name in {names}; do
    mkdir -p /opt/debs/$name/partial
    apt-get install -qy --no-install-recommends --download-only \
        -o Dir::Cache::archives=/opt/debs/$name $name
    rm -r /opt/debs/$name/partial /opt/debs/$name/lock
done
"""


@pytest.fixture(scope="session")
def workshop() -> BaseImage:
    """Give the image; skip, loudly, where it can't be made."""
    below = shared_amazon_linux(shared_base())
    return _shared(f"web-workshop-{below.digest[:16]}", lambda store: _make(store, below))


def _make(store: ImageStore, below: BaseImage) -> str:
    with store.building() as building:
        with written_over(store, below.digest, building) as (root, upper):
            inside(root, "apt-get update -q")
            inside(root, _KEEP.format(names=" ".join(_KEPT)))
            inside(root, f"apt-get install -qy --no-install-recommends {' '.join(_PACKAGES)}")
        return store.seal(below.digest, upper).digest
