from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.graph import Link, Network, Node
from explorer.network.layers import Add, BatchNorm, Concat, Conv2d, Dropout, Input, MaxPool2d, ReLU
from explorer.ui.canvas import folding
from explorer.ui.canvas.outline import Kind, Outline, block_key
from explorer.ui.canvas.outliner import outline_of
from explorer.ui.canvas.placement import place
from tests.benchmarks.shapes import densenet
from tests.ui.canvas.networks import broken, chain, conv, inception, resnet


def folded(network: Network, **flags: bool) -> Network:
    """The network with blocks folded or not, by their paths with `__` for the dot."""
    paths = {network.block_path(block).replace(".", "__"): block for block in network.blocks}
    blocks = dict(network.blocks)
    for path, flag in flags.items():
        blocks[paths[path]] = with_fields(blocks[paths[path]], folded=flag)
    return replace(network, blocks=blocks)


def test_norm_activation_and_dropout_dock_under_what_they_follow() -> None:
    outline = outline_of(chain())
    assert outline.cards["conv1"].riders == ("bn1", "relu1")
    assert outline.cards["fc1"].riders == ("relu2", "drop")
    assert outline.cards["fc2"].riders == ("softmax",)
    assert list(outline.cards) == ["input", "conv1", "pool1", "flatten", "fc1", "fc2"]
    assert [(wire.source, wire.target) for wire in outline.wires.values()] == [
        ("input", "conv1"), ("conv1", "pool1"), ("pool1", "flatten"), ("flatten", "fc1"), ("fc1", "fc2"),
    ]  # fmt: skip


def test_a_rider_that_a_branch_leaves_from_keeps_what_follows_it_apart() -> None:
    b = Builder()
    b.input(3, 8, 8)
    b.add(conv(4), name="conv")
    norm = b.add(BatchNorm(), name="norm")
    b.add(ReLU(), name="relu")
    b.follow(norm)
    b.add(conv(4), name="side")
    outline = outline_of(b.network())
    assert outline.cards["conv"].riders == ("norm",)
    assert outline.cards["relu"].kind is Kind.LAYER
    assert {w.source_node for w in outline.wires.values() if w.target in ("relu", "side")} == {"norm"}


def test_a_rider_that_was_dragged_away_is_a_card() -> None:
    network = chain()
    moved = with_fields(network.nodes["relu1"], position=(300.0, 40.0))
    outline = outline_of(replace(network, nodes={**network.nodes, "relu1": moved}))
    assert outline.cards["conv1"].riders == ("bn1",)
    assert outline.cards["relu1"].riders == ()


def test_nothing_docks_on_an_input_or_a_concatenation() -> None:
    b = Builder()
    start = b.input(3, 8, 8)
    one = b.add(BatchNorm(), name="norm")
    b.add(Concat(), one, start, name="cat")
    b.add(ReLU(), name="relu")
    outline = outline_of(b.network())
    assert set(outline.cards) == {"input", "norm", "cat", "relu"}
    assert outline.cards["cat"].kind is Kind.BAR


def test_the_short_way_into_an_add_is_a_shortcut() -> None:
    outline = outline_of(broken())
    assert outline.cards["add"].kind is Kind.DOT
    assert outline.cards["add"].riders == ("relu2",)
    shortcuts = [(w.source, w.target) for w in outline.wires.values() if w.shortcut]
    assert shortcuts == [("conv1", "add")]


def test_a_projection_is_a_shortcut_from_its_beginning() -> None:
    outline = outline_of(resnet((1,)))
    shortcuts = {(w.source, w.target) for w in outline.wires.values() if w.shortcut}
    assert shortcuts == {("pool1", "stage1.0.downsample"), ("stage1.0.downsample", "stage1.0.add")}


def test_a_folded_block_is_one_card_with_one_wire_on_each_side() -> None:
    network = folded(inception(), inception3a=True)
    outline = outline_of(network)
    card = outline.cards[block_key("inception3a")]
    assert len(card.nodes) == 14
    assert [(w.source, w.target) for w in outline.wires.values()] == [
        ("input", card.key), (card.key, "avgpool"), ("avgpool", "fc"),
    ]  # fmt: skip
    assert len(outline.wires["input>inception3a.one0"].links) == 4
    assert not outline.regions


def test_the_three_views_of_a_repeat() -> None:
    network = resnet((4,))
    assert outline_of(network).regions["stage1.1"].copies == 3
    every = outline_of(apply(network, folding.every_copy(network, "stage1.1").edits))
    assert {"stage1.1", "stage1.2", "stage1.3"} <= set(every.regions)

    card = outline_of(apply(network, folding.as_one_card(network, "stage1.1").edits))
    one = card.cards[block_key("stage1.1")]
    assert one.copies == 3
    assert len(one.nodes) == 30
    assert block_key("stage1.2") not in card.cards
    assert [(w.source, w.target) for w in card.wires.values() if one.key in (w.source, w.target)] == [
        ("stage1.0.add", one.key), (one.key, "avgpool"),
    ]  # fmt: skip

    once = outline_of(apply(network, folding.body_once(network, "stage1.1").edits))
    assert once.regions["stage1.1"].copies == 3
    assert "stage1.2" not in once.regions
    assert all(card.kind is not Kind.BLOCK for card in once.cards.values())
    assert "stage1.2.conv1" not in once.cards
    assert once.card_of["stage1.3.conv2"] == "stage1.1.conv2"
    out = [w for w in once.wires.values() if w.target == "avgpool"]
    assert [(w.source, w.source_node) for w in out] == [("stage1.1.add", "stage1.1.relu")]
    assert all(w.source != w.target for w in once.wires.values())


