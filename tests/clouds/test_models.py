"""A service's model is botocore's, whatever of it has become objects."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore
import pytest

from cotta.clouds.models import Members, decode_model, make_loader

_DATA = Path(botocore.__file__).parent / "data"


def text_of(service: str) -> str:
    path = max((_DATA / service).glob("*/service-2.json.gz"))
    return gzip.decompress(path.read_bytes()).decode()


@pytest.mark.parametrize("service", ["ec2", "autoscaling", "elbv2", "iam", "sts", "ssm"])
def test_all_members_are_what_the_text_says(service: str) -> None:
    text = text_of(service)

    model = decode_model(text)

    tables = {name: dict(model[name].items()) for name in ("operations", "shapes")}
    assert {**model, **tables} == json.loads(text)


def test_of_a_large_table_only_what_is_asked_for_becomes_objects() -> None:
    shapes = decode_model(text_of("ec2"))["shapes"]

    assert isinstance(shapes, Members)
    assert shapes["Instance"]["type"] == "structure"
    decoded = [name for name, value in dict.items(shapes) if not isinstance(value, tuple)]
    assert decoded == ["Instance"]
    assert "Instance" in shapes
    assert shapes.get("Nothing") is None


@pytest.mark.parametrize(
    "text",
    [
        '{"operations":{},"shapes":{"A":{"type":"string"}}}',
        '{\n  "shapes":{\n    "A":{"type":"string"}\n  }\n}',
        json.dumps({"operations": {}, "shapes": {"A": "a" * 200_000}}, indent=4),
        json.dumps({"shapes": {"A": "a" * 200_000}, "operations": {"B": {}}}, indent=2),
    ],
    ids=["one line", "small", "other blanks", "other order"],
)
def test_text_that_is_written_in_another_way_is_read_as_well(text: str) -> None:
    assert decode_model(text) == json.loads(text)


def test_a_model_is_found_where_botocore_looks_for_it() -> None:
    loader = make_loader()

    assert loader.load_service_model("sts", "service-2")["metadata"]["serviceId"] == "STS"
    assert loader.load_service_model("ec2", "paginators-1")["pagination"]
