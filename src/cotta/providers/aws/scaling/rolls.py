"""A change that replaces a group's instances: begun in the right order, and followed to its end.

The refresh is started with what is wanted, before the group itself is told:
so what the group has been told stays the last good configuration, which a
rollback goes to, until AWS itself changes it on success.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.session import is_local
from cotta.fleets.follow import follow
from cotta.fleets.model import RefreshStatus
from cotta.fleets.observe import UnknownGroupsError, latest_refresh
from cotta.providers.aws.complaints import RollError
from cotta.providers.aws.connection import timeout
from cotta.providers.aws.plain import same_plain
from cotta.providers.aws.scaling.fields import CONFIGURATIONS, INSTANCE_REFRESH
from cotta.providers.aws.scaling.lookups import GROUP
from cotta.providers.aws.scaling.narration import Narrator, status_words
from cotta.providers.aws.scaling.patience import USUAL, Patience
from cotta.providers.aws.scaling.requests import configuration
from cotta.providers.aws.wire import to_wire
from cotta.providers.interface import Question

if TYPE_CHECKING:
    from cotta.fleets.follow import FleetEvent
    from cotta.fleets.model import Group, Refresh
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.scaling.keeping import Keeping

_TO_BE_CANCELLED: Final = timedelta(minutes=15)
_NUMBERED: Final = ("checkpoint_delay", "instance_warmup")


def causes(prior: Fields, wanted: Fields) -> list[str]:
    """Return the attributes by whose change instances are replaced, sorted; none for no roll."""
    if not wanted.get("instance_refresh"):
        return []
    refresh = wanted["instance_refresh"][0]
    triggers = {*CONFIGURATIONS, *(refresh["triggers"] or ())}
    return sorted(name for name in triggers if not same_plain(prior.get(name), wanted.get(name)))


def desired_configuration(on: Connection, wanted: Fields) -> dict[str, Any]:
    """Return what instances are to be launched from, with versions as numbers.

    `$Latest` and `$Default` may be another version by the time that a rollback
    needs them, so AWS takes none of them for one.
    """
    desired = configuration(wanted)
    if "LaunchTemplate" in desired:
        _resolve(on, desired["LaunchTemplate"])
    if "MixedInstancesPolicy" in desired:
        template = desired["MixedInstancesPolicy"]["LaunchTemplate"]
        _resolve(on, template["LaunchTemplateSpecification"])
        for override in template.get("Overrides", ()):
            if "LaunchTemplateSpecification" in override:
                _resolve(on, override["LaunchTemplateSpecification"])
    return desired


def _resolve(on: Connection, specification: dict[str, Any]) -> None:
    version = specification.get("Version") or "$Default"
    if not version.isdecimal():
        named = {name: value for name, value in specification.items() if name != "Version"}
        answer = on.call("ec2", "DescribeLaunchTemplateVersions", Versions=[version], **named)
        version = str(answer["LaunchTemplateVersions"][0]["VersionNumber"])
    specification["Version"] = version


def clear_the_way(on: Connection, name: str, desired: dict[str, Any]) -> str | None:
    """Have no refresh under way; return the id of one that does already what is wanted.

    One with another aim is waited for, or cancelled if the person has said so:
    never in silence.
    """
    running = latest_refresh(on.session, name)
    if running is None or running.status.is_final:
        return None
    if on.options.replaces_refresh or not on.options.waits:
        on.say(f"{name}: cancelling the refresh under way, {running.id}")
        on.call("autoscaling", "CancelInstanceRefresh", AutoScalingGroupName=name)
        _wait_until_over(on, name, running.id)
        return None
    if _aims_at(on, name, running, desired):
        on.say(f"{name}: a refresh to this configuration is under way, taking it up")
        return running.id
    on.say(
        f"{name}: waiting for another refresh under way, {running.id}, "
        "which -replace-refresh would cancel"
    )
    ended, _ = _follow(on, name, running.id)
    if not ended.status.is_final:
        raise _interrupted(on, name)
    return None


def _aims_at(on: Connection, name: str, running: Refresh, desired: dict[str, Any]) -> bool:
    if running.status not in (
        RefreshStatus.PENDING,
        RefreshStatus.IN_PROGRESS,
        RefreshStatus.BAKING,
    ):
        return False
    answer = on.call(
        "autoscaling",
        "DescribeInstanceRefreshes",
        AutoScalingGroupName=name,
        InstanceRefreshIds=[running.id],
    )
    aim = answer["InstanceRefreshes"][0].get("DesiredConfiguration")
    return aim is not None and _essence(aim) == _essence(desired)


def _essence(desired: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration without a template's name where its id is there as well."""
    template = desired.get("LaunchTemplate")
    if template and template.get("LaunchTemplateId"):
        return {"id": template["LaunchTemplateId"], "version": template.get("Version")}
    return desired


