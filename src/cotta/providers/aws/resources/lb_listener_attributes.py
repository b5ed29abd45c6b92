"""A listener's attributes: keys with texts on the wire, arguments here.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.resources.balancing_calls import as_text, from_text

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields

_REQUEST_HEADERS: Final = (
    "x_amzn_mtls_clientcert",
    "x_amzn_mtls_clientcert_issuer",
    "x_amzn_mtls_clientcert_leaf",
    "x_amzn_mtls_clientcert_serial_number",
    "x_amzn_mtls_clientcert_subject",
    "x_amzn_mtls_clientcert_validity",
    "x_amzn_tls_cipher_suite",
    "x_amzn_tls_version",
)
_RESPONSE_HEADERS: Final = (
    "access_control_allow_credentials",
    "access_control_allow_headers",
    "access_control_allow_methods",
    "access_control_allow_origin",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "strict_transport_security",
    "x_content_type_options",
    "x_frame_options",
)

# Argument → key, type, and the protocols of listeners that have it.
ATTRIBUTES: Final[dict[str, tuple[str, type, tuple[str, ...]]]] = {
    **{
        f"routing_http_request_{name}_header_name": (
            f"routing.http.request.{name}.header_name", str, ("HTTPS",),
        )
        for name in _REQUEST_HEADERS
    },
    **{
        f"routing_http_response_{name}_header_value": (
            f"routing.http.response.{name}.header_value", str, ("HTTP", "HTTPS"),
        )
        for name in _RESPONSE_HEADERS
    },
    "routing_http_response_server_enabled": (
        "routing.http.response.server.enabled", bool, ("HTTP", "HTTPS"),
    ),
    "tcp_idle_timeout_seconds": ("tcp.idle_timeout.seconds", int, ("TCP", "GENEVE")),
}  # fmt: skip


def attributes_to_set(before: Fields, wanted: Fields) -> dict[str, str]:
    """Return what to set to make a listener what is wanted; `before` is empty for a new one."""
    values: dict[str, str] = {}
    for name, (key, type_, _) in ATTRIBUTES.items():
        value = wanted[name]
        if before:
            if (value or None) != (before[name] or None):
                values[key] = as_text(type_() if value is None else value)
        elif value not in (None, ""):
            values[key] = as_text(value)
    return values


def found_attributes(attributes: dict[str, str], protocol: str) -> Fields:
    """Return the arguments that a listener's attributes stand for."""
    return {
        name: from_text(attributes[key], type_)
        for name, (key, type_, protocols) in ATTRIBUTES.items()
        if key in attributes and protocol in protocols
    }
