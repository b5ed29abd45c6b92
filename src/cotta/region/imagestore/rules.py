"""What is taken out of a machine before it becomes an image: a list, and each rule has a switch.

A machine has things that belong to it and not to its image: its identity, its keys, its
logs, what it has only cached.  Left in, all machines of the image would share them, and
no two images made alike would be equal.  A rule says what it is about by patterns of paths;
`edits` does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cotta.region.imagestore.rpm_times import without_install_times

# Old content and what a rule may know to new content; None takes the file away.
Edit = Callable[[bytes, "Knowledge"], bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What the rules need to be told.

    `temporary_keys` are lines of `authorized_keys` files that must not stay;
    `day` is the number of the day, since 1970, that dates are set to.
    """

    temporary_keys: frozenset[str] = frozenset()
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Paths and what is done with them: `*` stands for any part of one name, `**/` for any folders.

    `removes` takes things away, with all that is in them; `empties` takes away what is in
    a folder, or in a file; `edit` changes the files of `edits`.
    """

    name: str
    reason: str
    removes: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    edit: Edit | None = None


def without_temporary_keys(content: bytes, knowledge: Knowledge) -> bytes | None:
    """Return an `authorized_keys` file without temporary keys; None if no line is left.

    Two lines are the same key whatever options stand before it and whatever comment after it.
    """
    unwanted = {blob for line in knowledge.temporary_keys for blob in _key_blobs(line)}
    lines = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    kept = [line for line in lines if unwanted.isdisjoint(_key_blobs(line))]
    return "".join(kept).encode("utf-8", "surrogateescape") or None


def _key_blobs(line: str) -> set[str]:
    # Every kind of key begins with its name's length: four bytes, three of them 0.
    return {word for word in line.split() if word.startswith("AAAA")}


def without_own_name(content: bytes, _: Knowledge) -> bytes:
    """Return a `hosts` file without the machine's own name, which first boot puts there."""
    return b"".join(
        line for line in content.splitlines(keepends=True) if line.split()[:1] != [b"127.0.1.1"]
    )


def with_password_day(content: bytes, knowledge: Knowledge) -> bytes:
    """Return a `shadow` file in which no password was changed after the image's time."""
    lines = []
    for line in content.decode("utf-8", "surrogateescape").splitlines(keepends=True):
        fields = line.split(":")
        if len(fields) > 2 and fields[2].isdecimal() and int(fields[2]) > knowledge.day:
            fields[2] = str(knowledge.day)
        lines.append(":".join(fields))
    return "".join(lines).encode("utf-8", "surrogateescape")


def without_crontab_dates(content: bytes, _: Knowledge) -> bytes:
    """Return a user's crontab without the line that says when, and from which file, it came."""
    return b"".join(
        line
        for line in content.splitlines(keepends=True)
        if not (line.startswith(b"# (") and b" installed on " in line)
    )


def with_package_day(content: bytes, knowledge: Knowledge) -> bytes:
    """Return an RPM database in which every package was installed at the image's time."""
    return without_install_times(content, knowledge.day * 86400)


# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    Rule(name="runtime", reason="what exists only while a machine runs",
         empties=("/dev", "/proc", "/run", "/sys", "/tmp", "/var/tmp"),  # noqa: S108 - the machine's
         removes=("/.dockerenv", "/var/lib/systemd/linger/*")),
    Rule(name="machine-id", reason="each machine makes its own at its first boot",
         empties=("/etc/machine-id",),
         removes=("/var/lib/dbus/machine-id",)),
    Rule(name="host-name", reason="each machine is told its own, and its resolver",
         removes=("/etc/hostname", "/etc/resolv.conf"),
         edits=("/etc/hosts",),
         edit=without_own_name),
    Rule(name="host-keys", reason="a private key shared by machines proves nothing",
         removes=("/etc/ssh/ssh_host_*_key", "/etc/ssh/ssh_host_*_key.pub",
                  "/etc/dropbear/dropbear_*_host_key")),
    Rule(name="temporary-keys", reason="the key pair that an image was built with opens no machine",
         edits=("/root/.ssh/authorized_keys", "/home/*/.ssh/authorized_keys"),
         edit=without_temporary_keys),
    Rule(name="first-boot", reason="first boot happens once for each machine",
         removes=("/var/lib/cotta/*", "/var/lib/cloud/*", "/etc/sudoers.d/90-cloud-init-users")),
    Rule(name="random-seed", reason="two machines with one seed would draw the same numbers",
         removes=("/var/lib/systemd/random-seed", "/var/lib/urandom/random-seed",
                  "/var/lib/systemd/credential.secret", "/boot/efi/loader/random-seed")),
    Rule(name="leases", reason="an address belongs to a machine",
         removes=("/var/lib/dhcp/*.leases", "/var/lib/dhclient/*.lease",
                  "/var/lib/NetworkManager/*.lease", "/var/lib/NetworkManager/secret_key",
                  "/var/lib/systemd/network/*")),
    Rule(name="clocks", reason="when something last ran was on another machine",
         removes=("/var/lib/systemd/timers/*", "/var/lib/systemd/timesync/clock",
                  "/var/lib/logrotate/status", "/var/lib/apt/periodic/*",
                  "/var/lib/systemd/rfkill/*", "/var/lib/systemd/coredump/*")),
    Rule(name="logs", reason="what another machine did",
         removes=("/var/log/**/*.log", "/var/log/**/*.gz", "/var/log/**/*.[0-9]",
                  "/var/log/**/*.old", "/var/log/journal/*", "/var/log/dmesg", "/var/log/syslog",
                  "/var/log/messages", "/var/log/cloud-init-output.log",
                  "/var/log/apt/*", "/var/crash/*"),
         # Programs that write to them expect them to be there.
         empties=("/var/log/btmp", "/var/log/wtmp", "/var/log/lastlog", "/var/log/faillog",
                  "/var/log/secure", "/var/log/cron", "/var/log/maillog")),
    Rule(name="shell-history", reason="what a person typed",
         removes=("/root/.*_history", "/home/*/.*_history", "/root/.lesshst", "/home/*/.lesshst",
                  "/root/.viminfo", "/home/*/.viminfo", "/root/.wget-hsts", "/home/*/.wget-hsts",
                  "/home/*/.sudo_as_admin_successful", "/root/.cache/*", "/home/*/.cache/*",
                  "/root/.npm/_*", "/home/*/.npm/_*", "/root/.ansible", "/home/*/.ansible")),
    Rule(name="package-caches", reason="can be fetched again, and is out of date at once",
         removes=("/var/cache/apt/*.bin", "/var/cache/apt/archives/*.deb",
                  "/var/cache/apt/archives/lock", "/var/cache/apt/archives/partial/*",
                  "/var/lib/apt/lists/*", "/var/cache/dnf/*", "/var/cache/yum/*",
                  "/var/lib/apt/lists/partial/*", "/var/lib/dpkg/lock*")),
    Rule(name="caches", reason="is made again when it is missing, and differs each time",
         removes=("/var/cache/ldconfig/aux-cache", "/var/cache/man/*", "/var/cache/fontconfig/*",
                  "/var/cache/debconf/*-old")),
    Rule(name="backups", reason="what files were before the image was made",
         removes=("/etc/passwd-", "/etc/shadow-", "/etc/group-", "/etc/gshadow-", "/etc/subuid-",
                  "/etc/subgid-", "/etc/.pwd.lock", "/var/backups/*", "/var/lib/dpkg/*-old")),
    # Python writes a marshalled object in an order of its own; what is stale is made again.
    Rule(name="python-caches", reason="compiled anew from the source, and seldom twice the same",
         removes=("/**/__pycache__",)),
    Rule(name="package-dates", reason="when packages were installed, and by which commands",
         removes=("/var/lib/dnf/history.sqlite*",),
         edits=("/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                "/root/.rpmdb/rpmdb.sqlite"),
         edit=with_package_day),
    Rule(name="crontab-dates", reason="when a crontab was written, which is said in it",
         edits=("/var/spool/cron/crontabs/*", "/var/spool/cron/*"),
         edit=without_crontab_dates),
    Rule(name="password-dates", reason="the day on which an image was made is not part of it",
         edits=("/etc/shadow",),
         edit=with_password_day),
)
# fmt: on


def rules_without(*names: str) -> tuple[Rule, ...]:
    """Return the rules but for those with these names; `KeyError` for a name that none has."""
    unknown = set(names) - {rule.name for rule in RULES}
    if unknown:
        raise KeyError(*sorted(unknown))
    return tuple(rule for rule in RULES if rule.name not in names)
