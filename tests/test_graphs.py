"""Graphs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.graphs import CycleError, Graph

MANY = 100_000


@st.composite
def graphs(draw: st.DrawFn) -> Graph[int]:
    size = draw(st.integers(0, 12))
    nodes = st.integers(0, max(size - 1, 0))
    edges = draw(st.lists(st.tuples(nodes, nodes), max_size=30)) if size else []
    return Graph({node: [b for a, b in edges if a == node] for node in range(size)})


def without_cycles(graph: Graph[int]) -> Graph[int]:
    return Graph({node: [n for n in graph.needs(node) if n > node] for node in graph})


def test_needs_are_nodes_too_and_count_once() -> None:
    graph = Graph({"a": ["b", "c", "b"]})

    assert list(graph) == ["a", "b", "c"]
    assert list(graph.edges()) == [("a", "b"), ("a", "c")]
    assert "c" in graph
    assert len(graph) == 3


def test_order_lists_needs_first_and_otherwise_keeps_the_order() -> None:
    graph = Graph({"a": [], "c": ["d"], "b": ["a"], "d": ["a"]})

    assert graph.topological_order() == ["a", "d", "c", "b"]


def test_cycles_are_all_reported_at_once() -> None:
    graph = Graph({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"], "self": ["self"], "y": []})

    with pytest.raises(CycleError) as caught:
        graph.topological_order()

    assert sorted(caught.value.cycles) == [("a", "b", "c"), ("self",)]


def test_loop_is_a_shortest_one() -> None:
    graph = Graph({"a": ["b", "c"], "b": ["d"], "c": ["a"], "d": ["a"], "e": ["a"], "f": ["f"]})

    assert graph.loop_through("a") == ("a", "c")
    assert graph.loop_through("b") == ("b", "d", "a")
    assert graph.loop_through("e") is None
    assert graph.loop_through("f") == ("f",)


def test_reduction_drops_what_another_way_leads_to() -> None:
    graph = Graph({"a": ["b", "c", "d"], "b": ["c"], "c": ["d"], "d": [], "e": ["d", "a"]})

    assert graph.reduced() == Graph({"a": ["b"], "b": ["c"], "c": ["d"], "e": ["a"]})


def test_part_of_a_graph() -> None:
    graph = Graph({"a": ["b"], "b": ["c"], "c": [], "d": ["c"]})

    assert graph.reachable(["b"]) == {"b", "c"}
    assert graph.only({"a", "b", "d"}) == Graph({"a": ["b"], "d": []})


@given(graphs())
def test_components_are_the_nodes_that_reach_one_another(graph: Graph[int]) -> None:
    components = graph.components()

    assert sorted(n for component in components for n in component) == sorted(graph)
    place = {node: i for i, component in enumerate(components) for node in component}
    reach = {node: graph.reachable([node]) for node in graph}
    for one in graph:
        for other in graph:
            assert (place[one] == place[other]) == (other in reach[one] and one in reach[other])
    assert all(place[needed] <= place[node] for node, needed in graph.edges())


@given(graphs())
def test_loops_exist_exactly_in_cycles(graph: Graph[int]) -> None:
    cyclic = {node for cycle in graph.cycles() for node in cycle}

    for node in graph:
        loop = graph.loop_through(node)
        assert (loop is not None) == (node in cyclic)
        if loop is not None:
            assert all(b in graph.needs(a) for a, b in pairwise([*loop, node]))


@given(graphs())
def test_order_is_valid_and_ordering_again_changes_nothing(graph: Graph[int]) -> None:
    graph = without_cycles(graph)

    order = graph.topological_order()

    place = {node: index for index, node in enumerate(order)}
    assert all(place[needed] < place[node] for node, needed in graph.edges())
    assert Graph({node: graph.needs(node) for node in order}).topological_order() == order


@given(graphs())
def test_reversing_twice_changes_nothing(graph: Graph[int]) -> None:
    assert graph.reversed().reversed() == graph
    assert {(b, a) for a, b in graph.edges()} == set(graph.reversed().edges())


@given(graphs())
def test_reduction_keeps_reachability_and_no_edge_too_many(graph: Graph[int]) -> None:
    graph = without_cycles(graph)

    reduced = graph.reduced()

    assert all(reduced.reachable([node]) == graph.reachable([node]) for node in graph)
    for node, needed in reduced.edges():
        others = [n for n in reduced.needs(node) if n != needed]
        assert needed not in reduced.reachable(others)


def test_chain_of_many_nodes() -> None:
    chain = Graph({n: [n + 1] for n in range(MANY)})
    ring = Graph({n: [(n + 1) % MANY] for n in range(MANY)})

    assert chain.topological_order() == list(range(MANY, -1, -1))
    assert len(chain.components()) == MANY + 1
    assert chain.reduced() == chain
    assert ring.cycles() == [tuple(range(MANY))]


def test_many_nodes_with_many_common_needs() -> None:
    hubs = list(range(3))
    graph = Graph({n: [*hubs, n - 1] if n > 3 else [] for n in range(3, MANY)})

    reduced = graph.reduced()

    assert reduced.needs(4) == (*hubs, 3)
    assert reduced.needs(MANY - 1) == (MANY - 2,)
