"""The machine stopped, as an image wants it, and what can only be changed then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.sources.amazon.finding import Nothing
from cotta.builder.sources.amazon.launching import described

if TYPE_CHECKING:
    from cotta.builder.sources.amazon.work import Work

_STOPPING: Final = timedelta(minutes=10)


class Stop(Nothing):
    """The machine is stopped, or stops itself."""

    name = "stopping the instance"

    def run(self) -> None:
        """Stop it and wait until it has; one of the spot market can only go on running."""
        work = self.work
        if work.is_spot:
            return
        instance = work.need_instance().id
        if work.options.flag("disable_stop_instance"):
            work.ui.say("Automatic instance stop disabled. Please stop instance manually.")
        else:
            work.ui.say("Stopping the source instance...")
            work.ui.message("Stopping instance")
            work.cloud.persist(
                ["InvalidInstanceID.NotFound"],
                lambda: work.cloud.ask("StopInstances", InstanceIds=[instance]),
                f"the instance {instance}",
            )
        work.ui.say("Waiting for the instance to stop...")

        def look() -> bool | None:
            found = described(work, instance)
            return (found is not None and found["State"]["Name"] == "stopped") or None

        work.cloud.wait(look, f"The stopped instance {instance}", _STOPPING)


class Modify(Nothing):
    """Enhanced networking, which belongs to the instance that an image is made of."""

    name = "modifying the instance"

    def run(self) -> None:
        """Change what the template wants changed."""
        work, options = self.work, self.work.options
        if work.is_spot:
            return
        instance = work.need_instance().id
        if options.flag("sriov_support"):
            work.ui.say("Enabling Enhanced Networking (SR-IOV)...")
            _modify(work, instance, SriovNetSupport={"Value": "simple"})
        ena = options.maybe_flag("ena_support")
        if ena is not None:
            work.ui.say(f"{'Enabling' if ena else 'Disabling'} Enhanced Networking (ENA)...")
            _modify(work, instance, EnaSupport={"Value": ena})


def _modify(work: Work, instance: str, **change: Any) -> None:
    work.cloud.call("ModifyInstanceAttribute", InstanceId=instance, **change)
