"""States as text and as JSON."""

from __future__ import annotations

import pytest

from cotta.cli.views.differences import quote
from cotta.cli.views.states import EMPTY, render_state
from cotta.diagnostics.render import Pen
from cotta.states.journal import ObjectSet, apply_step
from cotta.states.model import State, StoredOutput
from tests.support.states import PROVIDER, a_state, an_address, an_object

PLAIN = Pen(colour=False)


def nothing_known(_resource: object) -> None:
    return None


def test_objects_come_in_order_and_outputs_last() -> None:
    state = a_state(b=an_object("2", tainted=True), a=an_object("1", input={"k": ["x\ny", 1]}))
    apply_step(state, ObjectSet(an_address("a"), PROVIDER, an_object("0"), "0123abcd"))
    state.outputs["o"] = StoredOutput("v")
    state.outputs["s"] = StoredOutput("v", is_sensitive=True)

    assert render_state(state, nothing_known, PLAIN) == (
        '# terraform_data.a:\nresource "terraform_data" "a" {\n    id    = "1"\n'
        "    input = {\n        k = [\n            <<-EOT\n                x\n"
        "                y\n            EOT,\n            1,\n        ]\n    }\n}\n"
        '\n# terraform_data.a: (deposed object 0123abcd)\nresource "terraform_data" "a" {\n'
        '    id = "0"\n}\n'
        '\n# terraform_data.b: (tainted)\nresource "terraform_data" "b" {\n    id = "2"\n}\n'
        '\n\nOutputs:\n\no = "v"\ns = (sensitive value)\n'
    )


def test_empty_state_says_so() -> None:
    assert render_state(State(), nothing_known, PLAIN) == EMPTY


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain", '"plain"'),
        ('a"b\\c', r'"a\"b\\c"'),
        ("${x}%{y}", '"${x}%{y}"'),
        ("é\u2028\x01\x7f\t", r'"é\u2028\x01\x7f\t"'),
        ("\U000e0001", r'"\U000e0001"'),
    ],
)
def test_texts_are_quoted_as_go_does(text: str, quoted: str) -> None:
    assert quote(text) == quoted
