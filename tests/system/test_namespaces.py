"""Namespaces that are none; the real ones are entered in tests/boot."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotta.system.namespaces import inside_network, is_network


def test_file_is_no_namespace(tmp_path: Path) -> None:
    (tmp_path / "lost").write_text("")

    assert not is_network(tmp_path / "lost")
    assert not is_network(tmp_path / "never")
    assert is_network(Path("/proc/self/ns/net"))


def test_namespace_that_is_not_there_is_not_entered(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), inside_network(tmp_path / "never"):
        pass
