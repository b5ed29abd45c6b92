"""A boto3 client of EC2, an image, and instances in whatever state a test needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import InstanceState
from cotta.region.store.kinds import INSTANCES
from tests.support.regions import put_image

if TYPE_CHECKING:
    from cotta.region.model import Image
    from tests.support.regions import RunningRegion


@pytest.fixture
def ec2(region: RunningRegion) -> Any:
    return region.client("ec2")


@pytest.fixture
def image(region: RunningRegion) -> Image:
    """Give an image of the account's own."""
    return put_image(region.store, owner_id=region.account.id)


@dataclass(frozen=True)
class Fleet:
    """Runs instances, and plays the controller."""

    region: RunningRegion
    image: Image

    def run(self, state: InstanceState = InstanceState.RUNNING, **wanted: Any) -> Any:
        """Return a new instance as boto3 gives it; its state is `state` afterwards."""
        request = {
            "ImageId": self.image.id,
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            **wanted,
        }
        (instance,) = self.region.client("ec2").run_instances(**request)["Instances"]
        self.put(instance["InstanceId"], state=state)
        return instance

    def put(self, instance_id: str, **changes: Any) -> None:
        """Change an instance as the controller would."""
        with self.region.store.write() as rows:
            instance = rows.find(INSTANCES, instance_id)
            assert instance is not None
            rows.put(INSTANCES, replace(instance, **changes))

    def find(self, instance_id: str) -> Any:
        """Return an instance as it is described."""
        answer = self.region.client("ec2").describe_instances(InstanceIds=[instance_id])
        return answer["Reservations"][0]["Instances"][0]


@pytest.fixture
def fleet(region: RunningRegion, image: Image) -> Fleet:
    return Fleet(region, image)
