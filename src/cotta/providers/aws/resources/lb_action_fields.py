"""What a block `default_action` of a listener, or `action` of a rule, may hold.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.checks import between, is_arn, length, matches, one_of
from cotta.providers.aws.declare import block, block_set, blocks, either, optional, required
from cotta.providers.aws.resources.lb_actions import BLOCKS
from cotta.providers.aws.resources.lb_target_group_fields import one_of_any_case
from cotta.values.types import BOOL, NUMBER, STRING, MapType

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Field, Nested

_CONTENT_TYPES = (
    "text/plain", "text/css", "text/html", "application/javascript", "application/json",
)  # fmt: skip


def actions(*, has_defaults: bool) -> Nested:
    """Return the block; `has_defaults`: of rules, whose sessions have defaults of their own."""
    session = _session(has_defaults)
    return blocks(
        {
            "authenticate_cognito": block(
                {
                    **session,
                    "user_pool_arn": required(STRING, is_arn),
                    "user_pool_client_id": required(STRING),
                    "user_pool_domain": required(STRING),
                }
            ),
            "authenticate_oidc": block(
                {
                    **session,
                    "authorization_endpoint": required(STRING),
                    "client_id": required(STRING),
                    "client_secret": required(STRING, sensitive=True),
                    "issuer": required(STRING),
                    "token_endpoint": required(STRING),
                    "user_info_endpoint": required(STRING),
                }
            ),
            "fixed_response": block(
                {
                    "content_type": required(STRING, one_of(*_CONTENT_TYPES)),
                    "message_body": optional(STRING, length(0, 1024)),
                    "status_code": either(
                        STRING, matches(r"^[245]\d\d$", "needs a code from 200, 400 or 500 on")
                    ),
                }
            ),
            "forward": _forward(),
            "order": either(NUMBER, between(1, 50_000)),
            "redirect": block(
                {
                    "host": optional(STRING, length(1, 128), default="#{host}"),
                    "path": optional(STRING, length(1, 128), default="/#{path}"),
                    "port": optional(STRING, default="#{port}"),
                    "protocol": optional(
                        STRING, one_of("#{protocol}", "HTTP", "HTTPS"), default="#{protocol}"
                    ),
                    "query": optional(STRING, length(0, 128), default="#{query}"),
                    "status_code": required(STRING, one_of("HTTP_301", "HTTP_302")),
                }
            ),
            "target_group_arn": optional(STRING, is_arn),
            "type": required(STRING, lambda text: one_of(*BLOCKS)(text.lower())),
        },
        at_least=1,
    )


def _session(has_defaults: bool) -> dict[str, Field]:
    def own(type_: Any, usual: Any) -> Field:
        return optional(type_, default=usual) if has_defaults else either(type_)

    return {
        "authentication_request_extra_params": optional(MapType(STRING)),
        "on_unauthenticated_request": either(
            STRING, lambda text: one_of("deny", "allow", "authenticate")(text.lower())
        ),
        "scope": own(STRING, "openid"),
        "session_cookie_name": own(STRING, "AWSELBAuthSessionCookie"),
        "session_timeout": own(NUMBER, 604800),
    }


def _forward() -> Nested:
    return block(
        {
            "stickiness": block(
                {
                    "duration": required(NUMBER, between(1, 604800)),
                    "enabled": optional(BOOL, default=False),
                }
            ),
            "target_group": block_set(
                {
                    "arn": required(STRING, is_arn),
                    "weight": optional(NUMBER, between(0, 999), default=1),
                },
                at_least=1,
                at_most=5,
            ),
        }
    )


PROTOCOLS = one_of_any_case("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE")
