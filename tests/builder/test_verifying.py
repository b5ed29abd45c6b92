"""What is said of two images that were baked alike: the same, or what differs and who wrote it."""

from __future__ import annotations

import pytest

from cotta.builder.looking import Look, Watch
from cotta.builder.running import BuildError
from cotta.builder.verifying import judge
from cotta.images.contents import Contents, File, Package
from tests.support.builds import Heard, a_provisioner


def a_watch(*digests: str, version: str = "1", culprit: bool = False) -> Watch:
    """Return what was seen of a machine with /etc/0, /etc/1 and so on, by their digests."""
    files = tuple(
        File(path=f"/etc/{at}", kind="f", mode=0o644, owner=0, group=0, size=2, digest=digest)
        for at, digest in enumerate(digests)
    )
    contents = Contents(packages=(Package("app", version),), files=files)
    culprits = {"/etc/0": a_provisioner("shell", inline=["x"])} if culprit else {}
    return Watch(last=Look(contents, {}), culprits=culprits)


def judged(digests: tuple[str, str], first: Watch, second: Watch) -> str:
    """Return what is said."""
    ui = Heard()
    try:
        judge(digests, first, second, ui)
    except BuildError as error:
        return str(error)
    return "\n".join(ui.said)


def test_a_cloud_s_digest_is_proof_enough() -> None:
    assert judged(("a", "a"), a_watch("1"), a_watch("2")) == (
        "Verified: both images have the digest a"
    )


def test_without_a_digest_files_and_packages_are_compared() -> None:
    assert judged(("", ""), a_watch("1", "2"), a_watch("1", "2")) == (
        "Verified: both images have the same 2 files and packages"
    )
    assert "app 1 to 2" in judged(("", ""), a_watch("1"), a_watch("1", version="2"))


@pytest.mark.parametrize("digests", [("a", "b"), ("", "")])
def test_a_file_that_differs_is_named_with_its_provisioner(digests: tuple[str, str]) -> None:
    said = judged(digests, a_watch("1", "2", culprit=True), a_watch("3", "4", "5"))

    assert said.splitlines()[1:] == [
        (
            "    /etc/0: content (2 to 2 bytes); written by the provisioner "
            '"shell" in app.pkr.hcl line 3'
        ),
        "    /etc/1: content (2 to 2 bytes); written by no provisioner, but by the machine itself",
        "    /etc/2: only in the second; written by no provisioner, but by the machine itself",
    ]


def test_what_was_written_as_the_machine_ended_has_a_next_step() -> None:
    said = judged(("a", "b"), a_watch("1"), a_watch("1"))

    assert said.startswith("The two images differ: their digests are a and b.")
    assert "Stop it in the last provisioner, and take out what it wrote." in said


def test_a_machine_without_the_tools_says_so() -> None:
    assert "lacks find or sha256sum" in judged(("a", "b"), Watch(), a_watch("1"))
