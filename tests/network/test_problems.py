"""Every kind of problem: how it is told, and that its mends mend it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as put

from explorer.network.edits import apply, reverse
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.inference import infer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Constant,
    Conv2d,
    ConvTranspose2d,
    Crop,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Hardtanh,
    Input,
    InstanceNorm,
    Linear,
    LogSoftmax,
    MaxPool2d,
    Multiply,
    Opaque,
    Output,
    Pad,
    ReLU,
    Reshape,
    Softmax,
    TableConv2d,
)
from explorer.network.problems import Problem, Severity, find_problems
from tests.network.chain import chain, wired


def problems(network: Network) -> tuple[Problem, ...]:
    return find_problems(network, infer(network))


def codes(network: Network) -> set[tuple[str | None, str]]:
    return {(problem.node, problem.code) for problem in problems(network)}


def shared(first: Network, second: int) -> Network:
    """Two inputs of different depth into convolutions that share their weights."""
    nodes = dict(first.nodes)
    nodes["conv1"] = put(nodes["conv1"], group="twins")
    nodes["other"] = Node("other", "other", Input((second, 8, 8)))
    nodes["twin"] = put(nodes["conv1"], id="twin", name="twin")
    links = {**first.links, "other>twin": Link("other>twin", "other", "twin")}
    return replace(first, nodes=nodes, links=links, groups={"twins": Group("twins", True)})


def pair(one: Conv2d, other: Conv2d, merge: Add | Concat | Multiply = Add()) -> Network:  # noqa: B008
    return wired({"i": Input((3, 32, 32)), "a": one, "b": other, "m": merge}, "i>a", "i>b", "a>m", "b>m:1")


CASES: dict[str, tuple[Network, str, str, list[str]]] = {
    # what it is: network, node, code, titles of which each must be among the mends (the first: the best)
    "kernel": (
        chain(Input((3, 8, 8)), MaxPool2d(), MaxPool2d(), Conv2d(8)),
        "conv1",
        "kernel_too_large",
        ["Set padding of conv1 to 1", "Set kernel size of conv1 to 1", "Remove maxpool2"],
    ),
    "kernel of a pooling": (
        chain(Input((3, 4, 4)), Conv2d(8), MaxPool2d((3, 3))),
        "maxpool",
        "kernel_too_large",
        ["Set padding of maxpool to 1"],
    ),
    "kernel, huge": (
        chain(Input((3, 8, 8)), Conv2d(8, (5, 5), dilation=(4, 4)), ReLU()),
        "conv1",
        "kernel_too_large",
        ["Set padding of conv1 to 5"],
    ),
    "groups": (
        chain(Input((3, 8, 8)), Conv2d(10), Conv2d(16, groups=4)),
        "conv2",
        "groups_do_not_divide",
        ["Set groups of conv2 to 2", "Set out channels of conv1 to 8"],
    ),
    "group norm": (
        chain(Input((3, 8, 8)), Conv2d(48), GroupNorm(32)),
        "gn1",
        "groups_do_not_divide",
        ["Set num groups of gn1 to 24"],
    ),
    "same with stride": (
        chain(Input((3, 8, 8)), Conv2d(8, (5, 5), (2, 2), "same")),
        "conv1",
        "same_with_stride",
        ["Set padding of conv1 to 2", "Set stride of conv1 to 1"],
    ),
    "pooling padded": (
        chain(Input((3, 8, 8)), MaxPool2d((3, 3), padding=(2, 2))),
        "maxpool",
        "padding_too_large",
        ["Set padding of maxpool to 1"],
    ),
    "reflected padding": (
        chain(Input((3, 4, 4)), Conv2d(8, (9, 9), padding="same", padding_mode="reflect")),
        "conv1",
        "padding_too_large",
        ["Set padding mode of conv1 to zeros"],
    ),
    "pad layer": (
        chain(Input((3, 4, 4)), Pad((5, 5, 5, 5), "reflect")),
        "pad",
        "padding_too_large",
        ["Set padding of pad to 3×3×3×3", "Set mode of pad to constant"],
    ),
    "output padding": (
        chain(Input((3, 4, 4)), ConvTranspose2d(8, (3, 3), (2, 2), output_padding=(2, 2))),
        "deconv1",
        "output_padding_too_large",
        ["Set output padding of deconv1 to 1"],
    ),
    "transposed away": (
        chain(Input((3, 2, 2)), ConvTranspose2d(8, (3, 3), padding=(3, 3))),
        "deconv1",
        "empty_output",
        ["Set padding of deconv1 to 1", "Set padding of deconv1 to 0"],
    ),
    "add": (
        pair(Conv2d(8, padding=(1, 1)), Conv2d(16, stride=(2, 2), padding=(1, 1))),
        "m",
        "unequal_shapes",
        ["Project to 16 × 16 × 16 with a 1×1 convolution", "Fill up to 16 × 16 × 16 with zero channels"],
    ),
    "add, sizes": (
        pair(Conv2d(8, padding=(1, 1)), Conv2d(8)),
        "m",
        "unequal_shapes",
        ["Crop to 8 × 30 × 30", "Pad to 8 × 32 × 32 with zeros"],
    ),
    "add, channels": (
        pair(Conv2d(8), Conv2d(16)),
        "m",
        "unequal_shapes",
        ["Project to 16 × 30 × 30 with a 1×1 convolution", "Fill up to 16 × 30 × 30 with zero channels"],
    ),
    "gate": (
        wired(
            {"i": Input((8, 6, 6)), "g": GlobalAvgPool2d(True), "m": Multiply()},
            "i>g",
            "i>m",
            "g>m:1",
        ),
        "m",
        "unequal_shapes",
        ["Reshape to 8 × 6 × 6"],
    ),
    "concat": (
        pair(Conv2d(8), Conv2d(8, (5, 5)), Concat()),
        "m",
        "unequal_sizes",
        ["Crop to 28×28", "Pool to 28×28"],
    ),
    "linear on maps": (
        chain(Input((3, 8, 8)), Conv2d(8), Linear(10)),
        "fc1",
        "missing_flatten",
        ["Flatten before fc1", "Average each map before fc1"],
    ),
    "conv on vector": (
        chain(Input((3, 8, 8)), Flatten(), Conv2d(8, padding=(1, 1))),
        "conv1",
        "needs_maps",
        ["Remove flatten", "Read the vector as maps of one pixel"],
    ),
    "instance norm of one pixel": (
        chain(Input((3, 8, 8)), GlobalAvgPool2d(), InstanceNorm()),
        "norm1",
        "too_few_values",
        ["Delete norm1"],
    ),
    "group norm of one value": (
        chain(Input((32,)), GroupNorm(32)),
        "gn1",
        "too_few_values",
        ["Set num groups of gn1 to 1"],
    ),
    "reshape": (
        chain(Input((3, 8, 8)), Reshape((5, 7))),
        "reshape",
        "wrong_size",
        ["Set shape of reshape to -1"],
    ),
    "reshape that nearly fits": (
        chain(Input((3, 8, 8)), Reshape((3, 65))),
        "reshape",
        "wrong_size",
        ["Set shape of reshape to 3×-1"],
    ),
    "crop": (chain(Input((3, 8, 6)), Crop((9, 4))), "crop", "wrong_size", ["Set size of crop to 8×4"]),
    "crop at a corner": (
        chain(Input((3, 8, 8)), Crop((4, 4), (6, 6))),
        "crop",
        "wrong_size",
        ["Set size and offset of crop"],
    ),
    "opaque": (chain(Input((3, 8, 8)), Opaque(), ReLU()), "opaque", "wrong_size", ["Delete opaque"]),
    "table": (
        chain(Input((3, 32, 32)), Conv2d(4), TableConv2d()),
        "conv2",
        "wrong_channels",
        ["Set out channels of conv1 to 6", "Delete conv2"],
    ),
    "axis": (chain(Input((3, 8, 8)), Softmax(dim=4)), "softmax", "no_such_axis", ["Set dim of softmax to 3"]),
    "range": (
        chain(Input((3, 8, 8)), Hardtanh(min_val=2.0, max_val=-1.0)),
        "hardtanh",
        "empty_range",
        ["Set min val and max val of hardtanh"],
    ),
    "loose": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": Conv2d()}, "i>a"),
        "b",
        "missing_input",
        ["Connect a to b", "Delete b"],
    ),
    "half a merge": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "m": Add()}, "i>a", "i>b", "a>m"),
        "m",
        "missing_input",
        ["Connect b to m"],
    ),
    "no such port": (
        replace(chain(Input((3, 8, 8)), ReLU()), links={"l": Link("l", "input", "relu", 2)}),
        "relu",
        "missing_input",
        ["Connect input to relu"],
    ),
    "too many": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "c": ReLU()}, "i>a", "i>b", "a>c", "b>c:1"),
        "c",
        "too_many_inputs",
        ["Keep only the link from a", "Add them before they enter"],
    ),
    "fed input": (
        wired({"i": Input((3, 8, 8)), "j": Input((3, 8, 8))}, "i>j"),
        "j",
        "too_many_inputs",
        ["Remove what feeds j"],
    ),
    "two in one port": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "c": ReLU()}, "i>a", "i>b", "a>c", "b>c"),
        "c",
        "port_taken",
        ["Keep only the link from a", "Add them before they enter", "Concatenate them before they enter"],
    ),
    "two in one port of a merge": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "c": Add()}, "i>a", "i>b", "a>c", "b>c"),
        "c",
        "port_taken",
        ["Give each link an input of its own"],
    ),
    "circle": (
        wired({"i": Input((3, 8, 8)), "m": Concat(), "b": ReLU(), "c": ReLU()}, "i>m", "m>b", "b>c", "c>m:1"),
        "m",
        "cycle",
        ["Remove the link from c to m"],
    ),
    "sharing": (
        shared(chain(Input((3, 8, 8)), Conv2d(4)), 5),
        "twin",
        "unequal_sharing",
        ["Give twin weights of its own"],
    ),
    "unused": (
        wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "o": Output()}, "i>a", "i>b", "a>o"),
        "b",
        "unused",
        ["Make b an output", "Delete b"],
    ),
    "softmax": (
        chain(Input((8,)), Linear(), Softmax(), Output("cross-entropy")),
        "softmax",
        "softmax_before_loss",
        ["Remove softmax"],
    ),
    "log softmax": (
        chain(Input((8,)), Linear(), LogSoftmax(), Dropout(), Output("cross-entropy")),
        "logsoftmax",
        "softmax_before_loss",
        ["Remove logsoftmax", "Set loss of output to nll"],
    ),
    "nll of scores": (
        chain(Input((8,)), Linear(), Output("nll")),
        "output",
        "loss_needs_log_softmax",
        ["Insert log softmax after fc1", "Set loss of output to cross-entropy"],
    ),
    "nll of shares": (
        chain(Input((8,)), Linear(), Softmax(), Output("nll")),
        "output",
        "loss_needs_log_softmax",
        ["Change softmax to log softmax"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_problem_is_told_and_mended(case: str) -> None:
    network, node, code, titles = CASES[case]
    found = problems(network)
    assert [(problem.node, problem.code) for problem in found] == [(node, code)]
    problem = found[0]
    assert network.path(node) in problem.message
    assert problem.message.endswith(".")
    offered = [mend.title for mend in problem.mends]
    assert offered[0] == titles[0]
    assert set(titles) <= set(offered), offered
    for mend in problem.mends:
        after = apply(network, mend.edits)
        assert (node, code) not in codes(after), mend.title
        assert apply(after, reverse(mend.edits)) == network
    assert codes(apply(network, problem.mends[0].edits)) == set()


def test_every_code_has_a_case() -> None:
    """The codes that the layers and inference say they use, and those found in the structure."""
    import re

    from explorer.network import layers

    declared = set(re.findall(r"`(\w+)`(?= \(|:|,| and)", layers.__doc__ or "")) - {"details"}
    declared |= {"missing_input", "too_many_inputs", "port_taken", "cycle"}
    declared |= {"unequal_sharing", "unused", "softmax_before_loss", "loss_needs_log_softmax"}
    assert declared - {"Refused"} == {code for _, _, code, _ in CASES.values()}


def test_nothing_there_is_a_note() -> None:
    (problem,) = problems(Network())
    assert (problem.code, problem.severity) == ("empty", Severity.NOTE)
    assert problem.mends[0].title == "Add an input of 3 × 224 × 224"
    assert codes(apply(Network(), problem.mends[0].edits)) == set()


def test_no_input_is_one_problem() -> None:
    network = wired({"a": Conv2d(), "b": ReLU()}, "a>b")
    (problem,) = problems(network)
    assert (problem.node, problem.code) == ("a", "no_input")
    mended = apply(network, problem.mends[0].edits)
    assert codes(mended) == set()
    assert infer(mended).totals.exact


def test_no_input_before_linear_is_a_vector() -> None:
    (problem,) = problems(wired({"a": Linear()}))
    assert problem.mends[0].title == "Add an input of 784"
    assert problems(wired({"c": Constant(), "a": Linear()}, "c>a")) == ()


def test_only_causes_are_listed() -> None:
    network = chain(Input((3, 4, 4)), Conv2d(8, (9, 9)), BatchNorm(), ReLU(), Conv2d(8, (9, 9)), Linear())
    assert codes(network) == {("conv1", "kernel_too_large")}


def test_where_sizes_shrank_is_told() -> None:
    network = chain(Input((3, 8, 8)), Conv2d(4, padding=(1, 1)), MaxPool2d(), ReLU(), MaxPool2d(), Conv2d(8))
    message = problems(network)[0].message
    assert "input 8×8" in message
    assert "maxpool 4×4, maxpool2 2×2" in message


def test_a_long_way_is_told_in_short() -> None:
    network = chain(Input((3, 20, 20)), *[Conv2d(4) for _ in range(10)])
    assert problems(network)[0].message.count("×") < 10


def test_a_mend_that_uncovers_another_problem_comes_last() -> None:
    network = chain(Input((3, 32, 32)), Conv2d(8), Linear(10), Reshape((3, 7)), ReLU())
    (problem,) = problems(network)
    assert problem.mends
    after = [codes(apply(network, mend.edits)) for mend in problem.mends]
    assert [len(found) for found in after] == sorted(len(found) for found in after)


def test_circles_apart_are_told_apart() -> None:
    network = wired(
        {"a": ReLU(), "b": ReLU(), "c": ReLU(), "d": ReLU(), "i": Input()}, "a>b", "b>a", "c>d", "d>c"
    )
    assert [problem.code for problem in problems(network)] == ["cycle", "cycle"]


def test_training_only_ends_are_no_unused_ones() -> None:
    network = wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "o": Output()}, "i>a", "i>b", "a>o")
    nodes = {**network.nodes, "b": put(network.nodes["b"], training_only=True)}
    assert problems(replace(network, nodes=nodes)) == ()


def test_mends_inside_a_repeat_mend_all_copies() -> None:
    blocks = {name: Block(name, name, group="g") for name in ("s1", "s2")}
    nodes = {"i": Node("i", "i", Input((3, 8, 8)))}
    links = {}
    last = "i"
    for block in blocks:
        for name, layer in (
            ("conv", Conv2d(3, (3, 3), padding=(1, 1))),
            ("pool", MaxPool2d((3, 3), padding=(2, 2))),
        ):
            nodes[f"{block}.{name}"] = Node(f"{block}.{name}", name, layer, block)
            links[f"{last}>{block}.{name}"] = Link(f"{last}>{block}.{name}", last, f"{block}.{name}")
            last = f"{block}.{name}"
    network = Network("test", "", nodes, links, blocks, {"g": Group("g")})
    (problem,) = problems(network)
    assert problem.message.startswith("s1.pool: ")
    mended = apply(network, problem.mends[0].edits)
    assert codes(mended) == set()
    assert mended.nodes["s2.pool"].layer == mended.nodes["s1.pool"].layer


def test_sharing_blocks_can_part() -> None:
    blocks = {name: Block(name, name, group="g") for name in ("left", "right")}
    nodes, links = {}, {}
    for depth, block in zip((3, 4), blocks, strict=True):
        nodes[f"i{depth}"] = Node(f"i{depth}", f"i{depth}", Input((depth, 8, 8)))
        nodes[block] = Node(block, "conv", Conv2d(4), block)
        links[block + "l"] = Link(block + "l", f"i{depth}", block)
    network = Network("twins", "", {**nodes}, links, {k: put(v, id=k + "b") for k, v in blocks.items()}, {})
    network = replace(
        network,
        blocks={block.id: block for block in network.blocks.values()},
        nodes={k: put(n, block=n.block and n.block + "b") for k, n in nodes.items()},
        groups={"g": Group("g", True)},
    )
    (problem,) = problems(network)
    assert problem.code == "unequal_sharing"
    assert len(problem.mends) == 2
    for mend in problem.mends:
        assert codes(apply(network, mend.edits)) == set()


def test_a_size_that_no_stride_gives_is_projected_and_cropped() -> None:
    network = wired(
        {"i": Input((8, 29, 29)), "c": Conv2d(16, stride=(2, 2)), "m": Add()}, "i>c", "c>m", "i>m:1"
    )
    problem = find_problems(network, infer(network))[0]
    assert problem.mends[0].title == "Project to 16 × 14 × 14 with a 1×1 convolution and a crop"
    mended = apply(network, problem.mends[0].edits)
    assert [found for found in find_problems(mended, infer(mended)) if found.severity is Severity.ERROR] == []
