"""The one account of a region: who may call it, and what is remembered between calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account, and the credentials that were made at the first `up`."""

    id: str
    access_key: str
    secret_key: str
    created_at: datetime
    # What this machine can bear; None where nobody has said.
    most_instances: int | None = None
    most_memory_mib: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Temporary credentials: of an assumed role, or of an instance's role."""

    access_key: str
    secret_key: str
    token: str
    arn: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An IAM role; its policies are kept and shown, and not enforced."""

    name: str
    id: str
    arn: str
    created_at: datetime
    trust_policy: str
    path: str = "/"
    description: str | None = None
    max_session_seconds: int = 3600
    permissions_boundary: str | None = None
    inline_policies: Mapping[str, str] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version of a policy's document."""

    id: str
    document: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy of the account's own: kept and shown, and not enforced."""

    name: str
    id: str
    arn: str
    created_at: datetime
    updated_at: datetime
    versions: tuple[PolicyVersion, ...]
    default_version: str = "v1"
    # Versions are never numbered twice.
    last_number: int = 1
    path: str = "/"
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile:
    """What hands a role to instances."""

    name: str
    id: str
    arn: str
    created_at: datetime
    path: str = "/"
    roles: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the SSM parameter store."""

    name: str
    value: str
    kind: str
    version: int
    modified_at: datetime
    description: str | None = None
    data_type: str = "text"
    allowed_pattern: str | None = None
    tier: str = "Standard"
    modified_by: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The answer to a request that had a client token, to be given again."""

    key: str
    fingerprint: str
    answer: str
    request_id: str
    answered_at: datetime
