"""Post-processors do what Packer's do, and chains keep what is to be kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.build import run_build
from cotta.builder.running import BuildError
from tests.support.builds import Heard, a_build, a_post_processor, a_provisioner, a_run

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.builder.artifacts import Artifact


def made(folder: Path, *chains: Any, **changes: Any) -> tuple[Artifact, ...]:
    """Run a build that writes a file, with these chains."""
    target = str(folder / "made")
    listed = [list(chain) for chain in chains]
    build = a_build(kind="file", target=target, content="hello\n", chains=listed)
    return run_build(build, a_run(folder, **changes), Heard())


def test_a_file_is_written_and_can_be_destroyed(tmp_path: Path) -> None:
    (artifact,) = made(tmp_path)

    assert (tmp_path / "made").read_text() == "hello\n"
    assert artifact.text == f"Stored file: {tmp_path}/made"
    assert artifact.files == (f"{tmp_path}/made",)
    artifact.destroy(Heard())
    assert not (tmp_path / "made").exists()


def test_a_manifest_is_packers(tmp_path: Path) -> None:
    manifest = a_post_processor(
        "manifest", output=f"{tmp_path}/m.json", custom_data={"b": "2", "a": "1"}, strip_path=True
    )
    run = {"uuid": "u1"}

    artifacts = made(tmp_path, [manifest], **run)
    made(tmp_path, [manifest], **run)

    assert [one.id for one in artifacts] == ["File", "File"]
    written = json.loads((tmp_path / "m.json").read_text())
    entry = {
        "name": "app",
        "builder_type": "file",
        "build_time": 1795953600,
        "files": [{"name": "made", "size": 6}],
        "artifact_id": "File",
        "packer_run_uuid": "u1",
        "custom_data": {"b": "2", "a": "1"},
    }
    assert written == {"builds": [entry, entry], "last_run_uuid": "u1"}
    # Another run with -force begins anew, and one without goes on.
    made(tmp_path, [manifest], uuid="u2")
    assert len(json.loads((tmp_path / "m.json").read_text())["builds"]) == 3
    made(tmp_path, [manifest], uuid="u3", force=True)
    assert len(json.loads((tmp_path / "m.json").read_text())["builds"]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "m.json", "made"]


def test_a_file_that_is_no_manifest_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("[1]")

    with pytest.raises(BuildError, match=r"m\.json is no manifest"):
        made(tmp_path, [a_post_processor("manifest", output=f"{tmp_path}/m.json")])

    assert (tmp_path / "m.json").read_text() == "[1]"


def test_digests_are_written(tmp_path: Path) -> None:
    checksum = a_post_processor(
        "checksum",
        checksum_types=["md5", "sha256"],
        output=f"{tmp_path}/{{{{.ChecksumType}}}}_{{{{.BuildName}}}}",
    )

    _, artifact = made(tmp_path, [checksum])

    assert (tmp_path / "md5_app").read_text() == "b1946ac92492d2347c6235b4d2611184\tmade\n"
    assert artifact.files == (f"{tmp_path}/made", f"{tmp_path}/md5_app", f"{tmp_path}/sha256_app")


def test_an_artifice_takes_the_artifacts_place(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_text("a")
    artifice = a_post_processor("artifice", files=[f"{tmp_path}/*.bin"])

    artifacts = made(tmp_path, [artifice])

    assert [one.files for one in artifacts] == [(f"{tmp_path}/a.bin",)]
    # The template does not say that it stays.
    assert not (tmp_path / "made").exists()
    kept = a_post_processor("artifice", keep=True, files=[f"{tmp_path}/*.bin"])
    assert len(made(tmp_path, [kept])) == 2
    assert (tmp_path / "made").exists()


def test_what_makes_nothing_new_keeps_its_input_whatever_is_said(tmp_path: Path) -> None:
    script = a_post_processor("shell-local", keep=False, inline=[f"echo run >{tmp_path}/ran"])

    made(tmp_path, [script])

    assert (tmp_path / "made").exists()
    assert (tmp_path / "ran").read_text() == "run\n"


def test_a_chain_that_fails_does_not_keep_others_from_running(tmp_path: Path) -> None:
    failing = a_post_processor("shell-local", inline=["exit 2"])
    never = a_post_processor("shell-local", inline=[f"touch {tmp_path}/never"])
    other = a_post_processor("artifice", files=[f"{tmp_path}/made"])

    with pytest.raises(BuildError, match="The post-processor"):
        made(tmp_path, [failing, never], [other])

    assert not (tmp_path / "never").exists()
    assert (tmp_path / "made").exists()


def test_the_null_source_provisions_and_leaves_nothing(tmp_path: Path) -> None:
    build = a_build(
        a_provisioner("shell-local", inline=["echo here"]), kind="null", communicator="none"
    )
    ui = Heard()

    (artifact,) = run_build(build, a_run(tmp_path), ui)

    assert ui.messages == ["here"]
    assert artifact.text == "Did not export anything. This is the null builder"
