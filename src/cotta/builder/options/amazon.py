"""What everything of Amazon's has: who calls, where, and how long to wait."""

from __future__ import annotations

from typing import Final

from cotta.builder.options.declare import Group, Kind, Option, Role, Schema

_MACHINERY: Final = Role.MACHINERY


def _option(
    name: str, kind: Kind = Kind.TEXT, default: object = None, *, sensitive: bool = False
) -> Option:
    return Option(name=name, kind=kind, default=default, sensitive=sensitive, role=_MACHINERY)


_ASSUME_ROLE: Final = Schema(
    options=(
        _option("role_arn"),
        _option("duration_seconds", Kind.NUMBER),
        _option("external_id", sensitive=True),
        _option("policy"),
        _option("policy_arns", Kind.TEXTS),
        _option("session_name"),
        _option("tags", Kind.MAPPING),
        _option("transitive_tag_keys", Kind.TEXTS),
    )
)

_POLLING: Final = Schema(
    options=(_option("delay_seconds", Kind.NUMBER), _option("max_attempts", Kind.NUMBER))
)

ACCESS: Final = Schema(
    options=(
        Option(name="region", role=Role.NAME),
        _option("access_key", sensitive=True),
        _option("secret_key", sensitive=True),
        _option("token", sensitive=True),
        _option("profile"),
        _option("shared_credentials_file"),
        _option("mfa_code", sensitive=True),
        _option("custom_endpoint_ec2"),
        _option("decode_authorization_messages", Kind.FLAG),
        _option("insecure_skip_tls_verify", Kind.FLAG),
        _option("max_retries", Kind.NUMBER),
        _option("skip_region_validation", Kind.FLAG),
        # Neither is looked at before a call needs it, so there is nothing to skip.
        _option("skip_metadata_api_check", Kind.FLAG),
        _option("skip_credential_validation", Kind.FLAG),
    ),
    groups=(
        Group(name="assume_role", schema=_ASSUME_ROLE, single=True, role=_MACHINERY),
        Group(name="aws_polling", schema=_POLLING, single=True, role=_MACHINERY),
    ),
    absent=(
        (
            "vault_aws_engine",
            (
                "Vault is not asked natively. Fetch the credentials with the vault command and "
                "give them in AWS_ACCESS_KEY_ID and the other variables of the environment."
            ),
        ),
    ),
)

NAMED_VALUES: Final = Schema(
    options=(Option(name="name", required=True), Option(name="values", kind=Kind.TEXTS))
)

KEY_AND_VALUE: Final = Schema(
    options=(
        Option(name="key", required=True, role=Role.NAME, held=True),
        Option(name="value", required=True, role=Role.NAME, held=True),
    )
)

IMAGE_FILTER: Final = Schema(
    options=(
        Option(name="filters", kind=Kind.MAPPING),
        Option(name="owners", kind=Kind.TEXTS),
        Option(name="most_recent", kind=Kind.FLAG),
        Option(name="include_deprecated", kind=Kind.FLAG),
    ),
    groups=(Group(name="filter", schema=NAMED_VALUES),),
)
