"""`validate`, `inspect`, `init`, `console` and `fmt` on templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import run_cotta
from tests.support.templates import NULL

TEMPLATE = """
variable "region" {
  type    = string
  default = "us-east-1"
}
variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter2"
}
variable "names" { default = ["a", "b"] }
locals {
  stamp = "x-${var.region}"
  both  = { secret = var.secret, list = [true] }
}
source "null" "a" { communicator = "none" }
build {
  name        = "web"
  description = "A build"
  sources     = ["source.null.a"]
  source "source.null.a" { name = "b" }
  provisioner "shell-local" {
    name   = "first"
    inline = ["echo hi"]
  }
  provisioner "shell-local" { inline = ["echo hi"] }
  post-processor "manifest" { name = "m" }
  post-processors {
    post-processor "artifice" { files = ["a"] }
    post-processor "checksum" {}
  }
}
build {
  sources = ["source.null.a"]
}
"""

INSPECTED = r"""Packer Inspect: HCL2 mode

> input-variables:

var.names: "[\n  \"a\",\n  \"b\",\n]"
var.region: "eu-west-1"
var.secret: "<sensitive>"

> local-variables:

local.both: "{\n  \"list\" = [\n    true,\n  ]\n  \"secret\" = \"<sensitive>\"\n}"
local.stamp: "x-eu-west-1"

> builds:

  > web:

  > Description: A build

    sources:

      null.a

      null.b

    provisioners:

      shell-local.first
      shell-local

    post-processors:

      0:
        manifest.m

      1:
        artifice
        checksum

  > <unnamed build 1>:

    sources:

      null.a

    provisioners:

      <no provisioner>

    post-processors:

      <no post-processor>

"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_validate_says_so_of_a_file_and_of_a_folder() -> None:
    write("images/t.pkr.hcl", TEMPLATE)

    for arguments in (["images/t.pkr.hcl"], ["images"], ["-only=web.*", "images"]):
        ended = run_cotta("validate", *arguments)
        assert (ended.status, ended.stdout, ended.stderr) == (
            0,
            "The configuration is valid.\n",
            "",
        )
    syntax = run_cotta("validate", "-syntax-only", "images")
    assert syntax.stdout == "Syntax-only check passed. Everything looks okay.\n"


def test_validate_asks_data_sources_only_if_told_to() -> None:
    write(
        "t.pkr.hcl",
        NULL
        + """
        data "null" "word" { input = "soon" }
        build {
          sources = ["null.box"]
          provisioner "sleep" { duration = data.null.word.output }
        }
        """,
    )

    unasked = run_cotta("validate", "t.pkr.hcl")
    asked = run_cotta("validate", "-evaluate-datasources", "t.pkr.hcl")

    assert unasked.status == 0
    assert asked.status == 1
    assert '"soon" is no duration' in asked.stderr


def test_validate_here_looks_at_both_kinds_of_files() -> None:
    write("t.pkr.hcl", TEMPLATE.replace("eu-west-1", "") + "wrong {}")
    write("main.tf", "resourc x {}")

    ended = run_cotta("validate", "-json")

    record = json.loads(ended.stdout)
    assert ended.status == 1
    assert [one["range"]["filename"] for one in record["diagnostics"]] == ["t.pkr.hcl", "main.tf"]


def test_validate_says_both_are_fine() -> None:
    write("t.pkr.hcl", TEMPLATE)
    write("main.tf", "locals {\n  a = 1\n}\n")

    ended = run_cotta("validate")

    assert ended.stdout == "The configuration is valid.\nSuccess! The configuration is valid.\n\n"


def test_validate_prints_every_mistake_with_its_place() -> None:
    write("t.pkr.hcl", NULL + 'build {\n  sources = ["null.bx"]\n  provisioner "shel" {}\n}\n')

    ended = run_cotta("validate", "t.pkr.hcl")

    assert ended.status == 1
    assert ended.stdout == ""
    assert (
        ended.stderr
        == """
╷
│ Error: Unknown source
│
│   on t.pkr.hcl line 6, in build:
│    6:   sources = ["null.bx"]
│                    ^^^^^^^^^
│
│ No source "null.bx" is declared. Did you mean "null.box"?
╵

╷
│ Error: Unknown provisioner type
│
│   on t.pkr.hcl line 7, in build:
│    7:   provisioner "shel" {}
│                     ^^^^^^
│
│ There is no provisioner "shel" here. There is "breakpoint", "file",
│ "shell", "shell-local", "sleep". Did you mean "shell"?
╵
"""
    )


