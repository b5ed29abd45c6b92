"""New names for new things, as an argument."""

from __future__ import annotations

import os
from typing import Protocol


class IdSource(Protocol):
    """Makes ids that nobody else has."""

    def hexadecimal(self, length: int) -> str:
        """Return `length` hexadecimal digits."""
        ...

    def uuid(self) -> str:
        """Return a UUID of version 4, in its usual form."""
        ...


class RandomIds:
    """Ids from the machine's source of randomness."""

    def hexadecimal(self, length: int) -> str:
        """Return `length` hexadecimal digits."""
        return os.urandom(length // 2 + 1).hex()[:length]

    def uuid(self) -> str:
        """Return a UUID of version 4, in its usual form."""
        digits = os.urandom(16).hex()
        # The version is 4, the variant one of 8, 9, a, b.
        variant = "89ab"[int(digits[16], 16) & 3]
        third, fourth = f"4{digits[13:16]}", f"{variant}{digits[17:20]}"
        return f"{digits[:8]}-{digits[8:12]}-{third}-{fourth}-{digits[20:]}"


class CountedIds:
    """Ids that count from 1, the same in every run."""

    def __init__(self) -> None:
        self._last = 0

    def hexadecimal(self, length: int) -> str:
        """Return the next number as `length` hexadecimal digits."""
        self._last += 1
        return f"{self._last:0{length}x}"[-length:]

    def uuid(self) -> str:
        """Return the next number as a UUID of version 4."""
        return f"00000000-0000-4000-8000-{self.hexadecimal(12)}"
