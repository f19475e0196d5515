"""Networks as modules: names, sharing, training-only parts, several ends, what is let go."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop.torch_module import build
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import (
    RBF,
    Add,
    BatchNorm,
    Concat,
    Constant,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Identity,
    Input,
    Linear,
    MaxPool2d,
    Multiply,
    Opaque,
    Output,
    ReLU,
    ScaledTanh,
    Softmax,
    Subsample,
    TableConv2d,
)


def small_residual() -> Network:
    """A network with blocks, a shortcut and a training-only head."""
    b = Builder("small")
    b.input(3, 16, 16)
    b.add(Conv2d(8, (3, 3), padding=(1, 1), bias=False), name="conv1")
    with b.block("stage"):
        start = b.add(BatchNorm(), name="bn")
        inner = b.add(Conv2d(8, (3, 3), padding=(1, 1)), name="conv")
        joined = b.add(Add(), inner, start, name="add")
    with b.training_only():
        b.add(GlobalAvgPool2d(flatten=True), joined, name="aux_pool")
        b.add(Linear(4), name="aux")
    b.add(MaxPool2d(), joined, name="pool")
    b.add(Flatten(), name="flatten")
    b.add(Linear(10), name="fc")
    return b.network()


def test_modules_bear_the_paths_of_their_nodes() -> None:
    module = build(small_residual(), device="meta")
    assert set(module.state_dict()) >= {
        "conv1.weight",
        "stage.bn.running_mean",
        "stage.conv.bias",
        "fc.weight",
    }
    assert isinstance(module.get_submodule(module.module_name("stage.conv")), nn.Conv2d)


def test_counts_are_those_of_the_inference() -> None:
    network = small_residual()
    totals = infer(network).totals
    module = build(network, device="meta").eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        out = module(torch.zeros(1, 3, 16, 16, device="meta"))
    assert out.shape == (1, 10)
    assert counter.get_total_flops() == 2 * totals.macs
    assert sum(p.numel() for p in module.parameters()) == totals.parameters


def test_training_only_parts_come_last_in_training_and_not_at_all_in_eval() -> None:
    module = build(small_residual(), seed=0)
    x = torch.rand(2, 3, 16, 16)
    main, extra = module.train()(x)
    assert (main.shape, extra.shape) == ((2, 10), (2, 4))
    assert list(module.result_nodes) == ["fc", "aux"]
    evaluated = [node for node, _ in module.eval().run_nodes(x)]
    assert "aux" not in evaluated
    assert isinstance(module(x), Tensor)


def test_the_same_seed_gives_the_same_weights_and_leaves_the_generator_alone() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one, two, other = (build(small_residual(), seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not torch.equal(one["fc.weight"], other["fc.weight"])


def test_a_chain_computes_what_torch_computes() -> None:
    module = build(small_residual(), seed=3).eval()
    x = torch.rand(2, 3, 16, 16)
    start = module.get_submodule("stage.bn")(module.get_submodule("conv1")(x))
    joined = module.get_submodule("stage.conv")(start) + start
    expected = module.get_submodule("fc")(nn.functional.max_pool2d(joined, 2).flatten(1))
    torch.testing.assert_close(module(x), expected)


def siamese(second: tuple[int, ...] = (1, 12, 12)) -> Network:
    """Two inputs, one encoder used twice, and what their embeddings differ by."""
    layers: tuple[Layer, ...] = (Conv2d(4), ReLU(), Flatten(), Linear(6))
    nodes: dict[str, Node] = {}
    links: list[tuple[str, str]] = []
    blocks = {side: Block(side, side, group="twins") for side in ("left", "right")}
    for side, shape in (("left", (1, 12, 12)), ("right", second)):
        nodes[f"in_{side}"] = Node(f"in_{side}", f"in_{side}", Input(shape))
        before = f"in_{side}"
        for index, layer in enumerate(layers):
            found = f"{side}{index}"
            nodes[found] = Node(found, f"n{index}", layer, block=side)
            links.append((before, found))
            before = found
    nodes["join"] = Node("join", "join", Concat())
    tables = {f"l{index}": Link(f"l{index}", source, target) for index, (source, target) in enumerate(links)}
    tables["j0"] = Link("j0", "left3", "join")
    tables["j1"] = Link("j1", "right3", "join", target_port=1)
    groups = {"twins": Group("twins", shares_weights=True)}
    return Network("siamese", "", nodes, tables, blocks, groups)


def test_shared_weights_are_there_once() -> None:
    network = siamese()
    module = build(network, seed=0).eval()
    assert sum(p.numel() for p in module.parameters()) == infer(network).totals.parameters
    assert {key.split(".")[0] for key in module.state_dict()} == {"left"}
    x = torch.rand(3, 1, 12, 12)
    out = module(x, x)
    torch.testing.assert_close(out[:, :6], out[:, 6:])


def test_sharing_between_different_inputs_is_told() -> None:
    with pytest.raises(UserError, match="shares its weights"):
        build(siamese((1, 14, 14)), device="meta")


def test_several_outputs_come_in_their_order() -> None:
    b = Builder("heads")
    start = b.input(4)
    b.add(Linear(2), start, name="a")
    b.add(Output(), name="first")
    b.add(Linear(3), start, name="b")
    b.add(Output(), name="second")
    b.add(Linear(5), start, name="loose end")
    first, second = build(b.network()).eval()(torch.rand(7, 4))
    assert (first.shape, second.shape) == ((7, 2), (7, 3))


def test_several_inputs_and_constants() -> None:
    b = Builder("inputs")
    one, two = b.input(4, 3, 3, name="one"), b.input(4, 1, 1, name="two")
    b.follow(one)
    product = b.add(Multiply(), one, two)
    network = b.network()
    nodes = {
        **network.nodes,
        "c": Node("c", "c", Constant((2, 3, 3), 7.0)),
        "cat": Node("cat", "cat", Concat()),
    }
    links = {**network.links, "x": Link("x", product, "cat"), "y": Link("y", "c", "cat", target_port=1)}
    module = build(replace(network, nodes=nodes, links=links)).eval()
    out = module(torch.full((5, 4, 3, 3), 2.0), torch.full((5, 4, 1, 1), 3.0))
    assert out.shape == (5, 6, 3, 3)
    assert out[:, :4].unique().tolist() == [6]
    assert out[:, 4:].unique().tolist() == [7]
    with pytest.raises(UserError, match="2 inputs"):
        module(torch.zeros(1, 4, 3, 3))


def test_names_that_torch_keeps_for_itself() -> None:
    b = Builder("names")
    b.input(4, name="forward")
    with b.block("type"):
        b.add(Linear(4), name="train")
        b.add(Linear(4), name="weight")
    module = build(b.network()).eval()
    assert module(torch.rand(1, 4)).shape == (1, 4)
    assert len(module.state_dict()) == 4


def test_values_are_let_go_when_nobody_needs_them() -> None:
    b = Builder("chain")
    start = b.input(4)
    for _ in range(6):
        b.add(Linear(4))
    b.add(Add(), str(b.last), start)
    module = build(b.network()).eval()
    alive: list[weakref.ref[Tensor]] = []
    most = 0
    with torch.inference_mode():
        for _, value in module.run_nodes(torch.rand(1, 4)):
            alive.append(weakref.ref(value))
            del value
            gc.collect()
            most = max(most, sum(ref() is not None for ref in alive))
    # The input for the shortcut, a layer's input, and its output.
    assert most <= 3


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([Conv2d(4, (9, 9))], r"stem\.conv2d: The kernel spans 9 pixels, but its input is only 8 high\."),
        ([Opaque("swin", ((3, 8, 8),))], r"stem\.opaque is known only by its shapes"),
        ([Linear(3)], r"stem\.linear: Linear takes a vector"),
        ([Flatten(), *[Linear(1_000_000)] * 5], "GiB"),
    ],
)
def test_what_cannot_run_is_told(layers: list[Layer], said: str) -> None:
    b = Builder("wrong")
    b.input(3, 8, 8)
    with b.block("stem"):
        for layer in layers:
            b.add(layer)
    with pytest.raises(UserError, match=said):
        build(b.network())


def test_an_empty_network_is_told() -> None:
    with pytest.raises(UserError, match="empty"):
        build(Network())


def test_a_cycle_is_told() -> None:
    nodes = {name: Node(name, name, Identity()) for name in ("a", "b")}
    links = {"x": Link("x", "a", "b"), "y": Link("y", "b", "a")}
    with pytest.raises(UserError, match="comes back"):
        build(Network(nodes=nodes, links=links))


def lenet() -> Network:
    """LeNet-5 as published in 1998."""
    b = Builder("LeNet-5")
    b.input(1, 32, 32)
    for layer in (
        Conv2d(6, (5, 5)),
        Subsample(),
        ScaledTanh(),
        TableConv2d(),
        Subsample(),
        ScaledTanh(),
        Conv2d(120, (5, 5)),
        ScaledTanh(),
        Flatten(),
        Linear(84),
        ScaledTanh(),
        RBF(),
    ):
        b.add(layer)
    return b.network()


def test_lenet_of_1998_runs_and_has_its_60000_parameters() -> None:
    network = lenet()
    module = build(network, seed=0).eval()
    assert module(torch.rand(2, 1, 32, 32)).shape == (2, 10)
    assert sum(p.numel() for p in module.parameters()) == infer(network).totals.parameters == 60_000


def test_softmax_ends_in_shares() -> None:
    b = Builder("end")
    b.input(5)
    b.add(Softmax())
    assert build(b.network())(torch.rand(2, 5)).sum(1).tolist() == pytest.approx([1, 1])
