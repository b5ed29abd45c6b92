"""Graphs in DOT, the language of Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import render_module_path
from cotta.engine.nodes import Kind
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath
    from cotta.engine.drawings import Drawing
    from cotta.engine.nodes import Node

_HEAD: Final = """\
digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
"""
_NOTHING: Final = """\
  /* This configuration does not contain any resources.         */
  /* For a more detailed graph, try: cotta graph -type=plan     */
"""
_CYCLE: Final = ' [color = "red", penwidth = "2.0"]'

# What is no resource has a shape of its own; the rest are ovals.
_SHAPES: Final = {
    Kind.RESOURCE: "box",
    Kind.ORPHAN: "box",
    Kind.ACT: "box",
    Kind.DESTROY: "box",
    Kind.PROVIDER: "diamond",
    Kind.VARIABLE: "note",
    Kind.OUTPUT: "note",
}


def render_resource_graph(drawing: Drawing) -> str:
    """Return the graph of resources, a box around those of each module."""
    by_module: dict[ModulePath, set[tuple[str, str]]] = {}
    places: dict[Node, tuple[ModulePath, str]] = {}
    for node in drawing.graph:
        path, label = node.path, node.name
        if node in drawing.orphans:
            label = str(drawing.orphans[node].resource)
        name = ".".join(filter(None, (render_module_path(path), label)))
        by_module.setdefault(path, set()).add((name, label))
        places[node] = (path, name)
    lines = []
    for path in sorted(by_module):
        inner = [
            f"{_quoted(name)} [label={_quoted(label)}];" for name, label in sorted(by_module[path])
        ]
        if not path:
            lines += [f"  {line}\n" for line in inner]
            continue
        module = render_module_path(path)
        lines.append(f"  subgraph {_quoted(f'cluster_{module}')} {{\n")
        lines.append(f'    label = {_quoted(module)}\n    fontname = "sans-serif"\n')
        lines += [f"    {line}\n" for line in inner]
        lines.append("  }\n")
    edges = {
        (places[node], places[needed], (node, needed) in drawing.in_cycles)
        for node, needed in drawing.graph.edges()
    }
    for (_, name), (_, needed_name), is_marked in sorted(edges):
        mark = _CYCLE if is_marked else ""
        lines.append(f"  {_quoted(name)} -> {_quoted(needed_name)}{mark};\n")
    return _HEAD + ("".join(lines) or _NOTHING) + "}\n"


def render_step_graph(drawing: Drawing) -> str:
    """Return the graph of everything that a walk visits."""
    lines = []
    for node in sorted(drawing.graph, key=str):
        shape = _SHAPES.get(node.kind, "oval")
        lines.append(f"  {_quoted(str(node))} [shape = {shape}];\n")
    edges = sorted((str(a), str(b), (a, b) in drawing.in_cycles) for a, b in drawing.graph.edges())
    for name, needed, is_in_cycle in edges:
        lines.append(f"  {_quoted(name)} -> {_quoted(needed)}{_CYCLE if is_in_cycle else ''};\n")
    return _HEAD + "".join(lines) + "}\n"


def _quoted(text: str) -> str:
    return write_json(text)
