"""The `{{ }}` layer of one build: every text of it is filled in by this."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cotta.builder.layer.execute import execute
from cotta.builder.layer.functions import build_function
from cotta.builder.layer.syntax import parse_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cotta.builder.layer.execute import LayerFunction
    from cotta.builder.layer.syntax import Node
    from cotta.builder.model import Generated


class BuildLayer:
    """The functions as they mean in one build, and the one time of it."""

    def __init__(self, started: datetime, functions: Mapping[str, LayerFunction]) -> None:
        self._started = started
        self._functions = functions

    @property
    def started(self) -> datetime:
        """The one time of the build, in UTC."""
        return self._started

    def render(
        self,
        text: str,
        fields: Mapping[str, object] | None = None,
        generated: Generated | None = None,
    ) -> str:
        """Return the text with every `{{ }}` filled in; raises `RenderError`.

        Without `generated`, a text that asks for `build` raises `NotYetError`.
        """
        if "{{" not in text:
            return text
        functions = {**self._functions, "build": build_function(generated)}
        return execute(_parsed(text), fields or {}, functions)


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[Node, ...]:
    return parse_layer(text)
