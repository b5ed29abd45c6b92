"""Addresses and prefixes of IP networks."""

from __future__ import annotations

from ipaddress import IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.hcl.functions.networks import format_network, parse_prefix
from tests.support.calling import result_of
from tests.support.values import a_list


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('cidrhost("10.12.112.0/20", 16)', "10.12.112.16"),
        ('cidrhost("10.12.112.0/20", -1)', "10.12.127.255"),
        ('cidrhost("fd00:fd12:3456:7890::/72", 34)', "fd00:fd12:3456:7890::22"),
        ('cidrhost("010.001.0.0/8", 1)', "10.0.0.1"),
        ('cidrnetmask("172.16.0.0/12")', "255.240.0.0"),
        ('cidrsubnet("172.16.0.0/12", 4, 2)', "172.18.0.0/16"),
        ('cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', "fd00:fd12:3456:7800:a200::/72"),
        ('cidrsubnet("10.0.0.0/8", -1, 0)', "10.0.0.0/7"),
        (
            'cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)',
            a_list("10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"),
        ),
        ('cidrsubnets("0.0.0.0/0", 1, 1)', a_list("0.0.0.0/1", "128.0.0.0/1")),
        ('cidrhost("::ffff:10.0.0.0/104", 5)', "10.0.0.5"),
    ],
)
def test_result(call: str, expected: object) -> None:
    assert result_of(call) == expected


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('cidrhost("10.0.0.0/30", 4)', "Error in function call"),
        ('cidrhost("10.0.0.0/8", 1.5)', "Error in function call"),
        ('cidrhost("::/64", 18446744073709551616)', "Error in function call"),
        ('cidrnetmask("::/64")', "Error in function call"),
        ('cidrsubnet("10.0.0.0/8", 1, 2)', "Error in function call"),
        ('cidrsubnet("10.0.0.0/8", 16, -1)', "Error in function call"),
        ('cidrsubnet("10.0.0.0/8", 25, 0)', "Error in function call"),
        ('cidrsubnets("10.0.0.0/8", 1, 1, 1)', "Invalid function argument"),
        ('cidrsubnets("10.0.0.0/8", 33)', "Invalid function argument"),
        ('cidrsubnets("10.0.0.0", 1)', "Invalid function argument"),
    ],
)
def test_refused(call: str, summary: str) -> None:
    assert str(result_of(call)).startswith(summary)


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 128))
def test_networks_agree_with_pythons_own(address: int, length: int) -> None:
    network = IPv6Network((address, length), strict=False)
    parsed = parse_prefix(network.with_prefixlen)

    assert parsed is not None
    assert parsed.address == int(network.network_address)
    if network.network_address.ipv4_mapped is None:
        assert format_network(parsed) == network.with_prefixlen


@given(st.text("0123456789abcdef:./", max_size=24))
def test_any_text_is_a_prefix_or_none(text: str) -> None:
    parsed = parse_prefix(text)

    assert parsed is None or parse_prefix(format_network(parsed)) is not None
