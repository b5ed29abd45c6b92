"""The table of all rules, in the order of their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.practices import commands, lookups, machines, replacing, suppressions, templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.practices.model import Finding, Rule
    from cotta.practices.subjects import Configured, ImageFacts

RULES: Final[tuple[Rule, ...]] = (
    suppressions.NO_REASON,
    replacing.FIXED_NAME,
    replacing.IMPLIED_ORDER,
    replacing.SINGLE,
    lookups.NO_OWNER,
    lookups.TOO_WIDE,
    machines.INSTALLS,
    machines.LARGE,
    machines.VARIES,
    replacing.NO_REFRESH,
    replacing.FLOATING_VERSION,
    lookups.UNPINNED,
    commands.REPLACED_BY_HAND,
    machines.MUTATES,
    templates.FLEETING,
    machines.SECRET,
    machines.OPEN_SSH,
    machines.IMDS_V1,
    templates.UNTAGGED,
    replacing.DELETE_FIRST,
)

OF_CONFIGURATIONS: Final[tuple[Callable[[Configured], Iterator[Finding]], ...]] = (
    lookups.check_lookups,
    replacing.check_order,
    replacing.check_groups,
    machines.check_user_data,
    machines.check_provisioners,
    machines.check_metadata,
    machines.check_ssh,
)

OF_TEMPLATES: Final[tuple[Callable[[ImageFacts], Iterator[Finding]], ...]] = (
    lookups.check_base_image,
    templates.check_uploads,
    templates.check_tags,
    templates.check_secrets,
)
