"""How the data sources of Elastic Load Balancing look for the one that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.clouds.errors import CloudError
from cotta.providers.aws.data_sources.finding import the_one
from cotta.providers.aws.resources.balancing_calls import tags_of

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def find_one(on: Connection, config: Fields, kind: str, called: str) -> str:
    """Return the ARN of the one LoadBalancer or TargetGroup that fits arn, name and tags."""
    given: dict[str, Any] = {}
    if config["arn"]:
        given[f"{kind}Arns"] = [config["arn"]]
    elif config["name"]:
        given["Names"] = [config["name"]]
    try:
        found = list(on.pages("elbv2", f"Describe{kind}s", f"{kind}s", **given))
    except CloudError as error:
        if not error.is_missing:
            raise
        found = []
    wanted = (config["tags"] or {}).items()
    if wanted and not given:
        found = [one for one in found if wanted <= tags_of(on, one[f"{kind}Arn"]).items()]
    one = the_one(found, called, f"{called}s", lambda each: str(each[f"{kind}Name"]))
    return str(one[f"{kind}Arn"])
