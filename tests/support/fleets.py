"""Auto Scaling groups on played machines: time stands still until it is moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.operations import OPERATIONS
from cotta.region.api.calls import Call, Caller, Reads, Writes
from cotta.region.duties.groups import AutoScalingDuty
from cotta.region.model import (
    AutoScalingGroup,
    GroupInstance,
    Instance,
    InstanceRefresh,
    LaunchTemplate,
    LaunchTemplateId,
    LaunchTemplateVersion,
    LifecycleState,
    Target,
    TargetGroup,
    TargetHealth,
)
from cotta.region.store.kinds import (
    ACTIVITIES,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    INSTANCE_REFRESHES,
    INSTANCES,
    LAUNCH_TEMPLATE_VERSIONS,
    LAUNCH_TEMPLATES,
    LISTENERS,
    TARGET_GROUPS,
    TARGETS,
)
from tests.support.balancing import a_listener, a_load_balancer, a_target_group
from tests.support.machine_rooms import MachineRoom

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from pathlib import Path

    from cotta.region.controller import Outlook
    from cotta.region.model import Activity
    from cotta.region.store.store import Store, Writing

TEMPLATE: Final = LaunchTemplateId("lt-00000000000000001")


def put_template(store: Store, now: datetime, **contents: Any) -> LaunchTemplate:
    """Write the next version of the launch template; return the template."""
    with store.write() as rows:
        found = rows.find(LAUNCH_TEMPLATES, TEMPLATE)
        version = found.latest_version + 1 if found is not None else 1
        template = LaunchTemplate(
            id=TEMPLATE,
            name="web",
            created_at=now,
            created_by="root",
            latest_version=version,
        )
        rows.put(LAUNCH_TEMPLATES, template)
        rows.put(
            LAUNCH_TEMPLATE_VERSIONS,
            LaunchTemplateVersion(
                template_id=TEMPLATE,
                version=version,
                created_at=now,
                created_by="root",
                contents={"InstanceType": "t3.micro", **contents},
            ),
        )
    return template


class Killed(BaseException):
    """The daemon has been killed."""


class KillAtCommit:
    """A hook of the store that kills at the n-th commit from when it is told."""

    def __init__(self) -> None:
        self._left = 0

    def after(self, number: int) -> None:
        """Kill at the commit with this number, counted from 1; 0 for never."""
        self._left = number

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


class FleetRoom(MachineRoom):
    """A region with a launch template `web`, and a group of that name once `create` is called."""

    def __init__(self, folder: Path, **hooks: Callable[[], None]) -> None:
        super().__init__(folder, **hooks)
        self.template = put_template(self.store, self.now, ImageId=self.image.id)

    def crash(self) -> None:
        """Begin anew with the same rows on the same host."""
        super().crash()
        self.duties = (AutoScalingDuty(self.store, self.ids), *self.duties)

    # --- what people ask for --------------------------------------------------------

    def call(self, operation: str, **parameters: Any) -> Any:
        """Have an operation of Auto Scaling answer; of the group `web` if none is named."""
        parameters.setdefault("AutoScalingGroupName", "web")
        call = Call(
            operation=operation,
            parameters=parameters,
            caller=Caller(arn="arn:aws:iam::1:root", user_id="1"),
            account=self.account,
            region="us-east-1",
            now=self.now,
            ids=self.ids,
            request_id="request",
        )
        match OPERATIONS[operation]:
            case Reads(reads):
                with self.store.read() as reading:
                    return reads(call, reading)
            case Writes(writes):
                with self.store.write() as writing:
                    return writes(call, writing)
            case _:
                raise AssertionError(operation)

    def create(self, size: int = 3, **parameters: Any) -> None:
        """Create the group and have it come up."""
        given = {
            "MinSize": 0,
            "MaxSize": 30,
            "DesiredCapacity": size,
            "LaunchTemplate": {"LaunchTemplateName": "web", "Version": "$Latest"},
            "AvailabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"],
        }
        self.call("CreateAutoScalingGroup", **{**given, **parameters})
        self.settle()

    def start_refresh(self, version: str | None = None, **preferences: Any) -> InstanceRefresh:
        """Start a refresh, with a version as desired configuration if one is given."""
        given: dict[str, Any] = {"Preferences": preferences}
        if version is not None:
            given["DesiredConfiguration"] = {
                "LaunchTemplate": {"LaunchTemplateId": TEMPLATE, "Version": version}
            }
        self.call("StartInstanceRefresh", **given)
        return self.refresh

    def new_version(self, **contents: Any) -> None:
        """Write a further version of the launch template."""
        put_template(self.store, self.now, **{"ImageId": self.image.id, **contents})

    def survives(self, work: Callable[[], None]) -> bool:
        """Work, and begin anew if killed meanwhile; say whether that happened."""
        try:
            work()
        except Killed:
            self.crash()
            return True
        return False

    # --- what happens to machines -----------------------------------------------------

    def power_off(self, member: GroupInstance) -> None:
        """Have a member's machine end by itself."""
        self.driver.power_off(member.id)

    def balance(self) -> TargetGroup:
        """Make a target group behind a load balancer."""
        group = a_target_group()
        with self.store.write() as rows:
            rows.add(TARGET_GROUPS, group)
            a_load_balancer(rows)
            rows.add(LISTENERS, a_listener(forwards_to=group.id))
        return group

    def report(self, health: TargetHealth, *ids: str) -> None:
        """Have the balancer say how targets are, those that don't drain by default."""
        with self.store.write() as rows:
            for target in rows.all(TARGETS):
                if target.drain_until is None and (not ids or target.target_id in ids):
                    put_health(rows, target, health)

    def drain(self) -> None:
        """Have the balancer see the last request of all that drain."""
        with self.store.write() as rows:
            for target in rows.all(TARGETS):
                if target.drain_until is not None:
                    rows.remove(TARGETS, TARGETS.key(target))

    # --- what is to be seen -----------------------------------------------------------

    @property
    def group(self) -> AutoScalingGroup:
        """The group as it is."""
        group = self.group_or_none
        assert group is not None
        return group

    @property
    def group_or_none(self) -> AutoScalingGroup | None:
        """The group as it is, if there is one."""
        with self.store.read() as rows:
            return rows.find(AUTO_SCALING_GROUPS, "web")

    @property
    def refresh(self) -> InstanceRefresh:
        """The latest refresh."""
        with self.store.read() as rows:
            return max(rows.all(INSTANCE_REFRESHES), key=lambda one: one.requested_at)

    @property
    def refreshes(self) -> list[InstanceRefresh]:
        """All refreshes, the latest last."""
        with self.store.read() as rows:
            return sorted(rows.all(INSTANCE_REFRESHES), key=lambda one: one.requested_at)

    @property
    def latest_version(self) -> int:
        """The latest version of the launch template."""
        with self.store.read() as rows:
            template = rows.find(LAUNCH_TEMPLATES, TEMPLATE)
        assert template is not None
        return template.latest_version

    @property
    def activities(self) -> list[Activity]:
        """All activities, the earliest first."""
        with self.store.read() as rows:
            return sorted(rows.all(ACTIVITIES), key=lambda one: (one.started_at, one.id))

    def activity(self, description: str) -> Activity:
        """Return the activity with a description."""
        (found,) = [one for one in self.activities if one.description == description]
        return found

    def arn_of(self, target_group: TargetGroup) -> str:
        """Return the ARN of a target group."""
        place = f"us-east-1:{self.account.id}"
        return f"arn:aws:elasticloadbalancing:{place}:targetgroup/{target_group.id}"

    def find_instance(self, instance_id: str) -> Instance:
        """Return an instance by its id."""
        return next(one for one in self.instances() if one.id == instance_id)

    def members(self, state: LifecycleState | None = None) -> list[GroupInstance]:
        """Return the members, by their ids."""
        with self.store.read() as rows:
            members = rows.all(GROUP_INSTANCES)
        return [one for one in members if state is None or one.state is state]

    @property
    def serving(self) -> list[GroupInstance]:
        """The members in service that are healthy and whose machine runs."""
        with self.store.read() as rows:
            return [
                member
                for member in self.members(LifecycleState.IN_SERVICE)
                if member.is_healthy and _runs(rows.find(INSTANCES, member.id))
            ]

    @property
    def versions(self) -> list[int]:
        """The template version of each member in service."""
        return sorted(
            one.launched_from.version
            for one in self.members(LifecycleState.IN_SERVICE)
            if one.launched_from is not None
        )

    # --- time -------------------------------------------------------------------------

    def pass_time(self, duration: timedelta) -> None:
        """Let time pass as the controller would see it: looking whenever a duty wants to."""
        end = self.now + duration
        self.settle()
        while self.now < end:
            wanted = self.again()
            self.now = min(end, wanted) if wanted is not None and wanted > self.now else end
            self.settle()

    def again(self) -> datetime | None:
        """Return when the duties want to look again at the latest."""
        outlooks: list[Outlook] = [duty.look(self.now) for duty in self.duties]
        return min((one.again for one in outlooks if one.again is not None), default=None)


def put_health(rows: Writing, target: Target, health: TargetHealth) -> None:
    """Write how a target is."""
    rows.put(TARGETS, replace(target, health=health, reason=None, description=None))


def _runs(instance: Instance | None) -> bool:
    return instance is not None and instance.state.value == "running"
