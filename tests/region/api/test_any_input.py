"""Whatever a client sends is answered or refused: no handler ever breaks down."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.region.api.calls import Acts, Call, Caller, Reads, Writes
from cotta.region.api.services import SERVICES
from cotta.region.launching import LaunchRequest, launch
from cotta.region.model import KeyPair
from cotta.region.store.kinds import KEY_PAIRS, LISTENERS, TARGET_GROUPS
from cotta.region.wire.errors import ApiError
from cotta.system.ids import RandomIds
from tests.region.wire.test_codec import model, ours, values_of
from tests.support.balancing import a_listener, a_load_balancer, a_rule, a_target_group
from tests.support.regions import fresh_store, put_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.model import Account
    from cotta.region.store.store import Store

GROUP = a_target_group()
_ELB = "arn:aws:elasticloadbalancing:us-east-1"


def _resources() -> Iterator[str]:
    """Give the last parts of the ARNs of what there is of load balancing."""
    listener = a_listener()
    yield f"targetgroup/{GROUP.id}"
    yield f"loadbalancer/{listener.load_balancer}"
    yield f"listener/{listener.id}"
    yield f"listener-rule/{a_rule(None, listener, forwards_to=GROUP.id).id}"


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class World:
    """A region with one thing of most kinds, and what those are called."""

    def __init__(self, store: Store, account: Account) -> None:
        self.store = store
        self.account = account
        image = put_image(store, owner_id=account.id)
        with store.write() as rows:
            request = LaunchRequest(image_id=image.id, instance_type="t3.micro")
            (instance,) = launch(rows, request, now=NOON, ids=RandomIds(), account=account)
            pair = KeyPair(
                id="key-1",
                name="me",
                kind="rsa",
                fingerprint="",
                public_key="ssh-rsa AAAA",
                created_at=NOON,
            )
            rows.add(KEY_PAIRS, pair)
        self._make_others(image.id, instance.subnet_id)
        self.names = [
            image.id,
            image.devices[0].snapshot_id or "",
            image.name,
            instance.id,
            instance.subnet_id,
            instance.vpc_id,
            instance.network_interface_id,
            instance.block_devices[0].volume_id,
            instance.security_groups[0],
            instance.private_ip,
            "/dev/sda1",
            "t3.micro",
            "us-east-1a",
            "me",
            "key-1",
            "default",
            "tcp",
            "10.0.0.0/16",
            "1",
            "true",
            "",
            "web",
            "app",
            "/app/parameter",
            "$Latest",
            GROUP.id.replace("/", "-"),
            *(f"{_ELB}:{account.id}:{resource}" for resource in _resources()),
            f"arn:aws:iam::{account.id}:role/app",
            '{"Version": "2012-10-17", "Statement": []}',
        ]

    def _make_others(self, image: str, subnet: str) -> None:
        """Make a load balancer, a group that scales, a role and a parameter."""
        with self.store.write() as rows:
            rows.add(TARGET_GROUPS, GROUP)
            a_load_balancer(rows, subnets=(subnet,))
            listener = a_listener(forwards_to=GROUP.id)
            rows.add(LISTENERS, listener)
            a_rule(rows, listener, forwards_to=GROUP.id)
        template = {"ImageId": image, "InstanceType": "t3.micro"}
        trust = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": '
            '"sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}'
        )
        made: list[tuple[str, str, dict[str, Any]]] = [
            (
                "ec2",
                "CreateLaunchTemplate",
                {"LaunchTemplateName": "web", "LaunchTemplateData": template},
            ),
            (
                "autoscaling",
                "CreateAutoScalingGroup",
                {
                    "AutoScalingGroupName": "web",
                    "MinSize": 0,
                    "MaxSize": 2,
                    "LaunchTemplate": {"LaunchTemplateName": "web"},
                    "VPCZoneIdentifier": subnet,
                },
            ),
            ("iam", "CreateRole", {"RoleName": "app", "AssumeRolePolicyDocument": trust}),
            ("iam", "CreateInstanceProfile", {"InstanceProfileName": "app"}),
            ("ssm", "PutParameter", {"Name": "/app/parameter", "Value": "1", "Type": "String"}),
        ]
        for service, name, parameters in made:
            self.perform(service, name, parameters, is_kept=True)

    def perform(
        self, service: str, name: str, parameters: dict[str, Any], *, is_kept: bool = False
    ) -> None:
        """Have an operation answer, and undo it unless it `is_kept`."""
        call = Call(
            operation=name,
            parameters=parameters,
            caller=Caller(arn="arn:aws:iam::1:root", user_id="1"),
            account=self.account,
            region="us-east-1",
            now=NOON,
            ids=RandomIds(),
            request_id="the-request",
        )
        provided = SERVICES[service]
        encode = ours(provided.model).operation(name).encode
        match provided.operations[name]:
            case Reads(reads):
                with self.store.read() as reading:
                    encode(reads(call, reading), "the-request")
            case Writes(writes):
                with self.store.write() as writing:
                    encode(writes(call, writing), "the-request")
                    if not is_kept:
                        raise ApiError("Undone", "What was written is forgotten.")
            case Acts(acts):
                encode(acts(call, self.store), "the-request")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    store, account = fresh_store(tmp_path_factory.mktemp("region"))
    yield World(store, account)
    store.close()


def with_names(value: Any, shape: Any, names: list[str], choices: st.DataObject) -> Any:
    """Return a request with most of its texts replaced by names that mean something."""
    if isinstance(value, dict) and shape.type_name == "map":
        return {
            with_names(key, shape.key, names, choices): with_names(one, shape.value, names, choices)
            for key, one in value.items()
        }
    if isinstance(value, dict):
        return {
            name: with_names(one, shape.members[name], names, choices)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [with_names(one, shape.member, names, choices) for one in value]
    if isinstance(value, str) and not shape.enum:
        return choices.draw(st.sampled_from([value, *names]))
    return value


OPERATIONS = [
    (service, name)
    for service, provided in sorted(SERVICES.items())
    for name in sorted(provided.operations.keys() - {"CreateKeyPair"})
]


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
@settings(max_examples=6, deadline=None)
@given(choices=st.data())
def test_any_request_is_answered_or_refused(
    world: World, service: str, name: str, choices: st.DataObject
) -> None:
    shape = model(SERVICES[service].model).operation_model(name).input_shape
    if shape is None:
        world.perform(service, name, {})
        return
    drawn = choices.draw(values_of(shape, is_answer=False))
    parameters = with_names(drawn, shape, world.names, choices)

    # Anything else that is raised is a mistake of ours.
    with contextlib.suppress(ApiError):
        world.perform(service, name, parameters)
