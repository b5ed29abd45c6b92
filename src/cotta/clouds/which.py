"""Which cloud is meant, and how it is reached.  Data: nothing here connects to anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

VARIABLE: Final = "COTTA_CLOUD"


class Cloud(Enum):
    """LOCAL never touches an account; AWS is wherever the standard credential chain leads."""

    LOCAL = "local"
    AWS = "aws"


class UnknownCloudError(Exception):
    """A name that is no cloud's."""


def choose_cloud(flag: str | None, environment: Mapping[str, str]) -> Cloud:
    """Return the cloud that `-cloud` names, else COTTA_CLOUD, else the local one.

    Raises UnknownCloudError, with a sentence on where the name came from.
    """
    name, origin = flag, "-cloud"
    if name is None:
        name, origin = environment.get(VARIABLE) or Cloud.LOCAL.value, VARIABLE
    try:
        return Cloud(name)
    except ValueError:
        known = " or ".join(f'"{one.value}"' for one in Cloud)
        raise UnknownCloudError(f'{origin} is "{name}", and it needs to be {known}.') from None


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key; `token` goes with temporary ones."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role to assume before anything else; `duration` None is AWS's own, an hour."""

    arn: str
    session_name: str | None = None
    external_id: str | None = None
    duration: timedelta | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a cloud is reached: what is None is found as AWS's own programs find it.

    With `keys` and `endpoint` of a local region, nothing of the environment or
    of shared configuration files has a say.  `endpoints` is by the service's name
    and goes before `endpoint`; `roles` are assumed one after another.
    `attempts` counts the first one too.
    """

    cloud: Cloud
    region: str | None = None
    endpoint: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    keys: Keys | None = None
    profile: str | None = None
    config_files: tuple[str, ...] = ()
    credentials_files: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    attempts: int = 25
    retry_mode: str = "standard"
    ca_bundle: str | None = None
    http_proxy: str | None = None
    https_proxy: str | None = None
    verify_tls: bool = True
    use_dualstack: bool = False
    use_fips: bool = False
