"""A botocore session for an access: whose word counts, and which roles are assumed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from cotta.clouds.which import Cloud

if TYPE_CHECKING:
    from cotta.clouds.which import Access, Role


def make_session(access: Access) -> Any:
    """Return a botocore session.  Raises botocore's own exceptions, for a missing profile too."""
    from botocore.session import Session

    if access.cloud is Cloud.LOCAL:
        # Named in no variable and in no file: nothing but `access` has a say.
        session = Session(session_vars=dict.fromkeys(_OF_THE_ENVIRONMENT, (None, None, None, None)))
    else:
        session = Session(profile=access.profile)
        if access.config_files:
            session.set_config_variable("config_file", access.config_files[0])
        if access.credentials_files:
            session.set_config_variable("credentials_file", access.credentials_files[0])
    session.register_component("data_loader", _loader())
    if access.keys is not None:
        keys = access.keys
        session.set_credentials(keys.access_key, keys.secret_key, keys.token)
    for role in access.roles:
        _assume(session, role, access)
    return session


@cache
def _loader() -> Any:
    """Return what reads botocore's models, one for all sessions."""
    from cotta.clouds.models import make_models

    return make_models()


_OF_THE_ENVIRONMENT = ("profile", "region", "config_file", "credentials_file", "ca_bundle")


def _assume(session: Any, role: Role, access: Access) -> None:
    """Have a session go on as `role`; its keys are renewed before they end."""
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        DeferredRefreshableCredentials,
    )

    def client_creator(service: str, **options: Any) -> Any:
        options["region_name"] = access.region or session.get_config_variable("region")
        return session.create_client(
            service, endpoint_url=access.endpoints.get(service, access.endpoint), **options
        )

    more = {
        "ExternalId": role.external_id,
        "DurationSeconds": int(role.duration.total_seconds()) if role.duration else None,
        "Policy": role.policy,
        "PolicyArns": [{"arn": arn} for arn in role.policy_arns] or None,
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags.items()] or None,
        "TransitiveTagKeys": list(role.transitive_tag_keys) or None,
        "SourceIdentity": role.source_identity,
        "RoleSessionName": role.session_name,
    }
    fetcher = AssumeRoleCredentialFetcher(
        client_creator,
        session.get_credentials(),
        role.arn,
        extra_args={name: value for name, value in more.items() if value is not None},
    )
    # botocore has no setter for credentials that renew themselves.
    session._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
