"""Instances begin and end here, as rows: RunInstances and Auto Scaling launch alike.

`requests` reads what is wanted, launch templates merged in (`read_launch`, `merge_template`,
`LaunchRequest`); `choices` chooses what that leaves open; `addresses` gives out a subnet's;
`writing` writes it all down (`launch`), and ends it (`terminate`, `let_go`).  Refusals are
`ApiError`s with AWS's codes.  Read next: `requests`.
"""

from cotta.region.launching.requests import (
    LaunchRequest,
    find_template,
    find_version,
    merge_template,
    read_launch,
)
from cotta.region.launching.writing import (
    ALIVE,
    BY_REQUEST,
    check_room,
    launch,
    let_go,
    terminate,
    transition_reason,
)

__all__ = [
    "ALIVE",
    "BY_REQUEST",
    "LaunchRequest",
    "check_room",
    "find_template",
    "find_version",
    "launch",
    "let_go",
    "merge_template",
    "read_launch",
    "terminate",
    "transition_reason",
]
