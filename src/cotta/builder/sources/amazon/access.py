"""How a source's options say that the cloud is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.clouds.which import Access, Cloud, Keys, Role

if TYPE_CHECKING:
    from cotta.builder.options.values import Options

_OF_AN_ACCOUNT: Final = (
    "access_key", "secret_key", "token", "profile", "shared_credentials_file", "mfa_code",
    "custom_endpoint_ec2",
)  # fmt: skip


def access_of(options: Options, access: Access) -> Access:
    """Return the access of the command line, changed by what the options say.

    For the local region that is its name alone: it is no account's, so nothing that leads to one
    counts.
    """
    region = options.text("region") or access.region
    if access.cloud is Cloud.LOCAL:
        return replace(access, region=region)
    if options.text("mfa_code"):
        raise BuildError(
            "mfa_code is not supported. Fetch temporary keys with `aws sts get-session-token` and "
            "give them in the environment."
        )
    changes: dict[str, Any] = {"region": region}
    if options.text("access_key"):
        changes["keys"] = Keys(
            options.text("access_key"), options.text("secret_key"), options.text("token") or None
        )
    if options.text("profile"):
        changes["profile"] = options.text("profile")
    if options.text("shared_credentials_file"):
        changes["credentials_files"] = (options.text("shared_credentials_file"),)
    if options.text("custom_endpoint_ec2"):
        changes["endpoints"] = {**access.endpoints, "ec2": options.text("custom_endpoint_ec2")}
    if options.flag("insecure_skip_tls_verify"):
        changes["verify_tls"] = False
    if options.number("max_retries"):
        changes["attempts"] = options.number("max_retries") + 1
    role = options.block("assume_role")
    if role is not None and role.text("role_arn"):
        changes["roles"] = (*access.roles, _role(role))
    return replace(access, **changes)


def ignored_for_local(options: Options) -> list[str]:
    """Return the options that don't count for the local region."""
    found = [name for name in _OF_AN_ACCOUNT if options.text(name)]
    return found + (["assume_role"] if options.block("assume_role") is not None else [])


def _role(options: Options) -> Role:
    seconds = options.number("duration_seconds")
    return Role(
        arn=options.text("role_arn"),
        session_name=options.text("session_name") or None,
        external_id=options.text("external_id") or None,
        duration=timedelta(seconds=seconds) if seconds else None,
        policy=options.text("policy") or None,
        policy_arns=options.texts("policy_arns"),
        tags=options.mapping("tags"),
        transitive_tag_keys=options.texts("transitive_tag_keys"),
    )
