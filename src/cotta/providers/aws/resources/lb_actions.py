"""What a listener or a rule does with a request: blocks here, actions on the wire.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.plain import UNKNOWN

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft

# Type of action → the block that says more about it.
BLOCKS: Final = {
    "authenticate-cognito": "authenticate_cognito",
    "authenticate-oidc": "authenticate_oidc",
    "fixed-response": "fixed_response",
    "forward": "forward",
    "redirect": "redirect",
}
_COGNITO: Final = {
    "on_unauthenticated_request": "OnUnauthenticatedRequest",
    "scope": "Scope",
    "session_cookie_name": "SessionCookieName",
    "session_timeout": "SessionTimeout",
    "user_pool_arn": "UserPoolArn",
    "user_pool_client_id": "UserPoolClientId",
    "user_pool_domain": "UserPoolDomain",
}
_OIDC: Final = {
    "authorization_endpoint": "AuthorizationEndpoint",
    "client_id": "ClientId",
    "client_secret": "ClientSecret",
    "issuer": "Issuer",
    "on_unauthenticated_request": "OnUnauthenticatedRequest",
    "scope": "Scope",
    "session_cookie_name": "SessionCookieName",
    "session_timeout": "SessionTimeout",
    "token_endpoint": "TokenEndpoint",
    "user_info_endpoint": "UserInfoEndpoint",
}
_FIXED: Final = {
    "content_type": "ContentType",
    "message_body": "MessageBody",
    "status_code": "StatusCode",
}
_REDIRECT: Final = {
    "host": "Host",
    "path": "Path",
    "port": "Port",
    "protocol": "Protocol",
    "query": "Query",
    "status_code": "StatusCode",
}
# Block → the member of an action on the wire, and those inside it.
_CONFIGS: Final = {
    "authenticate_cognito": ("AuthenticateCognitoConfig", _COGNITO),
    "authenticate_oidc": ("AuthenticateOidcConfig", _OIDC),
    "fixed_response": ("FixedResponseConfig", _FIXED),
    "redirect": ("RedirectConfig", _REDIRECT),
}
_EXTRA: Final = "authentication_request_extra_params"


def encode_actions(blocks: list[Fields]) -> list[Fields]:
    """Return the actions that blocks stand for; their order is that of the blocks, if not said."""
    return [_encode(block, at + 1) for at, block in enumerate(blocks)]


def _encode(block: Fields, order: int) -> Fields:
    kind = str(block["type"]).lower()
    action: Fields = {"Type": kind, "Order": block["order"] or order}
    name = BLOCKS[kind]
    if name == "forward":
        if block["target_group_arn"]:
            action["TargetGroupArn"] = block["target_group_arn"]
        else:
            action["ForwardConfig"] = _encode_forward(block["forward"][0])
        return action
    config, members = _CONFIGS[name]
    inner = block[name][0]
    action[config] = {
        member: inner[each] for each, member in members.items() if inner[each] not in (None, "")
    }
    if inner.get(_EXTRA):
        action[config]["AuthenticationRequestExtraParams"] = inner[_EXTRA]
    return action


def _encode_forward(block: Fields) -> Fields:
    config: Fields = {
        "TargetGroups": [
            {"TargetGroupArn": one["arn"], "Weight": 1 if one["weight"] is None else one["weight"]}
            for one in block["target_group"]
        ]
    }
    for stickiness in block["stickiness"] or ():
        config["TargetGroupStickinessConfig"] = {
            "DurationSeconds": stickiness["duration"],
            "Enabled": bool(stickiness["enabled"]),
        }
    return config


def found_actions(actions: list[Any], before: list[Fields]) -> list[Fields]:
    """Return the blocks that actions stand for; `before` are those in the state.

    AWS tells of a target group in two ways at once: the block keeps to the one that it had.
    Secrets are never told, so that they stay as they were.
    """
    ordered = sorted(actions, key=lambda action: int(action.get("Order") or 0))
    return [
        _found(action, before[at] if at < len(before) else {}) for at, action in enumerate(ordered)
    ]


def _found(action: Any, before: Fields) -> Fields:
    kind = action["Type"]
    block: Fields = {
        "type": kind,
        "order": action.get("Order") or before.get("order"),
        "target_group_arn": "",
        **{name: [] for name in BLOCKS.values()},
    }
    name = BLOCKS[kind]
    if name == "forward":
        _find_forward(action, before, block)
        return block
    config, members = _CONFIGS[name]
    inner = action.get(config) or {}
    had = (before.get(name) or [{}])[0]
    found = {each: inner.get(member, "") for each, member in members.items()}
    if "session_timeout" in found:
        found["session_timeout"] = int(found["session_timeout"] or 0)
        found[_EXTRA] = inner.get("AuthenticationRequestExtraParams") or None
    if name == "authenticate_oidc":
        found["client_secret"] = had.get("client_secret", "")
    block[name] = [found]
    return block


def _find_forward(action: Any, before: Fields, block: Fields) -> None:
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups", [])
    single = action.get("TargetGroupArn") or (groups[0]["TargetGroupArn"] if groups else "")
    in_block = bool(before.get("forward"))
    if before.get("target_group_arn") or (not in_block and len(groups) <= 1):
        block["target_group_arn"] = single
        return
    sticky = config.get("TargetGroupStickinessConfig")
    block["forward"] = [
        {
            "stickiness": []
            if sticky is None
            else [
                {
                    "duration": sticky.get("DurationSeconds") or 0,
                    "enabled": bool(sticky.get("Enabled")),
                }
            ],
            "target_group": [
                {"arn": one["TargetGroupArn"], "weight": one.get("Weight", 1)} for one in groups
            ],
        }
    ]


def check_actions(name: str, blocks: Any) -> list[tuple[str, str]]:
    """Return what is missing in blocks, or too much: (attribute, sentence)."""
    found: list[tuple[str, str]] = []
    for at, block in enumerate(blocks if isinstance(blocks, list) else ()):
        kind = block["type"]
        if not isinstance(kind, str) or kind.lower() not in BLOCKS:
            continue
        where = f'The {name} {at} of the type "{kind}"'
        inner = BLOCKS[kind.lower()]
        if inner == "forward":
            if block["target_group_arn"] is None and not block["forward"]:
                found.append((name, f'{where} needs "target_group_arn", or a block "forward".'))
            elif block["target_group_arn"] not in (None, UNKNOWN, "") and block["forward"]:
                twice = f'{where} has "target_group_arn" and a block "forward": take one out.'
                found.append((name, twice))
        elif not block[inner]:
            found.append((name, f'{where} needs a block "{inner}".'))
    return found


def plan_actions(draft: Draft, name: str) -> None:
    """Leave alone what does not belong to an action's type, and what AWS adds to it."""
    planned = draft.planned[name]
    if planned is UNKNOWN:
        return
    before = draft.prior.get(name) or []
    for at, block in enumerate(planned):
        had: Fields = before[at] if at < len(before) else {}
        kind = str(block["type"]).lower()
        if block["type"] is UNKNOWN or kind not in BLOCKS:
            continue
        for type_, inner in BLOCKS.items():
            if type_ != kind:
                block[inner] = had.get(inner) or []
        if kind != "forward":
            block["target_group_arn"] = had.get("target_group_arn")
        elif block["forward"] and had.get("forward") and block["forward"] is not UNKNOWN:
            _keep_stickiness(block["forward"][0], had["forward"][0])


def _keep_stickiness(block: Fields, had: Fields) -> None:
    if not block["stickiness"] and had["stickiness"]:
        block["stickiness"] = had["stickiness"]
