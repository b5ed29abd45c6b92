"""What machines have said, kept for as long as their instances are shown after their end.

An image that doesn't boot is found out by it, and its machine is gone by then.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from cotta.region.model import KeptConsole
from cotta.region.store.kinds import INSTANCES, KEPT_CONSOLES

if TYPE_CHECKING:
    from cotta.region.model import InstanceId
    from cotta.region.store.store import Reading, Store

# A boot of Debian says about 8 KiB.
KEPT_BYTES: Final = 16 * 1024


def keep_console(store: Store, instance_id: InstanceId, said: bytes) -> None:
    """Keep the end of what a machine has said that is about to be removed."""
    if not said:
        return
    kept = KeptConsole(instance_id, base64.b64encode(said[-KEPT_BYTES:]).decode())
    with store.write(leads_to_room=True) as rows:
        if rows.find(INSTANCES, instance_id) is not None:
            rows.put(KEPT_CONSOLES, kept)


def kept_console(rows: Reading, instance_id: InstanceId) -> bytes:
    """Return what was kept of a machine that is gone; nothing if it isn't, or said nothing."""
    kept = rows.find(KEPT_CONSOLES, instance_id)
    return base64.b64decode(kept.said) if kept is not None else b""
