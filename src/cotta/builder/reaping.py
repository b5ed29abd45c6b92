"""Taking away what killed builds have left: `cotta build -reap`, and before every build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cotta.builder.journal import abandoned, is_gone_in, read_journal
from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import Cloud
from cotta.builder.sources.amazon.removing import describe, holds_others, remove, require_known
from cotta.clouds.which import Access, Role
from cotta.clouds.which import Cloud as Which

if TYPE_CHECKING:
    from cotta.builder.events import Ui
    from cotta.builder.journal import Heading, Read
    from cotta.builder.running import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """What was taken away, and what was not, with the reason: lines for a person."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]


def reap(run: Run, ui: Ui, *, everything: bool) -> Reaped:
    """Take away what builds of the run's cloud have left that don't run any more.

    What a person has wanted to stay (-on-error=abort) goes only with `everything`.  May be
    called again after it was killed itself.
    """
    removed: list[str] = []
    kept: list[str] = []
    with abandoned(run.home) as found:
        for journal in found:
            if not journal.left:
                journal.path.unlink(missing_ok=True)
                continue
            if journal.is_kept and not everything:
                continue
            access = run.access()
            if journal.heading.cloud != access.cloud.value:
                if everything:
                    kept += [
                        f"{describe(made)}: it is in the cloud {journal.heading.cloud}; run "
                        f"cotta build -reap -cloud={journal.heading.cloud}"
                        for _, made in journal.left
                    ]
                continue
            _reap_one(journal, access, run, ui, removed, kept)
    return Reaped(removed=tuple(removed), kept=tuple(kept))


def _reap_one(
    journal: Read, access: Access, run: Run, ui: Ui, removed: list[str], kept: list[str]
) -> None:
    heading = journal.heading
    ui.say(f"Cleaning up after the build {heading.build} of {heading.began}, which was interrupted")
    cloud = Cloud(_as_then(access, heading), run.clock, hurried=run.hurried)
    cloud.is_undoing = True
    try:
        is_held = False
        for number, made in journal.left:
            try:
                require_known(made)
                remove(cloud, made, f"{heading.run}/{heading.build}", is_held=is_held)
            except BuildError as error:
                is_held = is_held or holds_others(made)
                kept.append(f"{describe(made)}: {error}")
                continue
            is_gone_in(journal.path, number)
            removed.append(describe(made))
            ui.message(f"Removed {describe(made)}")
    finally:
        cloud.close()
    if not read_journal(journal.path).left:
        journal.path.unlink(missing_ok=True)


def _as_then(access: Access, heading: Heading) -> Access:
    """Return the access with what the build's source had said, secrets aside."""
    if access.cloud is Which.LOCAL:
        return access
    reached = heading.reached
    changed = access
    if "profile" in reached:
        changed = replace(changed, profile=reached["profile"])
    if "shared_credentials_file" in reached:
        changed = replace(changed, credentials_files=(reached["shared_credentials_file"],))
    if "custom_endpoint_ec2" in reached:
        endpoints = {**changed.endpoints, "ec2": reached["custom_endpoint_ec2"]}
        changed = replace(changed, endpoints=endpoints)
    if "role_arn" in reached:
        role = Role(arn=reached["role_arn"], session_name=reached.get("session_name"))
        changed = replace(changed, roles=(*changed.roles, role))
    return changed
