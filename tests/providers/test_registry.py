"""Which providers there are, and what is said of others."""

from __future__ import annotations

from cotta.addrs.providers import BUILTIN, ProviderSource
from cotta.providers.registry import native_providers
from cotta.system.ids import CountedIds

RANDOM = ProviderSource("registry.terraform.io", "hashicorp", "random")


def test_each_call_makes_a_new_provider() -> None:
    registry = native_providers(CountedIds())

    one, other = registry(BUILTIN), registry(BUILTIN)

    assert one is not None
    assert one is not other


def test_an_unknown_source_is_explained() -> None:
    registry = native_providers(CountedIds())

    assert registry(RANDOM) is None
    assert "hashicorp/random" in registry.explain_missing(RANDOM)
    assert "hashicorp/aws, terraform.io/builtin/terraform" in registry.explain_missing(RANDOM)
