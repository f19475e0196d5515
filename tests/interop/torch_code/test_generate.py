"""Code for networks of all kinds of wiring."""

from __future__ import annotations

import pytest
from torch import nn

from explorer.interop.torch_code import generate
from explorer.interop.torch_code.names import RESERVED
from explorer.interop.torch_code.part import part
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.inference import infer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Constant,
    Conv2d,
    Crop,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Input,
    L2Normalize,
    Linear,
    MaxPool2d,
    Multiply,
    Opaque,
    Output,
    ParameterTensor,
    Part,
    Permute,
    Reduce,
    ReLU,
    Reshape,
    Roll,
    Scale,
    Select,
    Sigmoid,
    Slice,
    Unflatten,
)
from explorer.network.shorthand import conv
from explorer.zoo import catalogue
from tests.interop.test_torch_module import siamese, small_residual
from tests.interop.torch_code.made import assert_same


def test_training_only_heads_stand_under_if_training() -> None:
    network = small_residual()
    code = generate(network)
    assert "        if self.training:\n            aux" in code.text
    assert_same(network, code, training=True)


def test_training_only_blocks_are_called_under_if_training() -> None:
    b = Builder("with heads")
    b.input(3, 16, 16)
    trunk = b.add(conv(4, 3), name="conv1")
    for name in ("aux1", "aux2"):
        with b.training_only(), b.block(name, kind="auxiliary head"):
            b.add(GlobalAvgPool2d(flatten=True), trunk, name="pool")
            b.add(Linear(5), name="fc")
        trunk = b.add(conv(4, 3), trunk, name=f"after_{name}")
    b.add(GlobalAvgPool2d(flatten=True), trunk, name="pool")
    b.add(Linear(5), name="fc")
    code = generate(b.network())
    assert code.text.count("if self.training:") >= 2
    assert_same(b.network(), code, training=True)


def test_shared_weights_are_one_module_called_twice() -> None:
    network = siamese()
    code = generate(network)
    assert code.text.count("nn.Conv2d(") == 1
    assert "left = self.left(in_left)" in code.text
    assert "self.left(in_right)" in code.text
    assert_same(network, code)


def test_copies_in_different_blocks_still_share() -> None:
    nodes = {"x": Node("x", "x", Input((4,)))}
    links = {}
    blocks = {name: Block(name, name) for name in ("one", "two")}
    before = "x"
    for side in ("one", "two"):
        blocks[f"{side}.twin"] = Block(f"{side}.twin", "twin", parent=side, group="g")
        for name, block in (("before", side), ("fc", f"{side}.twin")):
            key = f"{side}.{name}"
            nodes[key] = Node(key, name, Linear(4), block=block)
            links[key] = Link(key, before, key)
            before = key
    network = Network("twins", "", nodes, links, blocks, {"g": Group("g", shares_weights=True)})
    code = generate(network)
    assert_same(network, code)


def test_a_block_that_values_leave_and_come_back_to_is_written_out() -> None:
    nodes = {
        "x": Node("x", "x", Input((3, 8, 8))),
        "a": Node("a", "a", Conv2d(4, padding="same"), block="B"),
        "b": Node("b", "b", ReLU()),
        "c": Node("c", "c", Conv2d(2, padding="same"), block="B"),
    }
    links = {f"l{n}": Link(f"l{n}", s, t) for n, (s, t) in enumerate((("x", "a"), ("a", "b"), ("b", "c")))}
    network = Network("out and in", "", nodes, links, {"B": Block("B", "part")})
    code = generate(network)
    assert "self.part_a" in code.text
    assert_same(network, code)


def test_several_inputs_outputs_and_ways_to_join() -> None:
    b = Builder("joins")
    left, right = b.input(4, 6, 6, name="left"), b.input(4, 6, 6, name="right")
    with b.block("gate", kind="gate"):
        weights = b.add(Sigmoid(), b.add(conv(4, 1), left, name="conv"), name="sigmoid")
        gated = b.add(Multiply(), right, weights, name="times")
    total = b.add(Add(), gated, left, right, name="sum")
    b.add(Scale(0.5, -1.0), total, name="scale")
    b.add(Crop((4, 4), (1, 2)), name="crop")
    b.add(Crop((3, 3)), name="middle")
    b.add(Output(), name="first")
    b.add(Reshape((-1, 3)), total, name="reshape")
    b.add(L2Normalize(), name="unit")
    b.add(Output(), name="second")
    network = b.network()
    code = generate(network)
    assert "def forward(self, left, right):" in code.text
    assert_same(network, code)


def test_constants_are_as_many_as_the_batch() -> None:
    b = Builder("constants")
    start = b.input(2, 3, 3)
    with b.block("part"):
        value = b.add(Constant((2, 3, 3), 7.0), name="seven")
        b.add(Concat(), start, value, name="cat")
    network = b.network()
    network = Network(
        network.name,
        "",
        network.nodes,
        {key: link for key, link in network.links.items() if link.target != value},
        network.blocks,
    )
    assert_same(network, generate(network))