def _wait_until_over(on: Connection, name: str, refresh_id: str) -> None:
    def look() -> bool | None:
        now = latest_refresh(on.session, name, refresh_id)
        return True if now is None or now.status.is_final else None

    on.wait(look, f"the cancellation of {refresh_id}", at_most=_TO_BE_CANCELLED, pause=5)


def start(
    on: Connection,
    prior: Fields,
    wanted: Fields,
    desired: dict[str, Any] | None,
    kept: Keeping | None = None,
) -> str:
    """Begin to replace a group's instances but those `kept`; return the id of the refresh."""
    name = prior["id"]
    try:
        answer = on.call(
            "autoscaling",
            "StartInstanceRefresh",
            AutoScalingGroupName=name,
            Strategy=wanted["instance_refresh"][0]["strategy"],
            DesiredConfiguration=desired,
            Preferences=_preferences(on, prior, wanted, desired, kept) or None,
        )
    except CloudError as error:
        # An earlier try of this call may have begun it.
        if not (error.is_repeated or error.is_unanswered):
            raise
        begun = latest_refresh(on.session, name)
        if begun is None or begun.status.is_final or not _aims_at(on, name, begun, desired or {}):
            raise
        return begun.id
    return str(answer["InstanceRefreshId"])


def _preferences(
    on: Connection,
    prior: Fields,
    wanted: Fields,
    desired: dict[str, Any] | None,
    kept: Keeping | None,
) -> dict[str, Any]:
    blocks = wanted["instance_refresh"][0]["preferences"]
    given: Fields = blocks[0] if blocks else {}
    fields = INSTANCE_REFRESH.fields["preferences"].fields  # type: ignore[union-attr]  # a block
    plain = {name: value for name, value in given.items() if name not in _NUMBERED}
    preferences = to_wire(fields, plain)
    for attribute, member in (
        ("checkpoint_delay", "CheckpointDelay"),
        ("instance_warmup", "InstanceWarmup"),
    ):
        if given.get(attribute):
            preferences[member] = int(given[attribute])
    # 0 is a percentage as others are.
    if given.get("min_healthy_percentage") is not None:
        preferences["MinHealthyPercentage"] = given["min_healthy_percentage"]
    if _rolls_back(on, prior, given, desired):
        preferences["AutoRollback"] = True
    if kept is not None:
        preferences["SkipMatching"] = True
        if kept.is_way_back:
            # Back to what the others run is no step that wants looking at, and no step of a
            # new version that could be turned round.
            for name in ("CheckpointPercentages", "CheckpointDelay", "AutoRollback"):
                preferences.pop(name, None)
    return preferences


def _rolls_back(
    on: Connection, prior: Fields, given: Fields, desired: dict[str, Any] | None
) -> bool:
    """Say whether a failed roll goes back: if the person says so, or says nothing and it can."""
    if given.get("auto_rollback"):
        return True
    said = [
        preferences.get("auto_rollback")
        for refresh in on.config.get("instance_refresh") or ()
        for preferences in refresh.get("preferences") or ()
    ]
    if False in said or desired is None or "LaunchTemplate" not in desired:
        return False
    before = prior["launch_template"]
    return bool(before) and str(before[0]["version"]).isdecimal()


