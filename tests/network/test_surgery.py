"""Surgery on the graph: what is rebuilt, in every copy, what is refused, and that undo takes it all back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.network import surgery
from explorer.network.alike import unlike_copies
from explorer.network.builder import Builder
from explorer.network.diff import Status, compare
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import (
    GELU,
    Add,
    BatchNorm,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Input,
    Linear,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
)
from explorer.network.shorthand import conv, linear, max_pool
from explorer.network.surgery import Plan
from explorer.zoo import catalogue
from tests.network.chain import chain

Make = Callable[[Document], Plan]


def zoo(name: str) -> Network:
    return catalogue.find(name).build()


def after(network: Network, make: Make) -> Document:
    """A document on which a plan was carried out; undo was seen to take it back, and copies to stay alike."""
    document = Document(network)
    plan = make(document)
    document.apply(plan.change.title, plan.change.edits)
    assert unlike_copies(document.network) == ()
    assert document.inference.totals.exact
    changed = document.network
    document.undo()
    assert document.network == network
    document.redo()
    assert document.network == changed
    assert {one.node for one in plan.carries} <= set(changed.nodes)
    assert {source for one in plan.carries for source in one.sources} <= set(network.nodes)
    return document


def same(document: Document, name: str) -> bool:
    return compare(document.inference, infer(zoo(name))).equal


def layer_at(document: Document, path: str) -> Layer:
    return document.network.nodes[document.network.paths[path]].layer


# -- heads -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "size"),
    [("alexnet", "classifier.fc6", 6), ("vgg16", "classifier.fc6", 7), ("lenet5", "classifier.fc1", 5)],
)
def test_fully_connected_layers_become_convolutions(name: str, first: str, size: int) -> None:
    document = after(zoo(name), lambda d: surgery.dense_to_convolution(d.inference, d.fresh_id))
    found = layer_at(document, first)
    assert isinstance(found, Conv2d)
    assert found.kernel_size == (size, size)
    assert not any(isinstance(node.layer, Linear | Flatten) for node in document.network.nodes.values())
    entry = catalogue.find(name)
    assert document.inference.totals.parameters == entry.parameters
    assert document.inference.totals.macs == infer(zoo(name)).totals.macs


def test_then_any_input_size_is_taken() -> None:
    document = after(zoo("vgg16"), lambda d: surgery.dense_to_convolution(d.inference, d.fresh_id))
    larger = surgery.change_input(document.inference, document.fresh_id, (3, 384, 512))
    document.apply(larger.change.title, larger.change.edits)
    assert larger.note == "Every weight still fits."
    assert document.inference.totals.parameters == 138_357_544
    fc8 = document.inference.results[document.network.paths["classifier.fc8"]]
    assert fc8.output == (1000, 6, 10)
    ends = [node for node in document.network.nodes if not document.network.topology.outgoing[node]]
    assert [document.inference.results[node].output for node in ends] == [(1000,)]


def test_without_the_mean_the_class_maps_are_the_result() -> None:
    document = after(
        zoo("alexnet"), lambda d: surgery.dense_to_convolution(d.inference, d.fresh_id, average=False)
    )
    assert document.inference.results[document.network.paths["classifier.fc8"]].output == (1000, 1, 1)
    assert not any(isinstance(node.layer, GlobalAvgPool2d) for node in document.network.nodes.values())


def test_one_head_alone() -> None:
    network = zoo("lenet5")
    fc2 = network.paths["classifier.fc2"]
    plan = surgery.dense_to_convolution(infer(network), lambda p: p + "9", fc2)
    assert plan.change.title == "Make fc1, fc2 and fc3 convolutions"
    conv1 = network.paths["features.conv1"]
    with pytest.raises(UserError, match="conv1 is not one of the fully connected layers behind feature maps"):
        surgery.dense_to_convolution(infer(network), lambda p: p + "9", conv1)


def test_the_head_of_the_lecture_gets_1930_parameters() -> None:
    body = [Input((3, 32, 32)), conv(192, 3, padding=1), ReLU()]
    network = chain(*body, Flatten(), linear(64), ReLU(), Dropout(0.5), linear(10), Softmax())
    document = after(network, lambda d: surgery.head_to_average_pooling(d.inference, d.fresh_id))
    maps = document.inference.results[document.network.paths["class_maps"]]
    assert maps.parameters == 1_930
    assert maps.output == (10, 32, 32)
    kinds = [type(document.network.nodes[node].layer).__name__ for node in document.network.topology.order]
    assert kinds == ["Input", "Conv2d", "ReLU", "Conv2d", "GlobalAvgPool2d", "Softmax"]


def test_a_pooled_head_becomes_class_maps_before_the_mean() -> None:
    document = after(zoo("resnet18"), lambda d: surgery.head_to_average_pooling(d.inference, d.fresh_id))
    assert document.inference.results[document.network.paths["class_maps"]].output == (1000, 7, 7)
    assert document.inference.totals.parameters == 11_689_512
    assert "fc" not in document.network.paths


def test_heads_that_are_not_there() -> None:
    for name in ("nin", "nin-cifar10"):
        network = zoo(name)
        for operation in (surgery.dense_to_convolution, surgery.head_to_average_pooling):
            with pytest.raises(UserError, match="no fully connected layers behind feature maps"):
                operation(infer(network), lambda p: p)


@pytest.mark.parametrize(
    ("name", "gone", "came"),
    [("resnet34", 513_000, 5_130), ("vgg16", 4_097_000, 40_970), ("nin", 1_025_000, 10_250)],
)
def test_replacing_the_head(name: str, gone: int, came: int) -> None:
    document = after(zoo(name), lambda d: surgery.replace_head(d.inference, d.fresh_id, 10))
    assert document.inference.totals.parameters == catalogue.find(name).parameters - gone + came
    plan = surgery.replace_head(infer(zoo(name)), lambda p: p, 10)
    assert plan.same == ""


def test_heads_that_cannot_be_replaced() -> None:
    with pytest.raises(UserError, match="10 classes apart already"):
        surgery.replace_head(infer(zoo("lenet5")), lambda p: p, 10)
    with pytest.raises(UserError, match="1 to 1,000,000 classes"):
        surgery.replace_head(infer(zoo("lenet5")), lambda p: p, 0)
    with pytest.raises(UserError, match="no head to replace"):
        surgery.replace_head(infer(zoo("inception-naive")), lambda p: p, 10)


# -- batch norm --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "bn-inception", "resnet20"])
def test_folding_batch_norm(name: str) -> None:
    network = zoo(name)
    norms = [node for node in network.nodes.values() if isinstance(node.layer, BatchNorm)]
    document = after(network, lambda d: surgery.fold_batch_norm(d.inference, d.fresh_id))
    assert not any(isinstance(node.layer, BatchNorm) for node in document.network.nodes.values())
    channels = sum((infer(network).results[norm.id].outputs[0][0]) for norm in norms)
    # γ and β go, a bias comes.
    assert document.inference.totals.parameters == infer(network).totals.parameters - channels
    assert document.inference.totals.macs == infer(network).totals.macs


def test_folding_one_folds_its_copies() -> None:
    network = zoo("resnet34")
    bn = network.paths["layer1.1.bn1"]
    document = after(network, lambda d: surgery.fold_batch_norm(d.inference, d.fresh_id, [bn]))
    gone = set(network.paths) - set(document.network.paths)
    assert gone == {"layer1.0.bn1", "layer1.1.bn1", "layer1.2.bn1"}


def test_a_norm_before_its_convolution_stays() -> None:
    network = chain(Input((3, 8, 8)), BatchNorm(), ReLU(), conv(4, 3))
    with pytest.raises(UserError, match="nothing to fold"):
        surgery.fold_batch_norm(infer(network), lambda p: p)


# -- shortcuts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count", "plain"),
    [
        ("resnet34", 16, "plain34"),
        ("resnet34-a", 16, "plain34"),
        ("resnet34-c", 16, "plain34"),
        ("resnet20", 9, "plain20"),
    ],
)
def test_without_shortcuts_it_is_the_plain_network(name: str, count: int, plain: str) -> None:
    network = zoo(name)
    assert len(surgery.find_residuals(network)) == count
    document = after(network, lambda d: surgery.remove_shortcuts(d.inference, d.fresh_id))
    assert same(document, plain)
    assert surgery.find_residuals(document.network) == []
    kinds = {block.kind for block in document.network.blocks.values()}
    assert kinds == {block.kind for block in zoo(plain).blocks.values()}


@pytest.mark.parametrize(
    ("plain", "option", "name"),
    [
        ("plain34", "B", "resnet34"),
        ("plain34", "A", "resnet34-a"),
        ("plain34", "C", "resnet34-c"),
        ("plain20", "A", "resnet20"),
        ("plain56", "A", "resnet56"),
    ],
)
def test_with_shortcuts_it_is_the_residual_network(plain: str, option: str, name: str) -> None:
    document = after(zoo(plain), lambda d: surgery.insert_shortcuts(d.inference, d.fresh_id, option=option))
    assert same(document, name)
    assert document.inference.totals.parameters == catalogue.find(name).parameters


def test_option_b_costs_2752_in_a_cifar_network() -> None:
    document = after(zoo("plain20"), lambda d: surgery.insert_shortcuts(d.inference, d.fresh_id))
    assert document.inference.totals.parameters == 269_722 + 2_752


def test_one_shortcut_goes_in_all_copies() -> None:
    network = zoo("resnet34")
    block = network.blocks[network.nodes[network.paths["layer1.0.add"]].block or ""].id
    document = after(network, lambda d: surgery.remove_shortcuts(d.inference, d.fresh_id, [block]))
    assert set(network.paths) - set(document.network.paths) == {f"layer1.{n}.add" for n in range(3)}


def test_there_and_back_again() -> None:
    document = after(zoo("resnet34"), lambda d: surgery.remove_shortcuts(d.inference, d.fresh_id))
    back = surgery.insert_shortcuts(document.inference, document.fresh_id)
    document.apply(back.change.title, back.change.edits)
    assert same(document, "resnet34")


def test_shortcuts_that_cannot_be() -> None:
    with pytest.raises(UserError, match="so there is no shortcut"):
        surgery.remove_shortcuts(infer(zoo("vgg16")), lambda p: p)
    with pytest.raises(UserError, match="No block here is plain"):
        surgery.insert_shortcuts(infer(zoo("vgg16")), lambda p: p)
    with pytest.raises(UserError, match="options A, B and C"):
        surgery.insert_shortcuts(infer(zoo("plain34")), lambda p: p, option="D")
    network = _block(conv(4, 3), ReLU(), conv(4, 3))
    with pytest.raises(UserError, match="which no step of a shortcut does"):
        surgery.insert_shortcuts(infer(network), lambda p: p, ["block"])
    network = _block(conv(5, 3, padding=1), ReLU(), conv(6, 3, padding=1))
    with pytest.raises(UserError, match="6 channels are no multiple of 4"):
        surgery.insert_shortcuts(infer(network), lambda p: p, ["block"], "A")
    residual = zoo("resnet18")
    with pytest.raises(UserError, match="ends in a sum already"):
        surgery.insert_shortcuts(infer(residual), lambda p: p, ["layer1.0"])


def test_a_shortcut_around_a_block_without_a_norm_has_a_bias() -> None:
    network = _block(conv(6, 3, padding=1), ReLU(), conv(6, 3, padding=1), ReLU())
    document = after(network, lambda d: surgery.insert_shortcuts(d.inference, d.fresh_id, ["block"]))
    projection = layer_at(document, "block.downsample.0")
    assert isinstance(projection, Conv2d)
    assert projection.bias
    (found,) = surgery.find_residuals(document.network)
    assert [document.network.path(node) for node in found.shortcut] == ["block.downsample.0"]
    follower = document.network.topology.outgoing[found.add][0].target
    assert isinstance(document.network.nodes[follower].layer, ReLU)


def _block(*layers: Layer) -> Network:
    b = Builder("Block")
    b.input(4, 16, 16)
    with b.block("block"):
        for layer in layers:
            b.add(layer)
    return b.network()


def test_the_last_layer_of_each_branch_is_found() -> None:
    network = zoo("resnet50")
    plan = surgery.zero_residuals(infer(network))
    assert {network.nodes[one.node].name for one in plan.carries} == {"bn3"}
    assert len(plan.sums) == 16
    assert plan.change.edits == ()
    with pytest.raises(UserError, match="holds no sum of a branch with its own input"):
        surgery.zero_residuals(infer(network), [network.paths["conv1"]])


def test_a_branch_that_makes_something_of_zeros() -> None:
    network = residual(conv(4, 3, padding=1), Sigmoid())
    with pytest.raises(UserError, match="would make something else of zeros"):
        surgery.zero_residuals(infer(network))
    plan = surgery.zero_residuals(infer(residual(conv(4, 3, padding=1), ReLU(), max_pool(3, 1, padding=1))))
    assert [one.node for one in plan.carries] == ["conv2d"]


def residual(*body: Layer, shortcut: tuple[Layer, ...] = ()) -> Network:
    """A residual block of 4 channels at 16×16."""
    b = Builder("Residual")
    start = b.input(4, 16, 16)
    for layer in body:
        b.add(layer)
    end, b.last = b.last or "", start
    side = start
    for layer in shortcut:
        side = b.add(layer, side)
    b.add(Add(), end, side, name="add")
    b.add(ReLU(), name="relu_out")
    return b.network()


def test_the_lectures_valid_block_has_convolutions_in_its_shortcut() -> None:
    # Two 'valid' 3×3 take two rows at each side; a 5×5 'valid' in the shortcut takes as many.
    network = residual(conv(4, 3), ReLU(), conv(4, 3), shortcut=(conv(4, 5),))
    inference = infer(network)
    assert inference.results["add"].output == (4, 12, 12)
    (found,) = surgery.find_residuals(network)
    assert {type(network.nodes[node].layer).__name__ for node in found.shortcut} == {"Conv2d"}
    assert len(found.body) == 3
    broken = residual(conv(4, 3), ReLU(), conv(4, 3))
    refusal = infer(broken).results["add"].refusal
    assert refusal is not None
    assert refusal.code == "unequal_shapes"


def test_same_max_pooling_inside_a_block_keeps_the_size() -> None:
    network = residual(max_pool(3, 1, padding=1), conv(4, 3, padding=1))
    assert infer(network).results["add"].output == (4, 16, 16)
    assert len(surgery.find_residuals(network)) == 1


def test_sums_that_are_no_residual_ones() -> None:
    b = Builder("Two inputs")
    one, other = b.input(4, 8, 8), b.input(4, 8, 8, name="other")
    b.add(Add(), one, other)
    assert surgery.find_residuals(b.network()) == []
    b = Builder("Three ways")
    start = b.input(4, 8, 8)
    b.add(Add(), b.add(conv(4, 1), start), b.add(conv(4, 1), start), start)
    assert surgery.find_residuals(b.network()) == []


# -- the whole network -------------------------------------------------------------------------------------


def test_swapping_activations() -> None:
    document = after(zoo("resnet34"), lambda d: surgery.swap_activations(d.inference, d.fresh_id, GELU()))
    kinds = [type(node.layer).__name__ for node in document.network.nodes.values()]
    assert kinds.count("GELU") == 33
    assert "ReLU" not in kinds
    network = chain(Input((3, 8, 8)), conv(4, 3), ReLU(), Flatten(), linear(3), Softmax())
    document = after(network, lambda d: surgery.swap_activations(d.inference, d.fresh_id, PReLU()))
    assert isinstance(layer_at(document, "softmax"), Softmax)
    assert document.inference.totals.parameters == infer(network).totals.parameters + 4


def test_swapping_some() -> None:
    network = zoo("resnet34")
    chosen = [network.paths["layer1.0.relu1"]]
    document = after(network, lambda d: surgery.swap_activations(d.inference, d.fresh_id, GELU(), chosen))
    changed = [
        row for row in compare(infer(network), document.inference).layers if row.status is Status.CHANGED
    ]
    assert [row.part.path for row in changed] == [f"layer1.{n}.relu1" for n in range(3)]


def test_swaps_that_cannot_be() -> None:
    with pytest.raises(UserError, match="Softmax is no activation"):
        surgery.swap_activations(infer(zoo("vgg16")), lambda p: p, Softmax())
    with pytest.raises(UserError, match="no other activation"):
        surgery.swap_activations(infer(zoo("vgg16")), lambda p: p, ReLU())


def test_another_input_size() -> None:
    document = after(zoo("resnet34"), lambda d: surgery.change_input(d.inference, d.fresh_id, (3, 320, 320)))
    assert document.inference.totals.parameters == 21_797_672
    plan = surgery.change_input(infer(zoo("vgg16")), lambda p: p, (3, 256, 256))
    assert plan.note.startswith("fc6 would need other weights")
    with pytest.raises(UserError, match=r"stage5\.pool5 would not fit any more"):
        surgery.change_input(infer(zoo("vgg16")), lambda p: p, (3, 16, 16))
    with pytest.raises(UserError, match="No input has 1 axes"):
        surgery.change_input(infer(zoo("vgg16")), lambda p: p, (10,))


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_width_multiplier(factor: float) -> None:
    network = zoo("resnet34")
    document = after(network, lambda d: surgery.scale_width(d.inference, d.fresh_id, factor))
    before, now = infer(network), document.inference
    for node in network.topology.order:
        old, new = before.results[node].output, now.results[node].output
        assert old is not None
        assert new is not None
        if network.nodes[node].name in ("input", "fc"):
            assert new == old
        else:
            assert new == (old[0] * factor, *old[1:])


def test_width_keeps_groups_whole() -> None:
    document = after(zoo("alexnet"), lambda d: surgery.scale_width(d.inference, d.fresh_id, 0.33))
    for node in document.network.nodes.values():
        if isinstance(node.layer, Conv2d):
            assert node.layer.out_channels % 2 == 0


def test_widths_that_cannot_be() -> None:
    for factor in (0.0, -1.0, float("nan"), 1e9):
        with pytest.raises(UserError, match="width can be multiplied"):
            surgery.scale_width(infer(zoo("vgg16")), lambda p: p, factor)
    with pytest.raises(UserError, match="changes nothing"):
        surgery.scale_width(infer(zoo("vgg16")), lambda p: p, 1.0)
    with pytest.raises(UserError, match="its width can't be multiplied"):
        surgery.scale_width(infer(zoo("lenet5-1998")), lambda p: p, 0.5)


def test_shared_weights_are_operated_on_together() -> None:
    b = Builder("Twins")

    def one(index: int) -> None:
        b.input(3, 8, 8)
        b.add(conv(4, 3, bias=False), name="conv")
        b.add(BatchNorm(), name="bn")
        b.add(Flatten(), name="flatten")
        b.add(linear(5), name="fc")

    b.share(["left", "right"], one)
    network = b.network()
    for operation in (surgery.fold_batch_norm, surgery.dense_to_convolution, surgery.head_to_average_pooling):
        document = after(network, lambda d, do=operation: do(d.inference, d.fresh_id))  # type: ignore[misc]
        for node in document.network.nodes:
            if document.inference.results[node].tensors:
                assert len(document.network.sharers(node)) == 2


def test_shortcuts_are_found_where_a_network_is_deep() -> None:
    b = Builder("Deep")
    b.input(4, 4, 4)
    for _ in range(1500):
        start = b.last or ""
        b.add(Add(), b.add(conv(4, 1)), start)
    assert len(surgery.find_residuals(b.network())) == 1500


def test_sums_right_behind_each_other_lose_their_shortcuts() -> None:
    b = Builder("Linear bottlenecks")
    b.input(4, 8, 8)
    for index in range(3):
        start = b.last or ""
        with b.block(f"block{index}", kind="residual, basic"):
            b.add(conv(4, 3, padding=1))
            b.add(Add(), b.last or "", start, name="add")
    b.add(Flatten())
    document = after(b.network(), lambda d: surgery.remove_shortcuts(d.inference, d.fresh_id))
    kinds = [type(document.network.nodes[node].layer).__name__ for node in document.network.topology.order]
    assert kinds == ["Input", "Conv2d", "Conv2d", "Conv2d", "Flatten"]


def test_the_width_of_filters_for_each_channel_follows_it() -> None:
    depthwise = Conv2d(8, (3, 3), padding=(1, 1), groups=4)
    network = chain(Input((3, 8, 8)), conv(4, 1), depthwise, conv(6, 1), Flatten(), linear(3))
    document = after(network, lambda d: surgery.scale_width(d.inference, d.fresh_id, 1.5))
    wider = layer_at(document, "conv2")
    assert isinstance(wider, Conv2d)
    assert (wider.groups, wider.out_channels) == (6, 12)


def test_a_shortcut_around_layers_that_are_in_no_block() -> None:
    layers = [conv(4, 3, padding=1), BatchNorm(), ReLU(), conv(4, 3, padding=1), BatchNorm(), ReLU()]
    network = chain(Input((4, 8, 8)), *layers, conv(2, 1))
    chosen = ["conv1", "bn1", "relu", "conv2", "bn2", "relu2"]
    document = after(network, lambda d: surgery.insert_shortcuts(d.inference, d.fresh_id, chosen))
    (found,) = surgery.find_residuals(document.network)
    assert (found.entry, found.shortcut) == ("input", frozenset())
    assert [link.target for link in document.network.topology.outgoing[found.add]] == ["relu2"]
    with pytest.raises(UserError, match="No shortcut can go around conv1 and conv2"):
        surgery.insert_shortcuts(infer(network), lambda p: p, ["conv1", "conv2"])
