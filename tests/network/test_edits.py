"""Edits: applied, taken back, joined, and refused when they do not fit."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from explorer.network.edits import (
    Edit,
    StaleEdit,
    add,
    apply,
    change,
    merge,
    remove,
    reverse,
    set_property,
)
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.layers import Conv2d, Input, ReLU
from tests.network.chain import chain


@pytest.fixture
def network() -> Network:
    return chain(Input(), Conv2d(), ReLU())


def test_apply_and_reverse(network: Network) -> None:
    conv = network.nodes["conv1"]
    edits = (
        change(conv, replace(conv, layer=Conv2d(8))),
        add(Node("new", "new", ReLU())),
        add(Link("relu>new", "relu", "new")),
        remove(network.links["conv1>relu"]),
        set_property(network, "name", "other"),
        set_property(network, "notes", "why"),
    )
    after = apply(network, edits)
    assert after.nodes["conv1"].layer == Conv2d(8)
    assert "conv1>relu" not in after.links
    assert (after.name, after.notes) == ("other", "why")
    assert apply(after, reverse(edits)) == network
    assert network.nodes["conv1"] is conv


def test_what_is_the_same_is_kept(network: Network) -> None:
    conv = network.nodes["conv1"]
    topology, paths = network.topology, network.paths
    after = apply(network, [change(conv, replace(conv, layer=Conv2d(8)))])
    assert after.topology is topology
    assert after.paths is paths
    assert after.links is network.links
    renamed = apply(network, [change(conv, replace(conv, name="other"))])
    assert renamed.topology is topology
    assert renamed.paths == {"input": "input", "other": "conv1", "relu": "relu"}
    assert apply(network, [remove(network.links["conv1>relu"])]).topology.outgoing["conv1"] == ()


@pytest.mark.parametrize(
    "edit",
    [
        Edit("nodes", "conv1", None, Node("conv1", "conv1", ReLU())),
        Edit("nodes", "nothing", Node("nothing", "nothing", ReLU()), None),
        Edit("nodes", "conv1", Node("conv1", "conv1", ReLU()), None),
        Edit("properties", "name", "another name", "x"),
    ],
)
def test_a_stale_edit_is_refused(network: Network, edit: Edit) -> None:
    with pytest.raises(StaleEdit, match="not what the edit expects"):
        apply(network, [edit])


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (Link("l", "conv1", "nowhere"), "hang in the air"),
        (Link("l", "nowhere", "conv1"), "hang in the air"),
        (Node("n", "n", ReLU(), "nowhere"), "lose its block"),
        (Node("n", "n", ReLU(), None, "nowhere"), "lose its block"),
        (Block("b", "b", parent="nowhere"), "lose its parent"),
        (Block("b", "b", group="nowhere"), "lose its parent"),
    ],
)
def test_nothing_may_point_nowhere(network: Network, entry: Node | Link | Block, told: str) -> None:
    with pytest.raises(StaleEdit, match=told):
        apply(network, [add(entry)])


def test_nothing_that_is_pointed_at_may_go(network: Network) -> None:
    with pytest.raises(StaleEdit, match="hang in the air"):
        apply(network, [remove(network.nodes["conv1"])])
    block, group = Block("b", "b", group="g"), Group("g")
    inner = Block("c", "c", parent="b")
    node = Node("n", "n", ReLU(), "b")
    network = apply(network, [add(group), add(block), add(inner), add(node)])
    for gone in (block, group):
        with pytest.raises(StaleEdit, match="would lose"):
            apply(network, [remove(gone)])
    assert "b" not in apply(network, [remove(node), remove(inner), remove(block)]).blocks


def test_the_order_of_edits_does_not_matter_for_references(network: Network) -> None:
    edits = [add(Link("l", "relu", "n")), add(Node("n", "n", ReLU(), "b")), add(Block("b", "b"))]
    assert apply(network, edits).path("n") == "b.n"


def test_merge_joins_edits_of_one_entry(network: Network) -> None:
    conv = network.nodes["conv1"]
    steps = [replace(conv, layer=Conv2d(n)) for n in (8, 16, 32)]
    edits = [change(a, b) for a, b in zip([conv, *steps], steps, strict=False)]
    assert merge(edits) == (change(conv, steps[-1]),)
    assert merge([*edits, change(steps[-1], conv)]) == ()
    node = Node("n", "n", ReLU())
    assert merge([add(node), remove(node)]) == ()
