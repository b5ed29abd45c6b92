"""DescribeInstances of sixty instances, against moto on the same machine in the same run.

Both are asked over one kept connection, with the same bytes again and again: what is measured is
their answering, and not a client's making of requests.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.measure import Figure
from tests.support.moto import moto_client, moto_server
from tests.support.regions import put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Callable

_INSTANCES: Final = 60
_SECONDS: Final = 3.0
_BODY: Final = b"Action=DescribeInstances&Version=2016-11-15"


def _run(client: Any, image_id: str) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]
    for _ in range(_INSTANCES // 10):
        client.run_instances(
            ImageId=image_id,
            InstanceType="t3.micro",
            MinCount=10,
            MaxCount=10,
            TagSpecifications=tags,
        )


def _asker(endpoint: str, key: str, secret: str) -> Callable[[], bytes]:
    """Return what asks once, and returns the answer."""
    host = endpoint.removeprefix("http://")
    request = AWSRequest(
        "POST",
        f"{endpoint}/",
        data=_BODY,
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": host},
    )
    SigV4Auth(Credentials(key, secret), "ec2", "us-east-1").add_auth(request)
    headers = {
        name: value if isinstance(value, str) else value.decode()
        for name, value in request.prepare().headers.items()
    }
    connection = http.client.HTTPConnection(host)

    def ask() -> bytes:
        connection.request("POST", "/", body=_BODY, headers=headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return body

    return ask


def _rate(ask: Callable[[], bytes]) -> float:
    """Return how many answers come in a second, each of them whole."""
    assert ask().count(b"<instanceId>") >= _INSTANCES
    count, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < _SECONDS:
        ask()
        count += 1
    return count / taken


def figures() -> list[Figure]:
    """Return the one line of the table."""
    with moto_server() as endpoint:
        client = moto_client(endpoint)
        _run(client, client.describe_images()["Images"][0]["ImageId"])
        peer = _rate(_asker(endpoint, "any", "any"))
    with tempfile.TemporaryDirectory() as name, running_region(Path(name)) as region:
        _run(region.client("ec2"), put_image(region.store).id)
        ours = _rate(_asker(region.endpoint, region.account.access_key, region.account.secret_key))
    return [
        Figure(
            f"DescribeInstances of {_INSTANCES}",
            f"{ours:.0f}/s, {ours / peer:.1f}x",
            f"{peer:.1f}/s (moto)",
            "10x",
        )
    ]
