"""A machine of the spot market: a fleet of one, asked for with several types."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import tag_specifications
from cotta.builder.sources.amazon.launching import (
    kept_devices,
    launch_parameters,
    wait_until_running,
)

if TYPE_CHECKING:
    from cotta.builder.sources.amazon.work import Work
    from cotta.builder.steps import Outcome


class LaunchSpot:
    """The machine, at what the market asks."""

    name = "launching the spot instance"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._numbers: list[int] = []

    def run(self) -> None:
        """Ask for it, and wait until it runs."""
        work = self._work
        work.is_spot = True
        work.ui.say("Launching a spot AWS instance...")
        name = f"packer-fleet-launch-template-{work.baking.run.ids.hexadecimal(16)}"
        self._numbers.append(work.making("launch-template", name))
        answer = work.cloud.call(
            "CreateLaunchTemplate",
            LaunchTemplateName=name,
            LaunchTemplateData=self._template(),
            TagSpecifications=tag_specifications(work.run_tags, "launch-template"),
        )
        template = answer["LaunchTemplate"]["LaunchTemplateId"]
        work.baking.journal.is_made(self._numbers[-1], template)
        work.ui.message(f"Created Spot Fleet launch template: {template}")
        number = work.making("fleet", name, **kept_devices(work.options))
        self._numbers.append(number)
        fleet = work.cloud.call("CreateFleet", **self._fleet(template))
        work.baking.journal.is_made(number, fleet["FleetId"])
        instances = [one for each in fleet.get("Instances", []) for one in each["InstanceIds"]]
        if not instances:
            reasons = sorted({one.get("ErrorMessage", "") for one in fleet.get("Errors", [])})
            said = "; ".join(reasons) or "no reason was given"
            raise BuildError(
                f"The spot market has no machine for this: {said}. More types in "
                "spot_instance_types, or another subnet, may have one."
            )
        work.ui.message(f"Instance ID: {instances[0]}")
        wait_until_running(work, instances[0])

    def _template(self) -> dict[str, Any]:
        work = self._work
        given = launch_parameters(work)
        given.pop("InstanceType", None)
        given.pop("InstanceInitiatedShutdownBehavior", None)
        if given.get("UserData"):
            # Unlike RunInstances, nothing encodes it here.
            given["UserData"] = base64.b64encode(given["UserData"].encode()).decode()
        subnet = given.pop("SubnetId", None)
        if subnet and "NetworkInterfaces" not in given:
            groups = given.pop("SecurityGroupIds", None) or []
            interface = {"DeviceIndex": 0, "SubnetId": subnet, "DeleteOnTermination": True}
            given["NetworkInterfaces"] = [{**interface, "Groups": groups}]
        tags = {**work.run_tags, **work.tags("spot_tags", "spot_tag")}
        given["TagSpecifications"] += tag_specifications(tags, "spot-instances-request") or []
        return {name: value for name, value in given.items() if value is not None}

    def _fleet(self, template: str) -> dict[str, Any]:
        work, options = self._work, self._work.options
        price = options.text("spot_price")
        types = options.texts("spot_instance_types") or (options.text("instance_type"),)
        override = {"MaxPrice": price} if price not in ("", "auto") else {}
        tags = {**work.run_tags, **work.tags("fleet_tags", "fleet_tag")}
        return {
            "Type": "instant",
            "LaunchTemplateConfigs": [
                {
                    "LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"},
                    "Overrides": [{"InstanceType": one, **override} for one in types],
                }
            ],
            "TargetCapacitySpecification": {
                "TotalTargetCapacity": 1,
                "DefaultTargetCapacityType": "spot",
            },
            "SpotOptions": {
                "AllocationStrategy": options.text("spot_allocation_strategy")
                or "price-capacity-optimized"
            },
            "TagSpecifications": tag_specifications(tags, "fleet"),
        }

    def undo(self, _: Outcome) -> None:
        """End the machine, and delete the template."""
        if self._numbers:
            self._work.ui.say("Terminating the source AWS instance...")
        for number in reversed(self._numbers):
            self._work.remove(number)
