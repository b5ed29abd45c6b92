"""Settings of the kernel that are changed for a while, and put back.

What a setting was before is kept in a folder below /run, which ends with the machine as the
settings do.  All who change settings share it: the last one that goes puts everything back.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from cotta.system.files import lock_file

KEPT: Final = Path("/run/cotta/settings")

_SETTINGS: Final = Path("/proc/sys")
_WAIT: Final = timedelta(seconds=10)


class HostSettings:
    """Settings of the kernel, by their path below /proc/sys: `net/ipv4/ip_forward`."""

    def __init__(self, kept: Path = KEPT) -> None:
        self._kept = kept

    def set(self, name: str, value: int) -> bool:
        """Set a setting; say whether it was another before, which is kept."""
        setting = _SETTINGS / name
        self._kept.mkdir(parents=True, exist_ok=True)
        with lock_file(self._lock, wait=_WAIT):
            before = setting.read_text()
            if int(before) == value:
                return False
            former = self._kept / name.replace("/", "%")
            if not former.exists():
                former.write_text(before)
            setting.write_text(str(value))
        return True

    def raise_to(self, name: str, value: int) -> bool:
        """Set a setting unless it is as high already; say whether it was changed."""
        return int((_SETTINGS / name).read_text()) < value and self.set(name, value)

    def restore(self) -> None:
        """Put back whatever was changed, as far as it is still there."""
        if not self._kept.is_dir():
            return
        with lock_file(self._lock, wait=_WAIT):
            for former in self._kept.iterdir():
                setting = _SETTINGS / former.name.replace("%", "/")
                if setting.exists():
                    setting.write_text(former.read_text())
                former.unlink()
            self._kept.rmdir()

    @property
    def _lock(self) -> Path:
        return self._kept.with_suffix(".lock")
