"""Throw broken text at everything that reads text: `python -m tests.fuzz SECONDS [SEED]`.

Any exception ends the run with the text that caused it and exit status 1, as
does a text that takes longer than two seconds.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from typing import TYPE_CHECKING, Final

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.diagnostics.records import encode_diagnostic
from cotta.diagnostics.render import render_diagnostic
from cotta.hcl.ast import Body
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.hcl.json_syntax import parse_json_expression, parse_json_file
from cotta.hcl.parser import parse_expression, parse_file, parse_template
from cotta.hcl.references import calls_in, variables_in
from cotta.values.value import Value, type_of
from tests.support.breaker import broken_file, broken_text
from tests.support.generator import ExpressionMaker, scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.hcl.ast import Expression, JsonBody

_SLOWEST_SECONDS: Final = 2.0


def _expressions(body: Body | JsonBody) -> list[Expression]:
    if not isinstance(body, Body):
        return [member.value for member in body.members]
    inside = [attribute.expression for attribute in body.attributes.values()]
    for block in body.blocks:
        inside += _expressions(block.body)
    return inside


def exercise(node: Expression, diags: Diagnostics) -> None:
    """Do with a tree all that can be done with it."""
    for validating in (True, False):
        names = scope(validating=validating)
        value: Value = evaluate(node, names, diags)
        type_of(value)
        describe_values(node, names)
    variables_in(node)
    calls_in(node)
    for diagnostic in list(diags)[:20]:
        record = encode_diagnostic(diagnostic, context_of=lambda _: "here")
        render_diagnostic(record, width=78, colour=False)


def native(content: bytes) -> None:
    diags = Diagnostics()
    for expression in _expressions(parse_file(content, "f.tf", diags).body):
        exercise(expression, diags)


def json(content: bytes) -> None:
    diags = Diagnostics()
    for expression in _expressions(parse_json_file(content, "f.tf.json", diags).body):
        exercise(expression, diags)


def expression(content: bytes) -> None:
    diags = Diagnostics()
    exercise(
        parse_expression(SourceFile("e", content.decode("utf-8", "surrogateescape")), diags), diags
    )


def template(content: bytes) -> None:
    diags = Diagnostics()
    exercise(
        parse_template(SourceFile("t", content.decode("utf-8", "surrogateescape")), diags), diags
    )


def json_expression(content: bytes) -> None:
    diags = Diagnostics()
    exercise(
        parse_json_expression(SourceFile("j", content.decode("utf-8", "replace")), diags), diags
    )


READERS: Final[tuple[Callable[[bytes], None], ...]] = (
    native,
    json,
    expression,
    template,
    json_expression,
)


def some_content(maker: random.Random) -> bytes:
    """Return anything from good configuration to noise."""
    kind = maker.randrange(6)
    if kind == 0:
        return maker.randbytes(maker.randrange(60))
    if kind == 1:
        return broken_file(maker).encode()
    if kind == 2:
        return broken_text(maker, ExpressionMaker(maker).expression(3)).encode()
    if kind == 3:
        return broken_text(maker, _JSON).encode()
    if kind == 4:
        noise = bytearray(broken_file(maker).encode())
        for _ in range(maker.randrange(1, 4)):
            noise[maker.randrange(len(noise) or 1) : 0] = maker.randbytes(1)
        return bytes(noise)
    return broken_text(maker, broken_text(maker, broken_file(maker))).encode()


_JSON: Final = (
    '{"resource": {"a": {"b": [{"c": "${local.n + 1}", "//": "no", "d": [1, -2.5e3, true, null]},'
    ' {"e": {"f": "%{ if local.b }x\\n%{ endif }", "g": "\\u00e9\\ud83d\\ude00"}}]}},'
    ' "locals": [{"x": "${[for v in local.l : v]}"}, {"y": {}}]}'
)


def fuzz(seconds: float, seed: int) -> int:
    """Return how many texts were read; raise what the first bad one raises."""
    maker = random.Random(seed)
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        content = some_content(maker)
        for reader in READERS:
            start = time.monotonic()
            try:
                reader(content)
            except Exception as error:
                error.add_note(f"{reader.__name__}({content!r})")
                raise
            if time.monotonic() - start > _SLOWEST_SECONDS:
                message = f"slow: {reader.__name__}({content!r})"
                raise TimeoutError(message)
            count += 1
    return count


if __name__ == "__main__":
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {chosen}")  # noqa: T201 - a program of its own
    try:
        print(f"{fuzz(float(sys.argv[1]), chosen)} readings, no exception")  # noqa: T201
    except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
        traceback.print_exc()
        sys.exit(1)
