"""A state moves between cotta and terraform with the official provider, on one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.interchange import both
from tests.support.regions import running_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBwgFmiRHOZMp2zpn8DJRL4bxpJIMmYa33vtQlCXlv1p "
    "someone@somewhere"
)

# A configuration, and the same after an edit that changes in place.
STEPS = {
    "key pair": (
        f"""
resource "aws_key_pair" "a" {{
  key_name   = "one"
  public_key = "{KEY}"
  tags       = {{ Name = "one" }}
}}
resource "aws_key_pair" "b" {{
  key_name_prefix = "two-"
  public_key      = "{KEY}"
}}
resource "aws_key_pair" "c" {{
  public_key = "{KEY}"
}}
data "aws_region" "here" {{}}
output "region" {{ value = data.aws_region.here.name }}
""",
        f"""
resource "aws_key_pair" "a" {{
  key_name   = "one"
  public_key = "{KEY}"
  tags       = {{ Name = "uno", Team = "x" }}
}}
resource "aws_key_pair" "b" {{
  key_name_prefix = "two-"
  public_key      = "{KEY}"
  tags            = {{}}
}}
resource "aws_key_pair" "c" {{
  public_key = "{KEY}"
  tags       = {{ Name = "c" }}
}}
data "aws_region" "here" {{}}
output "region" {{ value = data.aws_region.here.name }}
""",
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_one_makes_the_other_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = STEPS[name]
    with running_region(tmp_path) as region:
        here = both(tmp_path / "ours", region, monkeypatch)
        here.assert_ours_is_theirs(first)
        here.assert_ours_is_theirs(second)
        here.assert_theirs_is_ours(first)
        here.terraform.run("destroy", "-auto-approve")
        here.assert_theirs_is_ours(first)
        here.assert_theirs_is_ours(second)
        here.assert_ours_is_theirs(first)
        here.cotta.run("destroy", "-auto-approve")
