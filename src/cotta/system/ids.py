"""New names for new things, as an argument."""

from __future__ import annotations

import random
import uuid
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
        return f"{random.SystemRandom().getrandbits(length * 4):0{length}x}"

    def uuid(self) -> str:
        """Return a UUID of version 4, in its usual form."""
        return str(uuid.uuid4())


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
        return str(uuid.UUID(int=int(self.hexadecimal(12), 16), version=4))
