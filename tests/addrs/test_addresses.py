"""Addresses from text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.addrs.parse import (
    parse_config_resource,
    parse_instance,
    parse_module,
    parse_provider_config,
    parse_target,
    split_source,
)
from cotta.addrs.providers import BUILTIN, ProviderConfig, ProviderSource
from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    ConfigResource,
    Mode,
    ModuleStep,
    Resource,
)
from cotta.diagnostics import Diagnostics
from cotta.values.value import make_string

WEB = Resource(Mode.MANAGED, "aws_instance", "web")
NET = ModuleStep("net", "eu")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("module.net", (ModuleStep("net"),)),
        ('module.net["eu"].module.sub[1]', (NET, ModuleStep("sub", 1))),
        ("aws_instance.web", AbsResource((), WEB)),
        ("resource.aws_instance.web", AbsResource((), WEB)),
        ("aws_instance.web[0]", AbsResource((), WEB).instance(0)),
        ("aws_instance.web.0", AbsResource((), WEB).instance(0)),
        ("aws_instance.web[1e1]", AbsResource((), WEB).instance(10)),
        (r'aws_instance.web["a\"b\u00e9$${x}"]', AbsResource((), WEB).instance('a"bé${x}')),
        (
            'module.net["eu"].data.aws_ami.app',
            AbsResource((NET,), Resource(Mode.DATA, "aws_ami", "app")),
        ),
    ],
)
def test_target(text: str, expected: object) -> None:
    diags = Diagnostics()

    found = parse_target(text, diags)

    assert list(diags) == []
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "summary", "column"),
    [
        ("", "Variable name required", 1),
        ("foo", "Invalid address", 1),
        ("foo[", "Index value required", 5),
        ('c.d["x"', "Unclosed index brackets", 8),
        ("c.d[-1]", "Index value required", 5),
        ("c.d[1.5]", "Invalid address", 4),
        ("c.d[9223372036854775808]", "Invalid address", 4),
        ("c.d[a]", "Index value required", 5),
        ("c.d[0].id", "Invalid address", 8),
        ("c.d x", "Invalid character", 4),
        ("a.b.c", "Invalid address", 5),
        ("data.a", "Invalid address", 6),
        ("var.x", "Invalid address", 1),
        ("module", "Invalid address operator", 1),
        ("module.n[*].c.d", "Attribute name required", 10),
        ('c.d["${x}"]', "Invalid template interpolation", 6),
    ],
)
def test_mistakes_have_terraforms_summaries(text: str, summary: str, column: int) -> None:
    diags = Diagnostics()

    assert parse_target(text, diags) is None

    [mistake] = diags
    assert mistake.subject is not None
    assert (mistake.summary, mistake.subject.first.column) == (summary, column)


def test_other_parsers_refuse_what_names_something_else() -> None:
    diags = Diagnostics()

    assert parse_instance("module.net", diags) is None
    assert parse_module("a.b", diags) is None
    assert parse_config_resource("a.b[0]", diags) is None
    assert len(diags) == 3


def test_block_of_a_resource_has_no_keys() -> None:
    found = parse_config_resource('module.net["eu"].aws_instance.web', Diagnostics())

    assert found == ConfigResource(("net",), WEB)


AWS = ProviderSource("registry.terraform.io", "hashicorp", "aws")
LEGACY = ProviderSource("registry.terraform.io", "-", "aws")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('provider["registry.terraform.io/hashicorp/aws"]', ProviderConfig((), AWS)),
        ('provider["terraform.io/builtin/terraform"]', ProviderConfig((), BUILTIN)),
        (
            'module.a.module.b.provider["registry.terraform.io/hashicorp/aws"].west',
            ProviderConfig(("a", "b"), AWS, "west"),
        ),
        ("provider.aws.west", ProviderConfig((), LEGACY, "west")),
        ("module.a.provider.aws", ProviderConfig(("a",), LEGACY)),
        ("gaga", None),
        ("provider", None),
        ("provider[0]", None),
        ('provider["a/b/c/d"]', None),
        ('provider["a/b"].x.y', None),
    ],
)
def test_provider_config(text: str, expected: ProviderConfig | None) -> None:
    diags = Diagnostics()

    assert parse_provider_config(text, diags) == expected
    assert diags.has_errors == (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws", AWS),
        ("hashicorp/AWS", AWS),
        ("example.com/acme/box", ProviderSource("example.com", "acme", "box")),
        ("-/aws", ProviderSource("registry.terraform.io", "-", "aws")),
        ("a//b", None),
    ],
)
def test_source(text: str, expected: ProviderSource | None) -> None:
    assert split_source(text) == expected


NAMES = st.from_regex(r"[a-z_][a-z0-9_-]*", fullmatch=True).filter(
    lambda name: name not in ("module", "data", "ephemeral", "resource", "var", "local", "each")
)
KEYS = st.none() | st.integers(0, 2**63 - 1) | st.text(max_size=6).map(make_string)
MODULES = st.lists(st.builds(ModuleStep, NAMES, KEYS), max_size=3).map(tuple)
INSTANCES = st.builds(
    AbsResourceInstance,
    st.builds(AbsResource, MODULES, st.builds(Resource, st.sampled_from(Mode), NAMES, NAMES)),
    KEYS,
)


@given(INSTANCES)
def test_printed_address_is_read_back(address: AbsResourceInstance) -> None:
    diags = Diagnostics()

    found = parse_instance(str(address), diags)

    assert list(diags) == []
    assert found == address
    assert found is not None
    assert found.key == address.key
    assert found.module == address.module


@given(st.text(alphabet='module.ab["$%{}\\]0*- \n', max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    diags = Diagnostics()

    assert (parse_target(text, diags) is None) == diags.has_errors
