"""Two networks on one input: the same come out the same, and what differs first is found."""

from __future__ import annotations

import pytest

from explorer.interop.side_by_side import Apart, run_both
from explorer.interop.surgery import carry
from explorer.interop.tensors import TensorStore
from explorer.interop.torch_module import build
from explorer.interop.weights import of_module
from explorer.network import operations as do
from explorer.network import surgery
from explorer.network.diff import compare
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import Input, ReLU, Tanh
from explorer.network.shorthand import conv, linear
from explorer.zoo import catalogue
from tests.network.chain import chain


def zoo(name: str) -> Network:
    return catalogue.find(name).build()


def both(a: Network, b: Network, store: TensorStore | None = None) -> Apart:
    return run_both(compare(infer(a), infer(b)), store=store or TensorStore())


def test_a_network_and_itself() -> None:
    apart = both(zoo("resnet20"), zoo("resnet20"))
    assert apart.outputs == 0.0
    assert apart.scale > 0
    assert set(apart.layers.values()) == {0.0}
    assert apart.first_apart() is None
    assert apart.lent == sum(bool(result.tensors) for result in infer(zoo("resnet20")).results.values())


def test_where_two_networks_part_is_found() -> None:
    before = zoo("lenet5")
    after = apply(before, do.set_layer(before, before.paths["features.tanh2"], ReLU()).edits)
    apart = both(before, after)
    assert apart.outputs is not None
    assert apart.outputs > 1e-3
    assert apart.first_apart() == ("features.tanh2", "features.tanh2")
    assert apart.layers["features.conv2", "features.conv2"] == 0.0


def test_shortcuts_make_the_difference() -> None:
    apart = both(zoo("plain20"), zoo("resnet20"))
    assert apart.first_apart() == ("layer1.0.relu2", "layer1.0.relu2")


def test_the_same_function_in_another_form() -> None:
    store = TensorStore()
    network = zoo("lenet5")
    weighted = apply(network, of_module(network, build(network, seed=1), None, store=store).edits)
    plan = surgery.dense_to_convolution(infer(weighted), lambda p: p + "9")
    apart = both(weighted, apply(weighted, carry(weighted, plan, store).edits), store)
    assert apart.outputs is not None
    assert apart.outputs < 1e-6
    assert apart.lent == 0


def test_a_side_with_weights_lends_them() -> None:
    store = TensorStore()
    network = zoo("lenet5")
    learned = apply(network, of_module(network, build(network, seed=7), None, store=store).edits)
    for pair in ((network, learned), (learned, network)):
        apart = both(*pair, store)
        assert apart.outputs == 0.0
        assert apart.lent == 5
    other = apply(network, of_module(network, build(network, seed=8), None, store=store).edits)
    assert (both(learned, other, store).outputs or 0.0) > 1e-3


def test_what_cannot_be_compared() -> None:
    with pytest.raises(UserError, match="LeNet-5 takes 1 × 32 × 32, ResNet-20 3 × 32 × 32"):
        both(zoo("lenet5"), zoo("resnet20"))
    one = chain(Input((3,)), linear(4))
    other = chain(Input((3,)), linear(5))
    assert both(one, other).outputs is None
    with pytest.raises(UserError, match="Nothing feeds it"):
        both(chain(conv(4, 3)), chain(Tanh()))