def test_an_optional_projection_is_one_class() -> None:
    b = Builder("optional")
    b.input(4, 8, 8)
    for index, projected in enumerate((False, True, False)):
        with b.block(f"block{index}", kind="residual"):
            entry = b.last or ""
            inner = b.add(conv(4, 3, padding=1), entry, name="conv")
            shortcut = entry
            if projected:
                with b.block("project"):
                    shortcut = b.add(conv(4, 1), entry, name="conv")
            b.add(Add(), inner, shortcut, name="add")
    code = generate(b.network())
    assert code.text.count("class ") == 2
    assert "Residual(project=True)" in code.text
    assert_same(b.network(), code)


def test_names_that_python_or_torch_keep() -> None:
    b = Builder("1 ünï “×” class")
    b.input(4, name="lambda")
    with b.block("type"):
        b.add(Linear(4), name="train")
        b.add(ReLU(), name="my layer")
        b.add(Linear(4), name="class")
    skip = b.last
    b.add(Linear(4), name="3")
    b.add(Add(), b.last or "", skip or "", name="for")
    assert_same(b.network(), generate(b.network()))
    public = {name for name in dir(nn.Sequential()) if not name.startswith("_")}
    assert public == RESERVED


def test_a_layer_whose_value_nobody_takes_keeps_its_weights() -> None:
    b = Builder("loose")
    start = b.input(4)
    b.add(Linear(2), start, name="a")
    b.add(Output(), name="out")
    b.add(Linear(5), start, name="loose")
    assert_same(b.network(), generate(b.network()))


def test_what_is_random_in_training_is_drawn_in_the_same_order() -> None:
    b = Builder("drops")
    start = b.input(4, 6, 6)
    left = b.add(Dropout(0.5), b.add(conv(4, 1), start, name="c1"), name="d1")
    right = b.add(Dropout(0.5), b.add(conv(4, 1), start, name="c2"), name="d2")
    b.add(Concat(), left, right, name="cat")
    b.add(BatchNorm(), name="bn")
    b.add(Flatten(), name="flat")
    assert_same(b.network(), generate(b.network()), training=True)


def opaque() -> Network:
    b = Builder("opaque")
    b.input(3, 8, 8)
    b.add(Opaque("attention", ((3, 8, 8),), ((3, 8, 8),)))
    return b.network()


def refused() -> Network:
    b = Builder("refused")
    b.input(3, 8, 8)
    b.add(Linear(3), name="fc")
    return b.network()


def fed_by_training() -> Network:
    b = Builder("fed")
    b.input(4)
    with b.training_only():
        b.add(Linear(4), name="head")
    b.add(ReLU(), name="relu")
    return b.network()


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (Network(), "empty"),
        (opaque(), "known only by its shapes"),
        (refused(), "fc: Linear takes a vector"),
        (fed_by_training(), "relu needs a layer that only training has"),
        (siamese((1, 14, 14)), "shares its weights"),
    ],
)
def test_what_has_no_code_is_told(network: Network, said: str) -> None:
    with pytest.raises(UserError, match=said):
        generate(network)


def test_a_part_is_a_network_of_its_own() -> None:
    network = catalogue.find("resnet50").build()
    inside = network.nodes_within("layer2.0")
    piece = part(network, infer(network), inside)
    code = generate(piece)
    assert code.name == "Bottleneck"
    assert "def forward(self, x):" in code.text
    assert_same(piece, code)
    chosen = ["conv1", "bn1", "maxpool"]
    code = generate(part(network, infer(network), chosen))
    assert code.name == "Selection"
    assert "def forward(self, input, relu):" not in code.text
    with pytest.raises(UserError, match="Nothing is selected"):
        part(network, infer(network), [])


def test_pool_of_a_part_takes_what_the_network_gives() -> None:
    b = Builder("parts")
    b.input(3, 8, 8)
    b.add(conv(4, 3), name="conv")
    pool = b.add(MaxPool2d(), name="pool")
    piece = part(b.network(), infer(b.network()), [pool])
    module_input = next(node for node in piece.nodes.values() if isinstance(node.layer, Input))
    assert module_input.layer == Input((4, 6, 6))
    assert_same(piece, generate(piece))


def test_layers_of_axes_are_operators() -> None:
    b = Builder("axes")
    start = b.input(4, 6, 6)
    for layer in (
        Permute((3, 1, 2)),
        Slice(1, 1, 5),
        Unflatten(3, (2, 3)),
        Flatten(1, 2),
        Roll((1,), (2,)),
        Part(2, 1, 3),
        Reduce("amax", (3,), keepdim=True),
        Select(1, 0),
    ):
        b.add(layer)
    tokens = b.add(ParameterTensor((1, 2, 1), (2, 1)), name="token")
    network = b.network()
    links = {key: link for key, link in network.links.items() if link.target != tokens}
    nodes = {**network.nodes, "sum": Node("sum", "sum", Add())}
    last = next(link.source for link in network.links.values() if link.target == tokens)
    links |= {"a": Link("a", last, "sum"), "b": Link("b", tokens, "sum", target_port=1)}
    network = Network("axes", "", nodes, links)
    assert infer(network).results["sum"].output == (2, 1)
    code = generate(network)
    assert ".permute(0, 3, 1, 2)" in code.text
    assert "self.token = nn.Parameter(0.02 * torch.randn(1, 2, 1))" in code.text
    assert "self.token" in code.text.splitlines()[-1]
    assert start in network.nodes
    assert_same(network, code)
