"""Rules on what a machine is given at launch, and on who may change it afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Severity
from cotta.hcl.references import calls_in, variables_in
from cotta.practices.model import Finding, Rule
from cotta.practices.reading import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.practices.reading import Reading
    from cotta.practices.subjects import Configured, Subject

INSTALLS: Final = Rule(
    id="CT006",
    title="User data installs software",
    why="What is installed at launch is whatever the mirror has that day: instances of one image "
    "differ, they start slowly, and they don't start at all when the mirror is down.",
    remedy="Install it in the image's template, and leave to user data what differs per "
    "environment.",
)
LARGE: Final = Rule(
    id="CT007",
    title="User data is large",
    why="User data is for a few settings; AWS takes 16 KiB at most. What is more is configuration "
    "that nobody has tested in the image.",
    remedy="Bake it into the image, or read it from a parameter at start.",
)
VARIES: Final = Rule(
    id="CT008",
    title="User data differs at every plan",
    why="It makes a new launch template version each time, and the fleet is rolled for nothing.",
    remedy="Leave out what changes by itself: `timestamp`, `plantimestamp`, `uuid`, `bcrypt`.",
)
MUTATES: Final = Rule(
    id="CT013",
    title="Provisioner that changes a running machine",
    severity=Severity.ERROR,
    why="What is done to one machine after it has started is in no image: its successor lacks it, "
    "and a rollback does not undo it.",
    remedy="Do it in the image's template, and roll.",
)
SECRET: Final = Rule(
    id="CT015",
    title="Secret where everybody can read it",
    severity=Severity.ERROR,
    why="Every process of a machine can read its user data, and everybody with the image can read "
    "its files; both are kept for as long as a version or snapshot is.",
    remedy="Give the machine a role, and read the secret at start from where it is kept.",
)
OPEN_SSH: Final = Rule(
    id="CT016",
    title="SSH open to the world",
    severity=Severity.ERROR,
    why="Nobody logs in to a machine that is never edited; who tries to is not one of yours.",
    remedy="Leave the port closed, or let in one network of your own.",
)
IMDS_V1: Final = Rule(
    id="CT017",
    title="Instance metadata without a token",
    why="Version 1 of the metadata service answers any request that a web application can be "
    "talked into making, credentials included.",
    remedy='Write `metadata_options { http_tokens = "required" }`.',
)

_INSTALLERS: Final = re.compile(
    r"\b(apt(-get)?|yum|dnf|zypper|apk|snap|pip3?|npm|gem|cargo)\s+(-\S+\s+)*(install|add)\b"
    r"|\b(curl|wget)\b[^\n|]*\|\s*(sudo\s+)?(ba)?sh\b"
    r"|^\s*(packages|package_upgrade):",
    re.MULTILINE,
)
# AWS's limit is 16 KiB, before base64.
_LIMIT: Final = 16 * 1024
_LARGE: Final = 4 * 1024

_IMPURE: Final = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt"})
SECRET_TEXT: Final = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(ghp|gho|ghs)_[A-Za-z0-9]{36}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
)

# What reaches into machines from the outside.
_REACHING: Final = re.compile(r"\b(ssh|scp|sftp|rsync|ansible(-playbook)?|knife|salt-ssh|bolt)\b")


def check_user_data(configured: Configured) -> Iterator[Finding]:
    """Yield what user data does that an image should."""
    for subject in configured.of_type("aws_launch_template", "aws_instance"):
        for name in ("user_data", "user_data_base64"):
            if subject.body.attribute(name) is not None:
                yield from _user_data(configured, subject, name)


def _user_data(configured: Configured, subject: Subject, name: str) -> Iterator[Finding]:
    body, address = subject.body, str(subject.address)
    place = body.place(name)
    given = body.text(name)
    if given is not None:
        text = decoded(given)
        found = _INSTALLERS.search(text)
        if found is not None:
            line = _line_of(text, found.start())
            yield Finding(
                rule=INSTALLS, detail=f"It runs `{line}`.", subject=place, address=address
            )
        size = len(text.encode())
        if size > _LARGE:
            more = ", and AWS takes 16,384" if size > _LIMIT else ""
            detail = f"It has {size:,} bytes{more}."
            yield Finding(rule=LARGE, detail=detail, subject=place, address=address)
        if SECRET_TEXT.search(text) is not None:
            detail = "A key or token stands in it as it is."
            yield Finding(rule=SECRET, detail=detail, subject=place, address=address)
    attribute = body.attribute(name)
    assert attribute is not None
    written = configured.behind(subject, attribute.expression)
    impure = sorted({call.name for one in written for call in calls_in(one)} & _IMPURE)
    if impure:
        detail = f"`{impure[0]}()` has another result each time."
        yield Finding(rule=VARIES, detail=detail, subject=place, address=address)
    yield from _sensitive(configured, subject, name)


def _sensitive(configured: Configured, subject: Subject, name: str) -> Iterator[Finding]:
    here = configured.root.descendant(subject.address.module)
    attribute = subject.body.attribute(name)
    if here is None or attribute is None:
        return
    for traversal in variables_in(attribute.expression):
        if traversal.name != "var" or not traversal.steps:
            continue
        variable = here.module.variables.get(getattr(traversal.steps[0], "name", ""))
        if variable is not None and variable.is_sensitive:
            yield Finding(
                rule=SECRET,
                detail=f"The sensitive variable var.{variable.name} goes into it.",
                subject=traversal.range,
                address=str(subject.address),
            )


def _line_of(text: str, start: int) -> str:
    begin = text.rfind("\n", 0, start) + 1
    line = text[begin:].lstrip("\n").split("\n", 1)[0].strip()
    return line if len(line) <= 60 else line[:57] + "..."


def check_provisioners(configured: Configured) -> Iterator[Finding]:
    """Yield provisioners that reach into what runs."""
    for subject in configured.subjects:
        for provisioner in subject.block.provisioners:
            if provisioner.is_destroy:
                continue
            detail = ""
            if provisioner.type in ("remote-exec", "file"):
                detail = f'A "{provisioner.type}" provisioner works on the machine itself.'
            elif provisioner.type == "local-exec":
                reading = replace(subject.body, body=provisioner.body)
                found = _REACHING.search(reading.text("command") or "")
                if found is not None:
                    detail = f"It reaches into machines with `{found[0]}`."
            if detail:
                yield Finding(
                    rule=MUTATES,
                    detail=detail,
                    subject=provisioner.type_range,
                    address=str(subject.address),
                )


def check_metadata(configured: Configured) -> Iterator[Finding]:
    """Yield machines whose metadata needs no token."""
    for subject in configured.of_type("aws_launch_template", "aws_instance"):
        options = subject.body.blocks("metadata_options")
        if any(
            one.text("http_tokens") == "required" or one.text("http_endpoint") == "disabled"
            for one in options
        ):
            continue
        if options and options[0].is_set("http_tokens") and options[0].text("http_tokens") is None:
            continue  # not known yet
        yield Finding(
            rule=IMDS_V1,
            detail="The metadata service answers here without a token.",
            subject=options[0].range if options else subject.block.range,
            address=str(subject.address),
        )


def check_ssh(configured: Configured) -> Iterator[Finding]:
    """Yield security groups that let the world in on port 22."""
    for subject in configured.of_type("aws_security_group"):
        for rule in subject.body.blocks("ingress"):
            yield from _open(rule, subject, "cidr_blocks", "ipv6_cidr_blocks", "protocol")
    for subject in configured.of_type("aws_security_group_rule"):
        if subject.body.text("type") == "ingress":
            yield from _open(subject.body, subject, "cidr_blocks", "ipv6_cidr_blocks", "protocol")
    for subject in configured.of_type("aws_vpc_security_group_ingress_rule"):
        yield from _open(subject.body, subject, "cidr_ipv4", "cidr_ipv6", "ip_protocol")


_WORLD: Final = frozenset({"0.0.0.0/0", "::/0"})
_SSH: Final = 22


def _open(rule: Reading, subject: Subject, four: str, six: str, protocol: str) -> Iterator[Finding]:
    sources = {rule.text(four), rule.text(six), *(rule.texts(four) or ()), *(rule.texts(six) or ())}
    if sources.isdisjoint(_WORLD):
        return
    everything = rule.text(protocol) in ("-1", "all")
    low, high = rule.whole("from_port"), rule.whole("to_port")
    if everything or (low is not None and high is not None and low <= _SSH <= high):
        yield Finding(
            rule=OPEN_SSH,
            detail="Port 22 is open to every address.",
            subject=rule.range,
            address=str(subject.address),
        )
