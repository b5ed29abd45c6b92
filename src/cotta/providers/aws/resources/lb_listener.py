"""`aws_lb_listener`: a port of a load balancer, and what is done with what comes there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import between, is_arn, one_of
from cotta.providers.aws.declare import (
    Resource,
    block,
    computed,
    either,
    optional,
    required,
    timeouts,
)
from cotta.providers.aws.resources.balancing_calls import (
    LISTENER,
    attributes_of,
    found_tags,
    lookups_of,
    modify_attributes,
    update_balancing_tags,
)
from cotta.providers.aws.resources.lb_action_fields import PROTOCOLS, actions
from cotta.providers.aws.resources.lb_actions import (
    check_actions,
    encode_actions,
    found_actions,
    plan_actions,
)
from cotta.providers.aws.resources.lb_listener_attributes import (
    ATTRIBUTES,
    attributes_to_set,
    found_attributes,
)
from cotta.providers.aws.retrying import again_while
from cotta.providers.aws.tags import TAGS, as_list
from cotta.values.types import BOOL, NUMBER, STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft

# A certificate that was made just now is known to load balancers only after a while.
_CERTIFICATE: Final = timedelta(minutes=5)


def _create(on: Connection, wanted: Fields) -> str:
    balancer = wanted["load_balancer_arn"]

    def make() -> str:
        answer = on.call(
            "elbv2",
            "CreateListener",
            LoadBalancerArn=balancer,
            Tags=as_list(wanted["tags_all"]) or None,
            **_parameters(wanted),
        )
        return str(answer["Listeners"][0]["ListenerArn"])

    def find() -> str | None:
        pages = on.pages("elbv2", "DescribeListeners", "Listeners", LoadBalancerArn=balancer)
        return next(
            (str(one["ListenerArn"]) for one in pages if one.get("Port") == wanted["port"]), None
        )

    return again_while(
        on,
        "CertificateNotFound",
        lambda: make_or_adopt(make, find),
        "the certificate of the listener",
        _CERTIFICATE,
    )


def _parameters(wanted: Fields) -> Fields:
    protocol = wanted["protocol"]
    if not protocol and ":loadbalancer/app/" in wanted["load_balancer_arn"]:
        protocol = "HTTP"
    certificate, alpn = wanted["certificate_arn"], wanted["alpn_policy"]
    return {
        "AlpnPolicy": [alpn] if alpn else None,
        "Certificates": [{"CertificateArn": certificate}] if certificate else None,
        "DefaultActions": encode_actions(wanted["default_action"]),
        "MutualAuthentication": _mutual(wanted["mutual_authentication"]),
        "Port": wanted["port"],
        "Protocol": protocol or None,
        "SslPolicy": wanted["ssl_policy"] or None,
    }


def _mutual(blocks: Any) -> Fields | None:
    if not blocks:
        return None
    one, mode = blocks[0], blocks[0]["mode"]
    if mode != "verify":
        return {"Mode": mode}
    given = {
        "AdvertiseTrustStoreCaNames": one["advertise_trust_store_ca_names"] or None,
        "IgnoreClientCertificateExpiry": bool(one["ignore_client_certificate_expiry"]),
        "Mode": mode,
        "TrustStoreArn": one["trust_store_arn"],
    }
    return {name: value for name, value in given.items() if value is not None}


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    modify_attributes(on, "Listener", id_, attributes_to_set({}, wanted))


def _read(on: Connection, prior: Fields) -> Fields | None:
    arn = prior["id"]
    found = on.find(LISTENER, arn)
    if found is None:
        return None
    protocol = found.get("Protocol", "")
    certificates = found.get("Certificates") or [{}]
    mutual = found.get("MutualAuthentication")
    return {
        "alpn_policy": next(iter(found.get("AlpnPolicy") or ()), ""),
        "arn": arn,
        "certificate_arn": certificates[0].get("CertificateArn", ""),
        "default_action": found_actions(found["DefaultActions"], prior.get("default_action") or []),
        "load_balancer_arn": found["LoadBalancerArn"],
        "mutual_authentication": [] if mutual is None else [_found_mutual(mutual)],
        "port": found.get("Port"),
        "protocol": protocol,
        "ssl_policy": found.get("SslPolicy", ""),
        **_found_attributes(on, arn, protocol),
        **found_tags(on, arn, prior),
    }


def _found_attributes(on: Connection, arn: str, protocol: str) -> Fields:
    try:
        return found_attributes(attributes_of(on, "Listener", arn), protocol)
    except CloudError as error:
        # Not every endpoint knows them, and not every caller may see them.
        if error.is_denied or error.code in ("InvalidAction", "404"):
            return {}
        raise


def _found_mutual(mutual: Any) -> Fields:
    return {
        "advertise_trust_store_ca_names": mutual.get("AdvertiseTrustStoreCaNames", ""),
        "ignore_client_certificate_expiry": bool(mutual.get("IgnoreClientCertificateExpiry")),
        "mode": mutual.get("Mode", "off"),
        "trust_store_arn": mutual.get("TrustStoreArn", ""),
    }


_MODIFIED: Final = (
    "alpn_policy", "certificate_arn", "default_action", "mutual_authentication", "port",
    "protocol", "ssl_policy",
)  # fmt: skip


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    arn = prior["id"]
    if any((wanted[name] or None) != (prior[name] or None) for name in _MODIFIED):
        on.call("elbv2", "ModifyListener", ListenerArn=arn, **_parameters(wanted))
    modify_attributes(on, "Listener", arn, attributes_to_set(prior, wanted))
    update_balancing_tags(on, prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    on.call("elbv2", "DeleteListener", ListenerArn=prior["id"])


def _customise(draft: Draft) -> None:
    plan_actions(draft, "default_action")


_ALPN: Final = ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")


def _named(name: str) -> Resource:
    return Resource(
        name=name,
        fields={
            **{
                argument: either({bool: BOOL, int: NUMBER, str: STRING}[type_])
                for argument, (_, type_, _) in ATTRIBUTES.items()
            },
            "alpn_policy": optional(STRING, one_of(*_ALPN)),
            "arn": computed(STRING),
            "certificate_arn": optional(STRING, is_arn),
            "default_action": actions(has_defaults=False),
            "id": either(STRING),
            "load_balancer_arn": required(STRING, is_arn, replaces=True),
            "mutual_authentication": block(
                {
                    "advertise_trust_store_ca_names": either(STRING, one_of("on", "off")),
                    "ignore_client_certificate_expiry": optional(BOOL, default=False),
                    "mode": required(STRING, one_of("off", "passthrough", "verify")),
                    "trust_store_arn": optional(STRING, is_arn),
                },
                computed=True,
            ),
            "port": optional(NUMBER, between(1, 65535)),
            "protocol": either(STRING, PROTOCOLS, form=str.upper),
            "ssl_policy": either(STRING),
            "timeouts": timeouts("create", "update"),
            **TAGS,
        },
        create=_create,
        settle=_settle,
        read=_read,
        update=_update,
        delete=_delete,
        customise=_customise,
        validate=lambda config: check_actions("default_action", config["default_action"]),
        lookups=lambda prior: lookups_of(LISTENER, prior["id"]),
    )


RESOURCES: Final = (_named("aws_lb_listener"), _named("aws_alb_listener"))
