"""What a machine may ask about itself at 169.254.169.254.

`service` answers requests, `tree` gathers what there is to say from the rows, and
`credentials` are those of an instance's role.  A server is given `Metadata(…).handle`.
Imports the rows, `firstboot` and `wire`.  Read next: `service`.
"""

from cotta.region.metadata.service import Metadata

__all__ = ["Metadata"]
