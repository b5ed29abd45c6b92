"""Templates become builds: what each build is made of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cotta.builder.templates.selection import Selection
from cotta.diagnostics.diagnostics import DiagnosticsError
from tests.support.templates import NULL, answer_of, the_build

ARTICLE = Path(__file__).parents[3] / "examples" / "article" / "app.pkr.hcl"


def test_the_article_s_template_is_one_build() -> None:
    build = the_build(ARTICLE.read_text(), files={"dist/index.html": "hello"})

    options = build.source.options
    found = options.block("source_ami_filter")
    assert build.id == "amazon-ebs.app"
    assert options.text("ami_name") == "devcraftly-app-1772627405"
    assert options.text("ssh_username") == "ec2-user"
    assert options.duration("ssh_timeout") == timedelta(minutes=5)
    assert found is not None
    assert found.mapping("filters")["name"] == "al2023-ami-*-x86_64"
    assert found.texts("owners") == ("amazon",)
    assert found.flag("most_recent")
    shell, file = build.provisioners
    assert shell.options({}).texts("inline")[0] == "sudo dnf install -y nginx"
    assert file.options({}).text("destination") == "/tmp/app"


def test_each_source_of_each_block_is_a_build() -> None:
    builds = answer_of(
        """
        source "null" "a" { communicator = "none" }
        source "file" "b" { content = "x" }
        build {
          name    = "web"
          sources = ["source.null.a"]
          source "file.b" {
            name   = "other"
            target = "/tmp/${source.name}-${source.type}"
          }
        }
        build {
          sources = ["null.a"]
        }
        """
    ).builds

    assert [build.id for build in builds] == ["web.null.a", "web.file.other", "null.a"]
    assert builds[1].source.options.text("target") == "/tmp/other-file"
    assert builds[1].source.options.text("content") == "x"


def test_only_except_and_override_are_applied_to_each_build() -> None:
    builds = answer_of(
        """
        source "null" "a" { communicator = "none" }
        source "null" "b" { communicator = "none" }
        build {
          sources = ["null.a", "null.b"]
          provisioner "shell-local" {
            only   = ["null.a"]
            inline = ["first"]
          }
          provisioner "shell-local" {
            except = ["null.a"]
            inline = ["second"]
          }
          provisioner "shell-local" {
            inline   = ["third"]
            override = { b = { inline = ["third of b"] } }
          }
          post-processor "manifest" { only = ["null.b"] }
        }
        """,
    ).builds

    assert [
        [step.options({}).texts("inline")[0] for step in build.provisioners] for build in builds
    ] == [
        ["first", "third"],
        ["second", "third of b"],
    ]
    assert [len(build.post_processors) for build in builds] == [0, 1]


def test_what_a_provisioner_says_of_itself() -> None:
    build = the_build(
        NULL
        + """
        build {
          sources = ["null.box"]
          provisioner "shell-local" {
            name              = "one"
            command           = "true"
            pause_before      = "10s"
            timeout           = "1h30m"
            max_retries       = 3
            continue_on_error = true
          }
          error-cleanup-provisioner "shell-local" { command = "false" }
          post-processors {
            post-processor "artifice" { files = ["a"] }
            post-processor "checksum" {
              checksum_types      = ["sha256"]
              keep_input_artifact = false
            }
          }
          post-processor "manifest" {}
        }
        """
    )

    (step,) = build.provisioners
    assert (step.name, step.pause_before, step.timeout) == (
        "one",
        timedelta(seconds=10),
        timedelta(minutes=90),
    )
    assert (step.max_retries, step.continue_on_error) == (3, True)
    assert build.error_cleanup is not None
    assert [[link.type for link in chain] for chain in build.post_processors] == [
        ["artifice", "checksum"],
        ["manifest"],
    ]
    assert build.post_processors[0][1].keep_input_artifact is False
    assert build.post_processors[0][0].keep_input_artifact is None


def test_what_only_a_running_build_has_is_filled_in_then() -> None:
    build = the_build(
        NULL
        + """
        build {
          name = "n"
          sources = ["null.box"]
          provisioner "shell-local" {
            inline = ["echo ${build.ID} ${build.name} ${build.Host}", "echo {{ build `User` }}"]
          }
        }
        """
    )

    options = build.provisioners[0].options({"ID": "i-12", "User": "root"})

    assert options.texts("inline") == ("echo i-12 n ", "echo root")


def test_a_mistake_that_shows_while_building_is_raised_with_its_place() -> None:
    build = the_build(
        NULL
        + """
        build {
          sources = ["null.box"]
          provisioner "sleep" { duration = "${build.ID}" }
        }
        """
    )

    with pytest.raises(DiagnosticsError) as caught:
        build.provisioners[0].options({"ID": "soon"})

    (only,) = caught.value.diagnostics
    assert only.summary == "Incorrect duration"
    assert only.subject is not None


def test_dynamic_blocks_make_sources_steps_and_options() -> None:
    builds = answer_of(
        """
        variable "names" { default = ["x", "y"] }
        locals { tags = { A = "1", B = "2" } }
        source "amazon-ebs" "app" {
          ami_name      = "app-${source.name}"
          instance_type = "t3.micro"
          source_ami    = "ami-1"
          ssh_username  = "admin"
          dynamic "tag" {
            for_each = local.tags
            content {
              key   = tag.key
              value = "${tag.value} of {{ .SourceAMI }}"
            }
          }
        }
        build {
          dynamic "source" {
            for_each = var.names
            labels   = ["amazon-ebs.app"]
            content { name = source.value }
          }
          dynamic "provisioner" {
            for_each = var.names
            labels   = ["shell"]
            iterator = each
            content { inline = ["echo ${each.value}"] }
          }
        }
        """
    ).builds

    assert [build.id for build in builds] == ["amazon-ebs.x", "amazon-ebs.y"]
    assert [build.source.options.text("ami_name") for build in builds] == ["app-x", "app-y"]
    assert [
        (tag.text("key"), tag.text("value")) for tag in builds[0].source.options.blocks("tag")
    ] == [("A", "1 of {{ .SourceAMI }}"), ("B", "2 of {{ .SourceAMI }}")]
    assert [step.options({}).texts("inline") for step in builds[1].provisioners] == [
        ("echo x",),
        ("echo y",),
    ]


def test_there_is_one_time_for_everything() -> None:
    build = the_build(
        NULL
        + """
        locals { stamp = formatdate("YYYYMMDDhhmmss", timestamp()) }
        build {
          sources = ["null.box"]
          provisioner "shell-local" {
            inline = [
              "${local.stamp} {{ isotime `20060102150405` }}",
              "${unix_timestamp_parse("{{timestamp}}" == "" ? 0 : 1).year}",
            ]
          }
        }
        """
    )

    assert build.provisioners[0].options({}).texts("inline") == (
        "20260304123005 20260304123005",
        "1970",
    )


def test_flags_choose_builds_and_end_chains() -> None:
    template = """
        source "null" "a" { communicator = "none" }
        source "null" "b" { communicator = "none" }
        build {
          name    = "web"
          sources = ["null.a", "null.b"]
          post-processors {
            post-processor "artifice" { files = ["a"] }
            post-processor "checksum" { name = "sums" }
            post-processor "manifest" {}
          }
        }
        """

    def chosen(**flags: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        builds = answer_of(template, selection=Selection(**flags)).builds
        return [
            (build.id, [link.type for chain in build.post_processors for link in chain])
            for build in builds
        ]

    whole = ["artifice", "checksum", "manifest"]
    assert chosen(only=("*.a",)) == [("web.null.a", whole)]
    assert chosen(excluded=("web.null.[b-z]",)) == [("web.null.a", whole)]
    assert chosen(only=("web.null.{a,b}",), excluded=("*b",)) == [("web.null.a", whole)]
    assert chosen(excluded=("sums",)) == [
        ("web.null.a", ["artifice"]),
        ("web.null.b", ["artifice"]),
    ]


def test_sensitive_texts_are_known_to_the_build() -> None:
    build = the_build(
        NULL
        + """
        variable "token" {
          type      = string
          sensitive = true
          default   = "hunter2"
        }
        local "both" {
          expression = { a = "x-${var.token}", b = [base64encode(var.token)] }
          sensitive  = true
        }
        build {
          sources = ["null.box"]
          provisioner "shell-local" { inline = ["echo ${var.token}"] }
        }
        """
    )

    assert build.secrets == {"hunter2", "aHVudGVyMg=="}, "what has one in it is hidden with it"
    assert build.provisioners[0].options({}).texts("inline") == ("echo hunter2",)


def test_a_data_source_is_asked_with_its_options_and_in_order() -> None:
    asked: list[tuple[str, str]] = []

    def read(type_: str, options: object) -> object:
        from cotta.values.value import ObjectValue

        text = options.text("input")  # type: ignore[attr-defined]
        asked.append((type_, text))
        return ObjectValue({"output": f"<{text}>"})

    build = the_build(
        NULL
        + """
        data "null" "second" { input = "after ${local.first}" }
        locals { first = data.null.first.output }
        data "null" "first" { input = "1" }
        build {
          sources = ["null.box"]
          provisioner "shell-local" { command = data.null.second.output }
        }
        """,
        read_data=read,
    )

    assert asked == [("null", "1"), ("null", "after <1>")]
    assert build.provisioners[0].options({}).text("command") == "<after <1>>"


def test_json_says_the_same() -> None:
    build = the_build(
        {
            "t.pkr.json": """{
              "variable": {"name": {"type": "string", "default": "x"}},
              "source": {"amazon-ebs": {"app": {
                "ami_name": "app-${var.name}-{{timestamp}}",
                "instance_type": "t3.micro",
                "source_ami": "ami-1",
                "ssh_username": "admin",
                "tags": {"Name": "a"},
                "launch_block_device_mappings": [
                  {"device_name": "/dev/sda1", "volume_size": 8},
                  {"device_name": "/dev/sdb", "volume_size": 9}
                ]
              }}},
              "build": [{
                "sources": ["source.amazon-ebs.app"],
                "provisioner": [
                  {"shell": {"inline": ["echo ${build.ID}"]}},
                  {"shell": {"inline": ["echo 2"]}}
                ],
                "post-processors": [{"post-processor": [{"manifest": {}}]}]
              }]
            }"""
        }
    )

    assert build.source.options.text("ami_name") == "app-x-1772627405"
    assert [
        each.number("volume_size")
        for each in build.source.options.blocks("launch_block_device_mappings")
    ] == [8, 9]
    assert [step.options({"ID": "i"}).texts("inline") for step in build.provisioners] == [
        ("echo i",),
        ("echo 2",),
    ]
    assert [[link.type for link in chain] for chain in build.post_processors] == [["manifest"]]
