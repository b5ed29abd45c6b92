"""`{{ }}`: what Go's text/template and Packer's functions make of it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.builder.layer.building import BuildLayer
from cotta.builder.layer.functions import NotYetError, packer_functions
from cotta.builder.model import RenderError


def a_layer() -> BuildLayer:
    started = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)
    return BuildLayer(
        started,
        packer_functions(
            started=started,
            build_name="app",
            build_type="amazon-ebs",
            folder="images",
            working_folder="/work",
            version="1.16.0",
            random=lambda count: bytes(range(count)),
            user_variables={"region": "us-east-1"},
        ),
    )


FIELDS = {
    "Path": "/tmp/script.sh",
    "Vars": "A='1' ",
    "Empty": "",
    "SourceAMITags": {"Name": "base", "OS": "al2023"},
    "List": ["a", "b"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{timestamp}}", "1772627405"),
        ("app-{{ timestamp }}-x", "app-1772627405-x"),
        ("{{isotime}}", "2026-03-04T12:30:05Z"),
        ('{{isotime "2006-01-02"}}', "2026-03-04"),
        ("{{ isotime `20060102150405` }}", "20260304123005"),
        ('{{ strftime "%Y-%m" }}', "2026-03"),
        ("{{ isotime | clean_resource_name }}", "2026-03-04T12-30-05Z"),
        ('{{ clean_resource_name "a:b é" }}', "a-b --"),
        ("{{build_name}} {{build_type}}", "app amazon-ebs"),
        ("{{pwd}} {{template_dir}} {{packer_version}}", "/work images 1.16.0"),
        ("{{uuid}}", "69a825cd-0001-0203-0405-060708090a0b"),
        ("{{user `region`}}", "us-east-1"),
        ('{{split build_type "-" 1}}', "ebs"),
        ('{{ replace "a" "b" 1 "aaa" }} {{ "aaa" | replace_all "a" "b" }}', "baa bbb"),
        ('{{ upper "x" }}{{ lower "Y" }}', "Xy"),
        ("{{ .Vars }} {{ .Path }}", "A='1'  /tmp/script.sh"),
        ("{{ .SourceAMITags.Name }} {{ index .SourceAMITags `OS` }}", "base al2023"),
        ("{{ .SourceAMITags }}", "map[Name:base OS:al2023]"),
        ("{{ if .Empty }}a{{ else if .Vars }}b{{ else }}c{{ end }}", "b"),
        ('{{ if and (eq build_name "app") (not .Empty) }}yes{{ end }}', "yes"),
        ("{{ range .List }}<{{ . }}>{{ end }}", "<a><b>"),
        ("{{ range $i, $e := .List }}{{ $i }}={{ $e }} {{ end }}", "0=a 1=b "),
        ("{{ range .SourceAMITags }}{{ . }};{{ else }}none{{ end }}", "base;al2023;"),
        ("{{ with .SourceAMITags }}{{ .OS }}{{ end }}", "al2023"),
        ("{{ $x := .Path }}{{ $x }}", "/tmp/script.sh"),
        ('{{ printf "%s-%03d" build_name 7 }}', "app-007"),
        ("{{ len .List }} {{ print 1 2 `a` 3 }}", "2 1 2a3"),
        ("a  {{- /* nothing */ -}}  b", "ab"),
        ("a {{- build_name -}} b", "aappb"),
        (r'{{ "a\tb\"c" }}', 'a\tb"c'),
        ("{{ (split `a-b` `-` 1) | upper }}", "B"),
        ("{{ lt 1 2 }} {{ ge `b` `a` }} {{ ne 1 1 }}", "true true false"),
    ],
)  # fmt: skip
def test_a_text_is_filled_in(text: str, expected: str) -> None:
    assert a_layer().render(text, FIELDS) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ timestamp", '"}}" is missing'),
        ("{{ timestmp }}", 'Did you mean "timestamp"?'),
        ("{{ .Pathh }}", 'Did you mean ".Path"?'),
        ("{{ .Path.X }}", "asked of a text"),
        ("{{ }}", "nothing between"),
        ("{{ end }}", "belongs to no if"),
        ("{{ if .Path }}x", "{{ end }} is missing"),
        ("{{ if .A }}x{{ else }}y{{ else }}z{{ end }}", "more than one else"),
        ("{{ env `HOME` }}", 'env("NAME")'),
        ("{{ sed `a` `b` }}", "replace_all"),
        ("{{ vault `a` `b` }}", "-var"),
        ("{{ user `nope` }}", 'no variable "nope"'),
        ('{{ split "a-b" "-" 2 }}', "2 parts"),
        ("{{ upper }}", "0 arguments"),
        ("{{ $x }}", "not set anywhere"),
        ('{{ template "x" }}', "not supported"),
        ("{{ timestamp # }}", "means nothing"),
        ("{{ (timestamp }}", 'A "("'),
        ("{{ range .Path }}{{ end }}", "list or a map"),
        ("{{ 1 | 2 }}", "Only a function"),
    ],
)
def test_a_mistake_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(RenderError) as caught:
        a_layer().render(text, FIELDS)

    assert says in str(caught.value)


def test_what_a_build_has_is_asked_of_it() -> None:
    layer = a_layer()

    assert layer.render("{{ build `ID` }}", generated={"ID": "i-1", "Port": 22}) == "i-1"
    with pytest.raises(NotYetError):
        layer.render("{{ build `ID` }}")
    with pytest.raises(RenderError, match='Did you mean "ID"'):
        layer.render("{{ build `IDD` }}", generated={"ID": "i-1"})


@given(st.text(alphabet="{}.|()$-= `\"'abif rangewithelsend0123/*:,\\", max_size=60))
def test_any_text_is_filled_in_or_refused(text: str) -> None:
    with contextlib.suppress(RenderError):
        assert isinstance(a_layer().render("{{" + text, FIELDS), str)