def follow_to_the_end(
    on: Connection,
    prior: Fields,
    wanted: Fields,
    refresh_id: str,
    before: Group,
    kept: Keeping | None = None,
) -> None:
    """Tell how a refresh goes until it ends.  Raises RollError if that is no success.

    `before` is the group as it was then, `kept` what the refresh leaves alone.
    """
    name = prior["id"]
    blocks = wanted["instance_refresh"][0]["preferences"]
    is_way_back = kept is not None and kept.is_way_back
    patience = Patience(
        on,
        name,
        at_most=_warmup(wanted) + timeout(wanted, "update", USUAL),
        rolls_back=not is_way_back
        and _rolls_back(on, prior, blocks[0] if blocks else {}, configuration(wanted)),
    )
    refresh, narrator = _follow(on, name, refresh_id, patience, before)
    if refresh.status is RefreshStatus.SUCCESSFUL:
        return
    if not refresh.status.is_final:
        raise _interrupted(on, name)
    summary, next_step = _ENDINGS[refresh.status]
    if patience.reason and refresh.status is RefreshStatus.CANCELLED:
        summary = _ENDINGS[RefreshStatus.FAILED][0]
    sentences = [f"{name}: {status_words(refresh)}."]
    if refresh.reason:
        sentences.append(f"AWS says: {refresh.reason.rstrip('.')}.")
    sentences += [patience.reason, *narrator.sentences(), next_step]
    raise RollError(summary, " ".join(sentence for sentence in sentences if sentence))


def _warmup(wanted: Fields) -> timedelta:
    blocks = wanted["instance_refresh"][0]["preferences"]
    seconds = (blocks[0]["instance_warmup"] if blocks else None) or (
        wanted["default_instance_warmup"] or wanted["health_check_grace_period"] or 0
    )
    return timedelta(seconds=int(seconds))


_AGAIN: Final = "The group is told what it was told before; the next plan shows the difference."
_ENDINGS: Final = {
    RefreshStatus.FAILED: (
        "The roll of the fleet failed",
        f"Instances that were replaced stay as they are. {_AGAIN}",
    ),
    RefreshStatus.CANCELLED: (
        "The roll of the fleet was cancelled",
        f"Instances that were replaced stay as they are. {_AGAIN}",
    ),
    RefreshStatus.ROLLED_BACK: (
        "The roll of the fleet failed, and was rolled back",
        f"All instances are as they were. {_AGAIN}",
    ),
    RefreshStatus.ROLLBACK_FAILED: (
        "The roll of the fleet failed, and so did its rollback",
        f"Instances of both kinds may run: cotta fleet shows them. {_AGAIN}",
    ),
}


def _follow(
    on: Connection,
    name: str,
    refresh_id: str,
    patience: Patience | None = None,
    before: Group | None = None,
) -> tuple[Refresh, Narrator]:
    narrator = Narrator(on, name)
    every = timedelta(milliseconds=250) if is_local(on.session) else timedelta(seconds=3)

    def tell(event: FleetEvent) -> None:
        narrator.tell(event)
        if patience is not None:
            patience.heed(event)

    def stopped() -> bool:
        # It is asked at every look.
        if patience is not None:
            patience.look_at_the_time()
        return on.stopped()

    try:
        refresh = follow(
            on.session,
            name,
            refresh_id,
            clock=on.clock,
            tell=tell,
            stopped=stopped,
            every=every,
            before=before,
        )
    except UnknownGroupsError:
        raise _gone(name) from None
    except CloudError:
        # The refresh of a group that is no more is refused, in words of no code of its own.
        if on.find(GROUP, name) is None:
            raise _gone(name) from None
        raise
    return refresh, narrator


def _gone(name: str) -> RollError:
    return RollError(
        "The group is gone", f"{name} was taken away while its instances were replaced."
    )


def _interrupted(on: Connection, name: str) -> RollError:
    """Ask once whether the refresh goes on without us; return what is to be raised."""
    answer = on.ask(
        Question(
            text=f"The instances of {name} are being replaced. What of that?",
            choices={
                "leave": "It goes on without Cotta, and the next apply takes it up again.",
                "cancel": "It ends where it is: what was replaced stays replaced.",
            },
            default="leave",
        )
    )
    if answer == "cancel":
        on.call("autoscaling", "CancelInstanceRefresh", AutoScalingGroupName=name)
        return RollError("Interrupted", f"The roll of {name} was cancelled, where it was. {_AGAIN}")
    return RollError(
        "Interrupted",
        f"The roll of {name} goes on without Cotta. The next apply takes it up again.",
    )
