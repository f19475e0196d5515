"""Surgery proven: the network is run before and after, on the same input, with its weights carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from explorer.interop import surgery as with_weights
from explorer.interop.tensors import TensorStore
from explorer.interop.torch_module import NetworkModule, build, input_shapes
from explorer.interop.weights import fill, of_module, unweighted
from explorer.network import surgery
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    ConvTranspose2d,
    DepthwiseConv2d,
    Flatten,
    GlobalAvgPool2d,
    Input,
    Multiply,
    PReLU,
    ReLU,
    Scale,
    Tanh,
)
from explorer.network.shorthand import conv, linear, max_pool
from explorer.network.surgery import Plan
from explorer.zoo import catalogue
from tests.network.chain import chain

CLOSE = 1e-5


def fresh(prefix: str) -> str:
    return f"{prefix}9"


def weighted(network: Network, store: TensorStore, seed: int = 0) -> Network:
    """The network with weights of its own, and batch norms that have seen something."""
    module = build(network, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
            for value in part.state_dict().values():
                if value.is_floating_point():
                    value.copy_(0.3 + torch.rand(value.shape, generator=generator))
    return apply(network, of_module(network, module, None, store=store).edits)


def filled(network: Network, store: TensorStore, whole: bool = True) -> NetworkModule:
    module = build(network, seed=99)
    left = fill(module, network, store)
    assert bool(left) is not whole
    module.eval()
    return module


def run(network: Network, store: TensorStore, inputs: list[Tensor]) -> Tensor:
    with torch.inference_mode():
        found = filled(network, store)(*inputs)
    assert isinstance(found, Tensor)
    return found


def given_inputs(network: Network, batch: int = 2) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [torch.randn((batch, *shape), generator=generator) for shape in input_shapes(network)]


def operated(network: Network, plan: Plan, store: TensorStore) -> Network:
    """After the plan, with weights, as one step of a document whose undo takes it back."""
    document = Document(network)
    change = with_weights.carry(network, plan, store)
    document.apply(change.title, change.edits)
    result = document.network
    document.undo()
    assert document.network == network
    return result


def same_outputs(network: Network, make: Callable[[Any], Plan]) -> Network:
    """Give it weights, operate, and see that both give the same numbers; the network afterwards."""
    store = TensorStore()
    before = weighted(network, store)
    plan = make(infer(before))
    after = operated(before, plan, store)
    assert unweighted(after, infer(after), store) == frozenset()
    inputs = given_inputs(network)
    a, b = run(before, store, inputs), run(after, store, inputs)
    assert a.shape == b.shape
    assert float((a - b).abs().max()) < CLOSE * max(1.0, float(a.abs().max()))
    proof = with_weights.prove(before, plan, store=store)
    assert proof.difference < CLOSE * max(1.0, proof.scale)
    assert proof.scale > 0
    return after


def test_lenet_as_convolutions_takes_any_size() -> None:
    store = TensorStore()
    before = weighted(catalogue.find("lenet5").build(), store)
    plan = surgery.dense_to_convolution(infer(before), fresh)
    after = operated(before, plan, store)
    inputs = given_inputs(before)
    assert float((run(before, store, inputs) - run(after, store, inputs)).abs().max()) < CLOSE
    larger = apply(after, surgery.change_input(infer(after), fresh, (1, 48, 64)).change.edits)
    assert unweighted(larger, infer(larger), store) == frozenset()
    picture = torch.randn(1, 1, 48, 64)
    dense = run(larger, store, [picture])
    assert dense.shape == (1, 10)
    # What comes out is the mean over all windows of 32×32, four pixels apart.
    windows = [
        run(before, store, [picture[:, :, top : top + 32, left : left + 32]])
        for top in range(0, 17, 4)
        for left in range(0, 33, 4)
    ]
    assert float((dense - torch.stack(windows).mean(0)).abs().max()) < 1e-4


@pytest.mark.parametrize(("name", "width"), [("alexnet", 1.0), ("vgg16", 0.25)])
def test_the_lectures_heads_as_convolutions(name: str, width: float) -> None:
    network = catalogue.find(name).build()
    if width != 1:  # VGG's 7×7 as it is, but with channels that take a moment and not ten seconds
        network = apply(network, surgery.scale_width(infer(network), fresh, width).change.edits)
    proof = with_weights.prove(network, surgery.dense_to_convolution(infer(network), fresh))
    assert proof.difference < CLOSE
    assert proof.scale > 1e-3


def test_a_pooled_head_as_class_maps() -> None:
    after = same_outputs(
        catalogue.find("resnet20").build(), lambda i: surgery.head_to_average_pooling(i, fresh)
    )
    assert "class_maps" in after.paths


@pytest.mark.parametrize("name", ["resnet20", "resnet18", "bn-inception"])
def test_folded_networks_compute_the_same(name: str) -> None:
    same_outputs(catalogue.find(name).build(), lambda i: surgery.fold_batch_norm(i, fresh))


def test_folding_into_other_layers() -> None:
    network = chain(
        Input((4, 6, 6)), ConvTranspose2d(5, bias=False), BatchNorm(), ReLU(), conv(6, 3, bias=False),
        BatchNorm(affine=False), Tanh(), Flatten(), linear(7), BatchNorm(eps=0.01),
    )  # fmt: skip
    after = same_outputs(network, lambda i: surgery.fold_batch_norm(i, fresh))
    assert not any(isinstance(node.layer, BatchNorm) for node in after.nodes.values())


shapes = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 6))


@settings(max_examples=25)
@given(shapes, st.lists(st.integers(1, 9), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_any_head_as_convolutions(
    maps: tuple[int, int, int], widths: list[int], norm: bool, bias: bool
) -> None:
    layers: list[Layer] = [Flatten()]
    for width in widths:
        layers += [linear(width, bias), *([BatchNorm()] if norm else []), PReLU()]
    same_outputs(chain(Input(maps), *layers), lambda i: surgery.dense_to_convolution(i, fresh))


@settings(max_examples=25)
@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(3, 1), (2, 2), (1, 1)]),
)
def test_any_convolution_folded(
    groups: int, many: int, bias: bool, affine: bool, kernel: tuple[int, int]
) -> None:
    network = chain(
        Input((2 * groups, 7, 7)), conv(groups * many, kernel[0], kernel[1], groups=groups, bias=bias),
        BatchNorm(affine=affine),
    )  # fmt: skip
    same_outputs(network, lambda i: surgery.fold_batch_norm(i, fresh))


@pytest.mark.parametrize(("name", "factor"), [("lenet5", 2.0), ("resnet18", 1.5), ("nin-cifar10", 3.0)])
def test_wider_networks_compute_the_same(name: str, factor: float) -> None:
    same_outputs(catalogue.find(name).build(), lambda i: surgery.scale_width(i, fresh, factor))


PARTS: dict[str, tuple[Layer, ...]] = {
    "conv": (conv(3, 3, padding=1), ReLU()), "norm": (conv(5, 1, bias=False), BatchNorm(), PReLU()),
    "groups": (conv(4, 1), conv(8, 3, padding=1, groups=4)),
    "depthwise": (DepthwiseConv2d(2, (3, 3), padding=(1, 1)), Tanh()), "pool": (max_pool(2, 1, padding=1),),
    "back": (ConvTranspose2d(4),), "scale": (Scale(0.5, 0.1, trainable=True),),
}  # fmt: skip


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=4), st.sampled_from([1.25, 1.5, 2.0, 3.0])
)
def test_any_chain_widened(parts: list[str], factor: float) -> None:
    body = [layer for part in parts for layer in PARTS[part]]
    network = chain(Input((2, 5, 5)), conv(4, 1), *body, Flatten(), linear(6), ReLU(), linear(3))
    same_outputs(network, lambda i: surgery.scale_width(i, fresh, factor))


def test_wider_branches_are_put_together_right() -> None:
    b = Builder("Branches")
    start = b.input(3, 6, 6)
    one, other = b.add(conv(3, 1), start), b.add(conv(5, 3, padding=1), start)
    b.add(Concat(), one, other)
    b.add(BatchNorm())
    b.add(conv(8, 1))
    b.add(Add(), b.last or "", b.add(conv(8, 1), start))
    gated = b.last or ""
    b.add(GlobalAvgPool2d())
    b.add(conv(2, 1))
    b.add(conv(8, 1))
    b.add(Multiply(), gated, b.last or "")
    b.add(GlobalAvgPool2d(flatten=True))
    b.add(linear(4))
    same_outputs(b.network(), lambda i: surgery.scale_width(i, fresh, 1.5))


def test_a_narrower_network_keeps_its_first_filters() -> None:
    store = TensorStore()
    before = weighted(catalogue.find("lenet5").build(), store)
    plan = surgery.scale_width(infer(before), fresh, 0.5)
    assert plan.same == ""
    after = operated(before, plan, store)
    assert unweighted(after, infer(after), store) == frozenset()
    conv2 = before.paths["features.conv2"]
    old, new = (store.get(network.nodes[conv2].tensors["weight"]) for network in (before, after))
    assert torch.equal(new, old[:8, :3])
    fc1 = before.paths["classifier.fc1"]
    old, new = (store.get(network.nodes[fc1].tensors["weight"]) for network in (before, after))
    assert torch.equal(new, old[:60, : 8 * 25])


def test_layers_that_mix_channels_are_said_to() -> None:
    network = catalogue.find("alexnet").build()
    plan = surgery.scale_width(infer(network), fresh, 2)
    assert plan.same == ""
    assert plan.note.startswith("The weights of conv2, conv4 and conv5 are new")
    googlenet = surgery.scale_width(infer(catalogue.find("googlenet").build()), fresh, 2)
    assert googlenet.same == ""
    assert "mixes neighbouring channels" in googlenet.note


# -- the identity ------------------------------------------------------------------------------------------


def residual(*body: Layer, shortcut: tuple[Layer, ...] = ()) -> Network:
    b = Builder("Residual")
    b.input(4, 16, 16)
    start = b.add(ReLU(), name="before")
    for layer in body:
        b.add(layer)
    end, side = b.last or "", start
    for layer in shortcut:
        side = b.add(layer, side)
    b.add(Add(), end, side, name="add")
    b.add(ReLU(), name="after")
    return b.network()


BODIES: dict[str, tuple[Layer, ...]] = {
    "plain": (conv(4, 3, padding=1), ReLU(), conv(4, 3, padding=1)),
    "norm": (conv(4, 3, padding=1, bias=False), BatchNorm(), ReLU(), conv(4, 3, padding=1), BatchNorm()),
    "pool": (max_pool(3, 1, padding=1), conv(4, 3, padding=1), max_pool(3, 1, padding=1)),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_zeros_make_a_block_the_identity_exactly(body: tuple[Layer, ...]) -> None:
    store = TensorStore()
    before = weighted(residual(*body), store)
    plan = surgery.zero_residuals(infer(before))
    after = operated(before, plan, store)
    values = dict(filled(after, store).run_nodes(*given_inputs(after)))
    assert torch.equal(values["after"], values["before"])  # a^[l+2] = g(a^[l]) = a^[l], as a^[l] ≥ 0
    assert with_weights.prove(before, plan, store=store).difference == 0.0
    untouched = dict(filled(before, store).run_nodes(*given_inputs(before)))
    assert not torch.equal(untouched["after"], untouched["before"])


def test_with_batch_norm_a_zero_convolution_is_not_enough() -> None:
    network = residual(*BODIES["norm"])
    module = build(network, seed=0)
    module.eval()
    second = module.get_submodule(module.module_name("conv2d2"))
    norm = module.get_submodule(module.module_name("batchnorm2"))
    with torch.no_grad():
        for value in second.state_dict().values():
            value.zero_()
        norm.state_dict()["bias"].fill_(0.5)
    values = dict(module.run_nodes(*given_inputs(network)))
    assert not torch.equal(values["after"], values["before"])  # β is added to what the convolution left at 0
    with torch.no_grad():
        norm.state_dict()["bias"].zero_()
        norm.state_dict()["weight"].zero_()
    values = dict(module.run_nodes(*given_inputs(network)))
    assert torch.equal(values["after"], values["before"])


def test_a_valid_block_is_its_shortcut_then() -> None:
    store = TensorStore()
    before = weighted(residual(conv(4, 3), ReLU(), conv(4, 3), shortcut=(conv(4, 5),)), store)
    after = operated(before, surgery.zero_residuals(infer(before)), store)
    values = dict(filled(after, store).run_nodes(*given_inputs(after)))
    assert torch.equal(values["after"], values["conv2d3"].relu())


def test_a_whole_network_of_zeros() -> None:
    network = catalogue.find("resnet18").build()
    plan = surgery.zero_residuals(infer(network))
    assert with_weights.prove(network, plan).difference == 0.0
    store = TensorStore()
    after = operated(network, plan, store)  # it has no weights, and gets those zeros alone
    left = unweighted(after, infer(after), store)
    assert {node for node in network.nodes if infer(network).results[node].tensors} - left == {
        one.node for one in plan.carries
    }


# -- what else becomes of weights --------------------------------------------------------------------------


def test_weights_that_stay_and_weights_that_begin_anew() -> None:
    store = TensorStore()
    before = weighted(catalogue.find("resnet20").build(), store)

    def random_after(plan: Plan) -> set[str]:
        after = operated(before, plan, store)
        return {after.path(node) for node in unweighted(after, infer(after), store)}

    inference = infer(before)
    assert random_after(surgery.remove_shortcuts(inference, fresh)) == set()
    assert random_after(surgery.replace_head(inference, fresh, 7)) == {"fc"}
    assert random_after(surgery.swap_activations(inference, fresh, Tanh())) == set()
    assert random_after(surgery.change_input(inference, fresh, (3, 64, 64))) == set()
    assert random_after(surgery.scale_width(inference, fresh, 0.5)) == set()
    plain = weighted(catalogue.find("plain20").build(), store)
    plan = surgery.insert_shortcuts(infer(plain), fresh)
    after = operated(plain, plan, store)
    assert {after.path(n) for n in unweighted(after, infer(after), store)} == {
        f"{stage}.0.downsample.{n}" for stage in ("layer2", "layer3") for n in (0, 1)
    }


def test_without_weights_there_are_none_afterwards() -> None:
    network = catalogue.find("lenet5").build()
    store = TensorStore()
    after = operated(network, surgery.dense_to_convolution(infer(network), fresh), store)
    assert not any(node.tensors for node in after.nodes.values())


def test_a_wrong_carry_would_be_seen() -> None:
    network = catalogue.find("lenet5").build()
    plan = surgery.dense_to_convolution(infer(network), fresh)
    broken = Plan(plan.change, plan.carries[:-1], plan.same)  # one layer keeps weights of its own
    assert with_weights.prove(network, broken).difference > 1e-3


def test_what_cannot_be_proven() -> None:
    network = catalogue.find("lenet5").build()
    with pytest.raises(UserError, match="Nothing has to stay the same"):
        with_weights.prove(network, surgery.replace_head(infer(network), fresh, 3))
    plan = surgery.dense_to_convolution(infer(network), fresh, average=False)
    assert with_weights.prove(network, plan).difference < CLOSE
