"""The rules by which a machine becomes an image, on a tree made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.region.imagestore.cleaning import clean, matches
from cotta.region.imagestore.rules import (
    RULES,
    Knowledge,
    rules_without,
    with_password_day,
    without_crontab_dates,
    without_temporary_keys,
)
from tests.support.image_trees import a_tree, contents

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY = "ssh-ed25519 AAAAC3Nztemporary packer_1"
KNOWLEDGE = Knowledge(temporary_keys=frozenset({TEMPORARY}), day=20000)

# By rule: what is there before, and what is left of it.
CASES: dict[str, tuple[dict[str, str | None], dict[str, str | None]]] = {
    "runtime": (
        {"run/x/y": "1", "tmp/.x": "2", "dev/null": "3"}, {"dev": None, "run": None, "tmp": None}
    ),
    "machine-id": (
        {"etc/machine-id": "abc\n", "var/lib/dbus/machine-id": "-> /etc/machine-id"},
        {"etc/machine-id": "", "var/lib/dbus": None},
    ),
    "host-name": (
        {"etc/hostname": "x", "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 x.y x\n::1 y\n"},
        {"etc/hosts": "127.0.0.1 localhost\n::1 y\n"},
    ),
    "host-keys": (
        {
            "etc/ssh/ssh_host_rsa_key": "1", "etc/ssh/ssh_host_rsa_key.pub": "2",
            "etc/ssh/sshd_config": "3",
        },
        {"etc/ssh/sshd_config": "3"},
    ),
    "temporary-keys": (
        {
            "home/admin/.ssh/authorized_keys": f"ssh-rsa AAAAB3kept me\n{TEMPORARY}\n",
            "root/.ssh/authorized_keys": 'command="x y" ssh-ed25519 AAAAC3Nztemporary other\n',
        },
        {"home/admin/.ssh/authorized_keys": "ssh-rsa AAAAB3kept me\n", "root/.ssh": None},
    ),
    "first-boot": (
        {"var/lib/cotta/instance": "i-1", "var/lib/cloud/instances/i-1/x": "1"},
        {"var/lib/cotta": None, "var/lib/cloud": None},
    ),
    "random-seed": ({"var/lib/systemd/random-seed": "1"}, {"var/lib/systemd": None}),
    "leases": ({"var/lib/dhcp/dhclient.eth0.leases": "1"}, {"var/lib/dhcp": None}),
    "clocks": (
        {"var/lib/systemd/timers/stamp-x.timer": "1"}, {"var/lib/systemd/timers": None}
    ),
    "logs": (
        {
            "var/log/nginx/access.log": "1", "var/log/dpkg.log": "2", "var/log/syslog.1": "3",
            "var/log/wtmp": "4", "var/log/journal/abc/system.journal": "5", "var/log/README": "6",
        },
        {"var/log/nginx": None, "var/log/wtmp": "", "var/log/journal": None, "var/log/README": "6"},
    ),
    "shell-history": ({"root/.bash_history": "1", "root/.bashrc": "2"}, {"root/.bashrc": "2"}),
    "package-caches": (
        {
            "var/lib/apt/lists/x_InRelease": "1", "var/cache/apt/pkgcache.bin": "2",
            "var/lib/apt/extended_states": "3",
        },
        {"var/lib/apt/lists": None, "var/cache/apt": None, "var/lib/apt/extended_states": "3"},
    ),
    "caches": ({"var/cache/ldconfig/aux-cache": "1"}, {"var/cache/ldconfig": None}),
    "backups": ({"etc/passwd-": "1", "etc/passwd": "2"}, {"etc/passwd": "2"}),
    "python-caches": (
        {"usr/lib/a/__pycache__/b.pyc": "1", "__pycache__/c": "2", "usr/lib/a/b.py": "3"},
        {"usr/lib/a/b.py": "3"},
    ),
    "package-dates": (
        {
            "var/lib/dnf/history.sqlite": "1", "var/lib/dnf/history.sqlite-wal": "2",
            "var/lib/rpm/rpmdb.sqlite": "no database",
        },
        {"var/lib/dnf": None, "var/lib/rpm/rpmdb.sqlite": "no database"},
    ),
    "crontab-dates": (
        {"var/spool/cron/crontabs/app": "# (- installed on Sun Nov 29 2026)\n@daily true\n"},
        {"var/spool/cron/crontabs/app": "@daily true\n"},
    ),
    "password-dates": ({"etc/shadow": "root:*:20400:0\n"}, {"etc/shadow": "root:*:20000:0\n"}),
}  # fmt: skip


def test_every_rule_has_a_case() -> None:
    assert list(CASES) == [rule.name for rule in RULES]


@pytest.mark.parametrize("name", CASES)
def test_rule_takes_out_what_it_says_and_nothing_else(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    tree = a_tree(tmp_path / "tree", before)
    expected = a_tree(tmp_path / "expected", after)

    clean(tree, [rule for rule in RULES if rule.name == name], KNOWLEDGE)

    assert contents(tree) == contents(expected)


@pytest.mark.parametrize("name", CASES)
def test_rule_can_be_switched_off(name: str, tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", CASES[name][0])
    before = contents(tree)

    clean(tree, rules_without(*(other for other in CASES if other != name), name), KNOWLEDGE)

    assert contents(tree) == before


def test_switch_that_no_rule_has_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="no-such-rule"):
        rules_without("no-such-rule")


def test_cleaning_twice_changes_nothing_more(tmp_path: Path) -> None:
    everything = {name: text for before, _ in CASES.values() for name, text in before.items()}
    tree = a_tree(tmp_path / "tree", everything)
    clean(tree, RULES, KNOWLEDGE)
    once = contents(tree)

    clean(tree, RULES, KNOWLEDGE)

    assert contents(tree) == once


def test_links_lead_nowhere(tmp_path: Path) -> None:
    host = a_tree(tmp_path / "host", {"ssh_host_rsa_key": "the host's", "shadow": "a:*:99999:\n"})
    tree = a_tree(
        tmp_path / "tree",
        {
            "etc/ssh": f"-> {host}",
            "etc/shadow": f"-> {host}/shadow",
            "etc/machine-id": f"-> {host}/shadow",
            "var/log": f"-> {host}",
            "tmp": f"-> {host}",
        },
    )
    before = contents(host)

    clean(tree, RULES, KNOWLEDGE)

    assert contents(host) == before


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/a/*.log", ["/a/x.log"]),
        ("/a/**/*.log", ["/a/x.log", "/a/b/y.log", "/a/b/c/z.log"]),
        ("/**/c", ["/a/b/c"]),
        ("/a/b/c", ["/a/b/c"]),
        ("/nothing/*", []),
    ],
)
def test_patterns(pattern: str, expected: list[str], tmp_path: Path) -> None:
    tree = a_tree(tmp_path, {"a/x.log": "", "a/b/y.log": "", "a/b/c/z.log": ""})

    assert [found.removeprefix(str(tree)) for found in matches(tree, pattern)] == expected


def test_keys_are_told_by_the_key_alone() -> None:
    kept = b"# a comment\nssh-ed25519 AAAAC3Nzother packer_1\n"

    assert without_temporary_keys(kept, KNOWLEDGE) == kept
    assert without_temporary_keys(b"ssh-ed25519 AAAAC3Nztemporary\n", KNOWLEDGE) is None


def test_password_dates_before_the_day_stay() -> None:
    shadow = b"root:*:19000:0:99999:7:::\nnobody:*::\nbroken\nadmin:!:20400:0\n"

    assert with_password_day(shadow, KNOWLEDGE) == shadow.replace(b"20400", b"20000")


def test_a_crontab_does_not_say_when_it_was_written() -> None:
    kept = b"# DO NOT EDIT THIS FILE\n# (my own comment)\n0 4 * * * /usr/bin/true\n"
    said = b"# (- installed on Sun Nov 29 23:00:12 2026)\n"

    assert without_crontab_dates(said + kept, KNOWLEDGE) == kept
