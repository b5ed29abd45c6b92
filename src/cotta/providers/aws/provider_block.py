"""The provider block: its arguments, and how a cloud is reached by them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.which import Access, Cloud, Keys, Role
from cotta.providers.aws.checks import length, one_of
from cotta.providers.aws.declare import (
    block_set,
    blocks,
    is_duration,
    optional,
    parse_duration,
)
from cotta.providers.aws.endpoints import NAMES, service_of
from cotta.providers.aws.tags import TagSettings
from cotta.values.types import BOOL, NUMBER, STRING, ListType, MapType, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Field, Fields

_ROLE: Final[dict[str, Field]] = {
    "duration": optional(STRING, is_duration),
    "policy": optional(STRING),
    "policy_arns": optional(SetType(STRING)),
    "role_arn": optional(STRING),
    "session_name": optional(STRING, length(2, 64)),
}

FIELDS: Final[Mapping[str, Field]] = {
    "access_key": optional(STRING),
    "allowed_account_ids": optional(SetType(STRING), conflicts_with=("forbidden_account_ids",)),
    "custom_ca_bundle": optional(STRING),
    "ec2_metadata_service_endpoint": optional(STRING),
    "ec2_metadata_service_endpoint_mode": optional(STRING, one_of("IPv4", "IPv6")),
    "forbidden_account_ids": optional(SetType(STRING)),
    "http_proxy": optional(STRING),
    "https_proxy": optional(STRING),
    "insecure": optional(BOOL),
    "max_retries": optional(NUMBER),
    "no_proxy": optional(STRING),
    "profile": optional(STRING),
    "region": optional(STRING),
    "retry_mode": optional(STRING, one_of("standard", "adaptive")),
    "s3_us_east_1_regional_endpoint": optional(STRING, one_of("legacy", "regional")),
    "s3_use_path_style": optional(BOOL),
    "secret_key": optional(STRING),
    "shared_config_files": optional(ListType(STRING)),
    "shared_credentials_files": optional(ListType(STRING)),
    "skip_credentials_validation": optional(BOOL),
    "skip_metadata_api_check": optional(STRING, one_of("true", "false", "")),
    "skip_region_validation": optional(BOOL),
    "skip_requesting_account_id": optional(BOOL),
    "sts_region": optional(STRING),
    "token": optional(STRING),
    "token_bucket_rate_limiter_capacity": optional(NUMBER),
    "use_dualstack_endpoint": optional(BOOL),
    "use_fips_endpoint": optional(BOOL),
    "assume_role": blocks(
        {
            **_ROLE,
            "external_id": optional(STRING, length(2, 1224)),
            "source_identity": optional(STRING, length(2, 64)),
            "tags": optional(MapType(STRING)),
            "transitive_tag_keys": optional(SetType(STRING)),
        }
    ),
    "assume_role_with_web_identity": blocks(
        {
            **_ROLE,
            "web_identity_token": optional(STRING),
            "web_identity_token_file": optional(STRING),
        }
    ),
    "default_tags": blocks({"tags": optional(MapType(STRING))}),
    "endpoints": block_set({name: optional(STRING) for name in NAMES}),
    "ignore_tags": blocks(
        {"key_prefixes": optional(SetType(STRING)), "keys": optional(SetType(STRING))}
    ),
}


def check_block(config: Fields) -> list[tuple[str, str]]:
    """Return (attribute, sentence) pairs for what the fields can't say."""
    found = []
    if (config.get("access_key") is None) != (config.get("secret_key") is None):
        found.append(("access_key", '"access_key" and "secret_key" only go together.'))
    if config.get("assume_role_with_web_identity"):
        found.append(
            (
                "assume_role_with_web_identity",
                "This block is not supported; the variable AWS_WEB_IDENTITY_TOKEN_FILE is.",
            )
        )
    return found


def access_of(config: Fields, ground: Access) -> Access:
    """Return how the cloud is reached: the block's word over that of the command line.

    The local region is reached as the command line says, whatever keys,
    profiles and endpoints the block has: with it no account is ever touched.
    """
    region = config.get("region") or ground.region
    if ground.cloud is Cloud.LOCAL:
        return replace(ground, region=region)
    keys = ground.keys
    if config.get("access_key"):
        keys = Keys(config["access_key"], config["secret_key"], config.get("token"))
    retries = config.get("max_retries")
    return replace(
        ground,
        region=region,
        keys=keys,
        profile=config.get("profile") or ground.profile,
        endpoints={**ground.endpoints, **_endpoints(config)},
        config_files=tuple(config.get("shared_config_files") or ground.config_files),
        credentials_files=tuple(config.get("shared_credentials_files") or ground.credentials_files),
        roles=tuple(_role(each) for each in config.get("assume_role") or [] if each["role_arn"]),
        attempts=ground.attempts if retries is None else max(int(retries), 0) + 1,
        retry_mode=config.get("retry_mode") or ground.retry_mode,
        ca_bundle=config.get("custom_ca_bundle") or ground.ca_bundle,
        http_proxy=config.get("http_proxy") or ground.http_proxy,
        https_proxy=config.get("https_proxy") or ground.https_proxy,
        verify_tls=ground.verify_tls and not config.get("insecure"),
        use_dualstack=bool(config.get("use_dualstack_endpoint")) or ground.use_dualstack,
        use_fips=bool(config.get("use_fips_endpoint")) or ground.use_fips,
    )


def _endpoints(config: Fields) -> dict[str, str]:
    return {
        service_of(name): url
        for each in config.get("endpoints") or []
        for name, url in each.items()
        if url
    }


def _role(block: Fields) -> Role:
    return Role(
        arn=block["role_arn"],
        session_name=block.get("session_name"),
        external_id=block.get("external_id"),
        duration=parse_duration(block.get("duration") or ""),
        policy=block.get("policy"),
        policy_arns=tuple(block.get("policy_arns") or ()),
        tags=block.get("tags") or {},
        transitive_tag_keys=tuple(block.get("transitive_tag_keys") or ()),
        source_identity=block.get("source_identity"),
    )


def tag_settings_of(config: Fields) -> TagSettings:
    """Return the block's word on tags."""
    default: dict[str, Any] = {}
    for each in config.get("default_tags") or []:
        default.update(each.get("tags") or {})
    keys: set[str] = set()
    prefixes: list[str] = []
    for each in config.get("ignore_tags") or []:
        keys.update(each.get("keys") or ())
        prefixes += each.get("key_prefixes") or ()
    return TagSettings(
        default={key: value or "" for key, value in default.items()},
        ignored_keys=frozenset(keys),
        ignored_prefixes=tuple(prefixes),
    )
