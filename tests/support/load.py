"""Constant load on an address, of which every request must be answered well."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from typing import TYPE_CHECKING

from tests.oracle.witnesses import witness

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def requests(url: str) -> Iterator[None]:
    """Have wrk ask as fast as it can meanwhile, and expect every request to be answered well."""
    wrk, said, is_over = witness("wrk"), list[str](), threading.Event()

    def ask() -> None:
        # It can't be told to end earlier than it was to, so it is had to ask for a short time.
        while not is_over.is_set():
            argv = [wrk, "-t1", "-c4", "-d2s", "--timeout", "10s", url]
            done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
            said.append(done.stdout)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    assert [one for one in said if "Socket errors" in one or "Non-2xx" in one] == []
    made = [int(count) for one in said for count in re.findall(r"(\d+) requests in", one)]
    assert sum(made) > 1_000, said
