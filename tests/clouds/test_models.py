from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import botocore
import pytest
from botocore.loaders import create_loader

from cotta.clouds.models import Models

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ["ec2", "autoscaling", "elbv2", "iam", "sts", "ssm"]
NAME = f"sts.botocore-{botocore.__version__}.model"


def without_texts(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {
            key: without_texts(value)
            for key, value in tree.items()
            if key != "documentation" or not isinstance(value, str)
        }
    return [without_texts(one) for one in tree] if isinstance(tree, list) else tree


def whole(model: Any) -> dict[str, Any]:
    return {
        member: dict(content) if member in ("operations", "shapes") else content
        for member, content in model.items()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_model_in_parts_is_the_whole_but_for_its_texts(service: str, tmp_path: Path) -> None:
    expected = without_texts(create_loader().load_service_model(service, "service-2"))

    written = Models(tmp_path).load_service_model(service, "service-2")
    read_again = Models(tmp_path).load_service_model(service, "service-2")

    assert whole(written) == expected
    assert whole(read_again) == expected
    assert [path.name for path in tmp_path.iterdir()] == [
        f"{service}.botocore-{botocore.__version__}.model"
    ]


def test_endpoints_in_parts_are_the_whole(tmp_path: Path) -> None:
    expected, path = create_loader().load_data_with_path("endpoints")

    for _ in range(2):
        found, found_path = Models(tmp_path).load_data_with_path("endpoints")

        assert Models(tmp_path).is_builtin_path(found_path)
        assert found_path == path
        assert found.keys() == expected.keys()
        for one, other in zip(found["partitions"], expected["partitions"], strict=True):
            assert {**one, "services": dict(one["services"])} == other


def test_a_file_that_is_not_whole_is_written_anew(tmp_path: Path) -> None:
    Models(tmp_path).load_service_model("sts", "service-2")
    path = tmp_path / NAME
    content = path.read_bytes()

    for broken in (b"", content[:4], content[:100], content[:-1], b"x" * len(content)):
        path.write_bytes(broken)
        model = Models(tmp_path).load_service_model("sts", "service-2")

        assert "GetCallerIdentity" in model["operations"]
        assert path.read_bytes() == content


def test_without_a_place_for_it_the_whole_model_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (None, tmp_path / "file"):
        model = Models(folder).load_service_model("sts", "service-2")

        assert "GetCallerIdentity" in model["operations"]


def test_nothing_is_written_where_python_writes_nothing(tmp_path: Path) -> None:
    model = Models(tmp_path, writes=False).load_service_model("sts", "service-2")

    assert "GetCallerIdentity" in model["operations"]
    assert list(tmp_path.iterdir()) == []


def test_two_that_write_at_once_both_have_the_model(tmp_path: Path) -> None:
    found: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(Models(tmp_path).load_service_model("sts", "service-2"))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [set(one["operations"]) == set(found[0]["operations"]) for one in found] == [True] * 4
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_other_models_are_botocores_own() -> None:
    expected = create_loader().load_service_model("ec2", "paginators-1")

    assert Models(None).load_service_model("ec2", "paginators-1") == expected
