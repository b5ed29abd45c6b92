"""The kinds of blocks by name: those that there are, and those of Packer's that there are not.

`docs/howto` says how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.builder.options.amazon_ebs import AMAZON_EBS
from cotta.builder.options.data_sources import AMAZON_AMI, AMAZON_AMI_ANSWER, NULL_ANSWER
from cotta.builder.options.data_sources import NULL as NULL_DATA
from cotta.builder.options.local_sources import FILE as FILE_SOURCE
from cotta.builder.options.local_sources import NULL as NULL_SOURCE
from cotta.builder.options.post_processors import ARTIFICE, CHECKSUM, MANIFEST
from cotta.builder.options.provisioners import BREAKPOINT, FILE, SHELL, SHELL_LOCAL, SLEEP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.options.declare import Schema
    from cotta.values.types import ObjectType


@dataclass(frozen=True, slots=True)
class DataKind:
    """A data source: what may be written in it, and the type of its answer."""

    schema: Schema
    answer: ObjectType


SOURCES: Final[Mapping[str, Schema]] = {
    "amazon-ebs": AMAZON_EBS,
    "file": FILE_SOURCE,
    "null": NULL_SOURCE,
}
PROVISIONERS: Final[Mapping[str, Schema]] = {
    "breakpoint": BREAKPOINT,
    "file": FILE,
    "shell": SHELL,
    "shell-local": SHELL_LOCAL,
    "sleep": SLEEP,
}
POST_PROCESSORS: Final[Mapping[str, Schema]] = {
    "artifice": ARTIFICE,
    "checksum": CHECKSUM,
    "manifest": MANIFEST,
    "shell-local": SHELL_LOCAL,
}
DATA_SOURCES: Final[Mapping[str, DataKind]] = {
    "amazon-ami": DataKind(AMAZON_AMI, AMAZON_AMI_ANSWER),
    "null": DataKind(NULL_DATA, NULL_ANSWER),
}

# Known by name, and why each is not here or what to do instead.
_EBS_ONLY: Final = 'Images of Amazon\'s are made with "amazon-ebs" here.'
_WINDOWS: Final = "Windows machines are not supported."
ABSENT_SOURCES: Final[Mapping[str, str]] = {
    "amazon-chroot": _EBS_ONLY,
    "amazon-ebssurrogate": _EBS_ONLY,
    "amazon-ebsvolume": _EBS_ONLY,
    "amazon-instance": _EBS_ONLY,
    "docker": "Images of containers are not made here, but images of machines.",
}
ABSENT_PROVISIONERS: Final[Mapping[str, str]] = {
    "ansible": 'Call ansible-playbook from a "shell-local" provisioner, or install it with '
    '"shell" and run it on the machine.',
    "ansible-local": 'Install Ansible with a "shell" provisioner and run it there.',
    "hcp-sbom": "There is no HCP here; the packages of an image are recorded anyway.",
    "powershell": _WINDOWS,
    "windows-restart": _WINDOWS,
    "windows-shell": _WINDOWS,
}
ABSENT_POST_PROCESSORS: Final[Mapping[str, str]] = {
    "amazon-import": "An image is made on a machine here, not uploaded.",
    "compress": 'Call tar, gzip or zip from a "shell-local" post-processor.',
    "provenance": "Statements about an image are not signed yet.",
}
ABSENT_DATA_SOURCES: Final[Mapping[str, str]] = {
    "amazon-parameterstore": 'Fetch the value with "aws ssm get-parameter" and give it with -var.',
    "amazon-secretsmanager": 'Fetch the secret with "aws secretsmanager get-secret-value" and '
    "give it in a sensitive variable: PKR_VAR_name.",
    "hcp-packer-artifact": "There is no HCP here.",
    "hcp-packer-image": "There is no HCP here.",
    "hcp-packer-iteration": "There is no HCP here.",
    "hcp-packer-version": "There is no HCP here.",
    "http": 'Fetch the document with "curl" and give it with -var, or read it with file().',
}

# Plugins of `required_plugins` whose kinds are native, by address, and the version whose options
# they have; "" is Packer itself.
NATIVE_PLUGINS: Final[Mapping[str, str]] = {"github.com/hashicorp/amazon": "1.8.2"}
