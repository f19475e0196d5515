"""The network as a value: order, paths, blocks, copies."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as put

from explorer.network.graph import Block, Group, Link, Network, Node, Topology
from explorer.network.layers import Add, Conv2d, Input, ReLU
from tests.network.chain import chain, wired


def nested() -> Network:
    """Two towers that share weights, each with two copies of a unit; one node outside."""
    blocks, nodes = {}, {"outside": Node("outside", "outside", ReLU())}
    for tower in ("left", "right"):
        blocks[tower] = Block(tower, tower, group="towers")
        for unit in ("u1", "u2"):
            block = f"{tower}.{unit}"
            blocks[block] = Block(block, unit, parent=tower, group="units")
            nodes[f"{block}.conv"] = Node(f"{block}.conv", "conv", Conv2d(), block)
    return Network("net", "", nodes, {}, blocks, {"towers": Group("towers", True), "units": Group("units")})


def test_paths() -> None:
    network = nested()
    assert network.path("left.u1.conv") == "left.u1.conv"
    assert network.block_path("right.u2") == "right.u2"
    assert network.paths["outside"] == "outside"
    assert [block.id for block in network.ancestors("left.u1")] == ["left.u1", "left"]
    assert network.ancestors(None) == []


def test_what_is_within() -> None:
    network = nested()
    assert sorted(network.nodes_within("left")) == ["left.u1.conv", "left.u2.conv"]
    assert network.blocks_within("left") == ["left", "left.u1", "left.u2"]
    assert network.members[None] == (("outside",), ("left", "right"))
    assert network.taken_names("left") == {"u1", "u2"}


def test_counterparts_are_in_all_copies_and_sharers_in_those_that_share() -> None:
    network = nested()
    convolutions = {"left.u1.conv", "left.u2.conv", "right.u1.conv", "right.u2.conv"}
    assert set(network.counterparts("left.u1.conv")) == convolutions
    assert set(network.sharers("left.u1.conv")) == {"left.u1.conv", "right.u1.conv"}
    assert network.counterparts("outside") == ("outside",)
    assert network.copies_of("left") == ("left", "right")
    assert set(network.copies_of("left.u1")) == {"left.u1", "left.u2", "right.u1", "right.u2"}


def test_copies_are_copies_wherever_they_lie() -> None:
    network = nested()
    around = Block("around", "around")
    blocks = {**network.blocks, "around": around, "right": put(network.blocks["right"], parent="around")}
    moved = replace(network, blocks=blocks)
    for node in network.nodes:
        assert moved.counterparts(node) == network.counterparts(node)
        assert moved.sharers(node) == network.sharers(node)


def test_repeats_of_a_sharing_group_do_not_share() -> None:
    """Two stages of a repeat, each with two towers that share weights within their stage."""
    blocks, nodes = {}, {}
    for stage in ("s1", "s2"):
        blocks[stage] = Block(stage, stage, group="stages")
        for tower in ("left", "right"):
            block = f"{stage}.{tower}"
            blocks[block] = Block(block, tower, parent=stage, group="towers")
            nodes[block] = Node(block, "conv", Conv2d(), block)
    groups = {"stages": Group("stages"), "towers": Group("towers", True)}
    network = Network("net", "", nodes, {}, blocks, groups)
    assert len(network.counterparts("s1.left")) == 4
    assert set(network.sharers("s1.left")) == {"s1.left", "s1.right"}


def test_a_group_of_single_nodes() -> None:
    network = wired({"a": Conv2d(), "b": Conv2d(), "c": Conv2d()})
    nodes = {key: put(node, group="g") if key != "c" else node for key, node in network.nodes.items()}
    network = replace(network, nodes=nodes, groups={"g": Group("g", True)})
    assert network.counterparts("b") == ("a", "b")
    assert network.sharers("c") == ("c",)


def test_order_follows_the_links_and_else_the_nodes() -> None:
    network = wired({"m": Add(), "b": ReLU(), "a": ReLU(), "i": Input()}, "i>a", "i>b", "a>m", "b>m:1")
    assert network.topology.order == ("i", "b", "a", "m")
    assert network.topology.steps[-1].sources == (("a", 0), ("b", 0))
    assert network.topology.above == (-1, 0, 0, -1)


def test_ports_decide_the_order_of_inputs() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "m": Add()}, "a>m:7", "b>m:2")
    assert network.topology.steps[-1].sources == (("b", 0), ("a", 0))
    assert not network.topology.steps[-1].clash


def test_a_circle_and_what_is_behind_it() -> None:
    network = wired(
        {"i": Input(), "a": Add(), "b": ReLU(), "c": ReLU(), "x": ReLU()}, "i>a", "a>b", "b>a:1", "b>c"
    )
    topology = network.topology
    assert topology.order == ("i", "x")
    assert topology.cyclic == {"a", "b", "c"}
    assert topology.on_cycle == {"a", "b"}
    assert topology.rank == {"i": 0, "x": 1, "a": 2, "b": 3, "c": 4}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_every_node_has_one_place(pairs: list[tuple[int, int]]) -> None:
    nodes = [str(n) for n in range(10)]
    links = [Link(f"l{i}", str(a), str(b), 0, i) for i, (a, b) in enumerate(pairs)]
    topology = Topology.of(nodes, links)
    assert sorted([*topology.order, *topology.cyclic]) == nodes
    rank = topology.rank
    for link in links:
        assert link.target in topology.cyclic or rank[link.source] < rank[link.target]
    assert topology.on_cycle <= topology.cyclic
    assert bool(topology.on_cycle) == bool(topology.cyclic)


def test_an_empty_network() -> None:
    network = Network()
    assert network.topology.order == ()
    assert network.members == {None: ((), ())}
    assert chain().nodes == {}
