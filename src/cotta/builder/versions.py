"""Which Packer's templates are read, as `packer.version` and `required_version` have it."""

from __future__ import annotations

from typing import Final

PACKER_VERSION: Final = "1.16.0"