def test_validate_tells_programs_in_packer_s_lines() -> None:
    write("t.pkr.hcl", TEMPLATE + 'variable "u" {}\n')

    before = run_cotta("-machine-readable", "validate", "t.pkr.hcl")
    after = run_cotta("validate", "-machine-readable", "-var", "u=1", "t.pkr.hcl")

    assert before.status == 1
    assert before.stdout.partition(",")[2].startswith(
        ',ui,error,╷\\n│ Error: Unset variable "u"\\n│'
    )
    assert "%!(PACKER_COMMA)" in before.stdout
    assert before.stdout.count("\n") == 1
    assert after.stdout.partition(",")[2] == ",ui,say,The configuration is valid.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope.pkr.hcl"], "There is no file or folder"),
        (["old.json"], "packer hcl2_upgrade old.json"),
        (["-config-type=xml", "t.pkr.hcl"], "hcl2 only"),
        (["-var-file=nope", "t.pkr.hcl"], '"nope" can\'t be read'),
        (["-var", "x", "t.pkr.hcl"], "write -var name=value"),
        (["-only=x", "t.pkr.hcl"], 'No build is named as -only="x" says'),
        (["t.pkr.hcl", "u.pkr.hcl"], "Name one template or folder"),
    ],
)
def test_validate_explains_what_it_was_asked_in_vain(arguments: list[str], says: str) -> None:
    write("t.pkr.hcl", TEMPLATE)
    write("old.json", "{}")

    ended = run_cotta("validate", *arguments)

    assert ended.status == 1
    assert says in " ".join(ended.stderr.replace("│", "").split())


def test_values_of_files_are_found_beside_the_template() -> None:
    write("images/t.pkr.hcl", TEMPLATE)
    write("images/b.auto.pkrvars.hcl", 'region = "hcl"')
    write("images/a.auto.pkrvars.json", '{"region": "json", "secret": "s"}')
    write("more.hcl", 'region = "named"\nunknown = 1')

    automatic = run_cotta("console", "images", stdin="var.region\n")
    named = run_cotta("console", "-var-file=more.hcl", "images", stdin="var.region")
    validated = run_cotta("validate", "-var-file=more.hcl", "images")
    silent = run_cotta("validate", "-no-warn-undeclared-var", "-var-file=more.hcl", "images")

    assert (automatic.stdout, named.stdout) == ("json\n", "named\n")
    assert "Undefined variable" in validated.stdout
    assert silent.stdout == "The configuration is valid.\n"


def test_inspect_lists_what_there_is() -> None:
    write("t.pkr.hcl", TEMPLATE)

    text = run_cotta("inspect", "-var", "region=eu-west-1", "t.pkr.hcl")
    lines = run_cotta("inspect", "-machine-readable")
    record = json.loads(run_cotta("inspect", "-json").stdout)

    assert text.stdout == INSPECTED
    assert lines.stdout.count("\n") == 3
    assert record["variables"]["secret"] == {"value": None, "sensitive": True, "unknown": False}
    assert record["builds"][0]["sources"] == ["null.a", "null.b"]


def test_inspect_shows_what_has_no_value() -> None:
    write("t.pkr.hcl", NULL + 'variable "u" {}\nlocals {\n  a = [var.u]\n}\n')

    ended = run_cotta("inspect", "t.pkr.hcl")

    assert ended.status == 0
    assert 'var.u: "<unknown>"' in ended.stdout


def test_console_answers_as_packer_s() -> None:
    write("t.pkr.hcl", TEMPLATE)

    answers = run_cotta(
        "console",
        "t.pkr.hcl",
        stdin="var.region\nvar.secret\nupper(local.stamp)\nlocal.both\n[]\npacker.version\n"
        "type(var.names)\nexit\n1\n",
    )
    listing = run_cotta("console", "t.pkr.hcl", stdin="variables\n")
    wrong = run_cotta("console", "t.pkr.hcl", stdin="var.regoin\n")

    assert answers.stdout.splitlines() == [
        "us-east-1",
        "<sensitive>",
        "X-US-EAST-1",
        "{",
        '  "list" = [',
        "    true,",
        "  ]",
        '  "secret" = "<sensitive>"',
        "}",
        "[]",
        "1.16.0",
        "tuple([",
        "    string,",
        "    string,",
        "])",
    ]
    assert listing.stdout.startswith("> input-variables:\n\nvar.names: ")
    assert wrong.status == 1
    assert 'Did you mean "region"?' in wrong.stderr


def test_console_without_a_template_has_packer_s_functions_if_asked() -> None:
    ended = run_cotta("console", "-config-type=hcl2", stdin='clean("x")\nlegacy_isotime("2006")\n')

    assert ended.status == 1
    assert ended.stdout.strip().isdigit()


def test_init_holds_plugins_against_what_is_built_in() -> None:
    write(
        "t.pkr.hcl",
        NULL
        + """
        packer {
          required_plugins {
            amazon  = { version = ">= 1.3.0", source = "github.com/hashicorp/amazon" }
            ansible = { version = "~> 1", source = "github.com/hashicorp/ansible" }
          }
        }
        """,
    )

    ended = run_cotta("init", ".")

    assert ended.status == 0
    assert ended.stdout.startswith(
        "Plugin github.com/hashicorp/amazon is built in, with the options of version 1.8.2.\n"
    )
    assert '"github.com/hashicorp/ansible" is not built in' in ended.stdout


def test_fmt_knows_templates_and_their_values() -> None:
    write("t.pkr.hcl", 'variable "a" {\ntype=string\n}\n')
    write("v.pkrvars.hcl", "a=1\n")

    check = run_cotta("fmt", "-check", ".")
    run_cotta("fmt", ".")

    assert (check.status, check.stdout.split()) == (3, ["t.pkr.hcl", "v.pkrvars.hcl"])
    assert Path("t.pkr.hcl").read_text() == 'variable "a" {\n  type = string\n}\n'
