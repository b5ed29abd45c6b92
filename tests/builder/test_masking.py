"""Secrets are hidden however they are spelt."""

from __future__ import annotations

import base64
import json
import shlex

import pytest

from cotta.builder.masking import Mask

KEY = "-----BEGIN KEY-----\nc2VjcmV0IGtleQ==\n}\n-----END KEY-----\n"
QUOTED = 'it\'s "so"/secret'


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("hunter2", "the token is hunter2, and hunter2 again"),
        (QUOTED, f"+ curl {shlex.quote(QUOTED)}"),
        (QUOTED, "A='it'\\''s \"so\"/secret'"),
        (QUOTED, json.dumps({"token": QUOTED})),
        (QUOTED, "https://host/?token=it%27s%20%22so%22%2Fsecret"),
        ("pässword", json.dumps({"token": "pässword"})),
        (KEY, base64.b64encode(KEY.encode()).decode()),
        (KEY, json.dumps({"key": KEY})),
        *((KEY, line) for line in KEY.splitlines() if len(line) > 5),
    ],
)
def test_a_secret_is_hidden_however_it_is_spelt(secret: str, said: str) -> None:
    shown = Mask([secret]).hide(said)

    assert "<sensitive>" in shown
    assert secret.strip() not in shown
    assert "secret" not in shown
    assert "c2VjcmV0" not in shown


def test_what_is_no_secret_stays() -> None:
    mask = Mask([KEY, "", "hunter2"])

    assert mask.hide("if true; then { echo }; fi") == "if true; then { echo }; fi"
    assert mask.hide("a hunter2 b") == "a <sensitive> b"


def test_the_longer_of_two_secrets_leaves_nothing_over() -> None:
    assert Mask(["ab-token", "ab-token-and-more"]).hide("ab-token-and-more") == "<sensitive>"
