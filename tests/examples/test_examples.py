"""The examples are what they say, and keep to the practices."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    import pytest

EXAMPLES: Final = Path(__file__).parents[2] / "examples"

# The article's files, as it prints them.
_ARTICLE: Final = {
    "app.pkr.hcl": "810003f48cc540f610cfd56c703801f540ea1f7e9be60b8a5f35e147ed6186b7",
    "main.tf": "aee2e21e844ed68a15a4367f0499866e258a7014a554d1a0a3b6c778e8125088",
}


def test_the_articles_files_are_the_articles() -> None:
    found = {
        name: hashlib.sha256((EXAMPLES / "article" / name).read_bytes()).hexdigest()
        for name in _ARTICLE
    }

    assert found == _ARTICLE


def test_the_web_fleet_keeps_to_the_practices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / "web-fleet")

    ended = run_cotta("check", "-strict")

    assert (ended.status, ended.stderr) == (0, ""), ended.stdout
    assert "The practices are kept." in ended.stdout


def test_the_web_fleet_is_in_the_canonical_style(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / "web-fleet")

    assert run_cotta("fmt", "-check", "-recursive").stdout == ""


def test_the_article_keeps_to_the_practices_that_stop_a_ship(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(EXAMPLES / "article")

    assert run_cotta("check").status == 0