def test_toggling_goes_through_the_views() -> None:
    network = resnet((3,), folded=True)
    network = apply(network, folding.toggled(network, ["stage1"]).edits)
    outline = outline_of(network)
    assert outline.cards[block_key("stage1.1")].copies == 2
    network = apply(network, folding.toggled(network, ["stage1.1"]).edits)
    assert outline_of(network).regions["stage1.1"].copies == 2
    network = apply(network, folding.toggled(network, ["stage1.1"]).edits)
    assert outline_of(network).cards[block_key("stage1.1")].copies == 2


def test_copies_that_something_lies_between_are_not_drawn_as_one() -> None:
    b = Builder()
    b.input(3, 8, 8)

    def body(_: int) -> None:
        b.add(conv(3), name="conv")

    b.repeat(["a", "b"], body, folded=True)
    network = b.network()
    between = Node("pool", "pool", MaxPool2d(kernel_size=(1, 1)))
    old = next(link for link in network.links.values() if link.source == "a.conv")
    links = {**network.links, old.id: Link(old.id, "a.conv", "pool"), "new": Link("new", "pool", "b.conv")}
    outline = outline_of(replace(network, nodes={**network.nodes, "pool": between}, links=links))
    assert outline.cards[block_key("a")].copies == 1
    assert outline.cards[block_key("b")].copies == 1


def test_an_empty_folded_block_is_still_a_card() -> None:
    b = Builder()
    b.input(3, 8, 8)
    with b.block("later", folded=True):
        pass
    assert outline_of(b.network()).cards[block_key("later")].nodes == ()


def test_cards_of_the_trunk_have_nothing_beside_them() -> None:
    outline = outline_of(resnet((1,)))
    assert outline.cards["pool1"].trunk
    assert not outline.cards["stage1.0.conv2"].trunk
    assert outline.cards["stage1.0.add"].trunk


LAYERS = (Conv2d(out_channels=4), BatchNorm(), ReLU(), Dropout(), Add(), Concat(), MaxPool2d())


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any graph: cycles, loose ends, blocks in blocks, repeats, some of it folded."""
    b = Builder("random")
    names: list[str] = [b.input(3, 16, 16)]
    if draw(st.booleans()):
        b.repeat(
            range(draw(st.integers(2, 3))), lambda _: b.add(conv(3), name="c"), folded=draw(st.booleans())
        )
    for index in range(draw(st.integers(0, 12))):
        layer = draw(st.sampled_from(LAYERS))
        depth = draw(st.integers(0, 2))
        sources = draw(st.lists(st.sampled_from(names), max_size=3))
        if depth == 0:
            names.append(b.add(layer, *sources, name=f"n{index}"))
        elif depth == 1:
            with b.block(f"b{index}", folded=draw(st.booleans())):
                names.append(b.add(layer, *sources, name="x"))
                names.append(b.add(ReLU(), name="y"))
        else:
            with b.block(f"b{index}", folded=draw(st.booleans())), b.block("in", folded=draw(st.booleans())):
                names.append(b.add(layer, *sources, name="x"))
    network = b.network()
    links = dict(network.links)
    for index in range(draw(st.integers(0, 3))):
        source, target = draw(st.sampled_from(names)), draw(st.sampled_from(names[1:] or names))
        if not isinstance(network.nodes[target].layer, Input):
            links[f"extra{index}"] = Link(f"extra{index}", source, target, 0, index)
    nodes = dict(network.nodes)
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        nodes[name] = with_fields(nodes[name], position=(draw(st.integers(-500, 500)) * 1.0, 40.0))
    return replace(network, links=links, nodes=nodes)


def check(network: Network, outline: Outline) -> None:
    assert set(outline.card_of) == set(network.nodes)
    assert set(outline.card_of.values()) <= set(outline.cards)
    shown = [node for card in outline.cards.values() for node in card.nodes]
    assert len(shown) == len(set(shown))
    for wire in outline.wires.values():
        assert wire.source in outline.cards
        assert wire.target in outline.cards
        assert wire.source != wire.target
    for card in outline.cards.values():
        assert card.region is None or card.region in outline.regions
    for region in outline.regions.values():
        assert region.parent is None or region.parent in outline.regions
    placement = place(outline, network)
    assert set(placement.bodies) == set(outline.cards)
    assert set(placement.regions) == set(outline.regions)
    assert set(placement.routes) == set(outline.wires)
    assert all(len(route) >= 2 for route in placement.routes.values())


@given(networks())
def test_every_network_has_an_outline_in_which_each_node_has_its_place(network: Network) -> None:
    check(network, outline_of(network))
    everything = folding.all_folded(network)
    check(*(lambda n: (n, outline_of(n)))(apply(network, everything.edits)))


def test_deep_networks_are_outlined_whole() -> None:
    network = resnet()
    network = apply(network, folding.all_unfolded(network).edits)
    outline = outline_of(network)
    check(network, outline)
    assert len(outline.cards) == 210


def test_a_graph_shaped_as_densenet_201_stays_readable() -> None:
    network = densenet()
    network = apply(network, folding.all_unfolded(network).edits)
    outline = outline_of(network)
    check(network, outline)
    placement = place(outline, network)
    bodies = sorted(placement.bodies.values(), key=lambda area: area.y)
    for above, below in itertools.pairwise(bodies):
        assert above.bottom <= below.y or above.right <= below.x or below.right <= above.x
    middles = {area.middle[0] for area in bodies}
    assert len(middles) == 1, "one column of cards, the skips in lanes beside it"
    lanes = {x for route in placement.routes.values() for x, _ in route} - middles
    assert min(lanes, default=1e9) > max(area.right for area in bodies) - 1
