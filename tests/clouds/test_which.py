"""Which cloud is meant."""

from __future__ import annotations

import pytest

from cotta.clouds.which import Cloud, UnknownCloudError, choose_cloud


@pytest.mark.parametrize(
    ("flag", "environment", "expected"),
    [
        (None, {}, Cloud.LOCAL),
        (None, {"COTTA_CLOUD": ""}, Cloud.LOCAL),
        (None, {"COTTA_CLOUD": "aws"}, Cloud.AWS),
        ("local", {"COTTA_CLOUD": "aws"}, Cloud.LOCAL),
        ("aws", {}, Cloud.AWS),
    ],
)
def test_the_flag_goes_before_the_variable(
    flag: str | None, environment: dict[str, str], expected: Cloud
) -> None:
    assert choose_cloud(flag, environment) is expected


def test_an_unknown_name_is_told_with_its_origin() -> None:
    with pytest.raises(
        UnknownCloudError, match=r'^COTTA_CLOUD is "gcp", and it needs to be "local"'
    ):
        choose_cloud(None, {"COTTA_CLOUD": "gcp"})
