"""What a look inside shows, against the same done plainly in torch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from explorer.imaging.activations import (
    as_maps,
    by_strength,
    dead_shares,
    pass_through,
    statistics,
    tiles,
)
from explorer.imaging.projection import as_picture, project
from explorer.imaging.receptive_field import Region, effective, theoretical
from explorer.imaging.saliency import Occluder, grad_cam, last_maps, occlusion
from explorer.imaging.subject import Subject
from explorer.learning.samples import fashion_sample
from explorer.learning.shipped import trained
from explorer.media.pictures import Picture
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import Flatten, ReLU, Softmax
from explorer.network.shorthand import conv, linear, max_pool
from explorer.tasks.job import Stopped
from explorer.zoo import catalogue


def colours(height: int = 40, width: int = 50) -> Picture:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def small() -> Network:
    """Two convolutions, a max-pooling between them, and scores with a softmax behind."""
    b = Builder("Small")
    b.input(3, 16, 16)
    b.add(conv(5, 3, padding=1), name="conv1")
    b.add(ReLU(), name="relu1")
    b.add(max_pool(2, 2), name="pool")
    b.add(conv(4, 3), name="conv2")
    b.add(ReLU(), name="relu2")
    b.add(Flatten(), name="flatten")
    b.add(linear(6), name="fc")
    b.add(Softmax(), name="softmax")
    return b.network()


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject.of(small(), seed=5)


@pytest.fixture(scope="module")
def lenet() -> Subject:
    return Subject.of(trained("lenet5"))


def at(subject: Subject, path: str) -> str:
    return subject.network.paths[path]


# --- maps and statistics ---


def test_every_layer_is_what_hooks_on_the_module_see() -> None:
    network = catalogue.find("googlenet").build()
    subject = Subject.of(network, seed=1)
    seen: dict[str, torch.Tensor] = {}
    names = {subject.module.get_submodule(place): node for node, place in subject.module.nodes.items()}
    hooks = [
        module.register_forward_hook(lambda module, _, out: seen.__setitem__(names[module], out[0]))
        for module in names
    ]
    passage = pass_through(subject, colours())
    for hook in hooks:
        hook.remove()
    assert passage.kept.keys() == seen.keys()
    assert all(torch.equal(passage.kept[node], value) for node, value in seen.items())


def test_what_there_is_no_room_for_is_computed_again(subject: Subject) -> None:
    everything = pass_through(subject, colours())
    nothing = pass_through(subject, colours(), most_kept=0)
    assert not nothing.kept
    for node in everything.kept:
        assert torch.equal(everything.maps(node), nothing.maps(node))


def test_it_stops_between_two_layers(subject: Subject) -> None:
    left = [2]

    def check() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stopped

    with pytest.raises(Stopped):
        pass_through(subject, colours(), check)
    assert subject.lock.acquire(blocking=False)
    subject.lock.release()


def test_the_picture_is_seen_as_the_network_sees_it(lenet: Subject) -> None:
    picture = fashion_sample().test[0]
    seen = pass_through(lenet, picture).seen
    wanted = F.interpolate(
        torch.from_numpy(np.array(picture)).float()[None, None], (32, 32), mode="bilinear", antialias=True
    )
    assert seen.shape == (32, 32)
    assert np.abs(seen.astype(int) - wanted[0, 0].numpy()).max() <= 1


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.integers(0, 999), st.booleans())
@settings(max_examples=60)
def test_tiles_keep_the_order_of_values(
    channels: int, rows: int, columns: int, seed: int, flat: bool
) -> None:
    maps = torch.randn((channels, rows, columns), generator=torch.Generator().manual_seed(seed))
    if flat:
        maps[0] = 0
    order = by_strength(maps)
    strengths = maps.abs().mean((1, 2))[list(order)]
    assert bool((strengths.diff() <= 1e-7).all())
    for scaling in ("map", "layer"):
        shown = tiles(maps, order, scaling)
        assert [one.shape for one in shown] == [(rows, columns)] * channels
        for channel, one in zip(order, shown, strict=True):
            values = maps[channel].flatten().argsort()
            assert bool((np.diff(one.ravel()[values.numpy()].astype(int)) >= 0).all())
    if not flat and rows * columns > 1:
        assert {(one.min(), one.max()) for one in tiles(maps, order)} == {(0, 255)}
    together = np.concatenate([one.ravel() for one in tiles(maps, order, "layer")])
    if len(together) > 1 and not (flat and channels == 1):
        assert (together.min(), together.max()) == (0, 255)


def test_large_maps_are_averaged_down_and_constant_ones_are_not_stretched() -> None:
    maps = torch.zeros(2, 600, 300)
    maps[1] = 3
    dark, grey = tiles(maps, (0, 1))
    assert dark.shape == (256, 128)
    assert dark.max() == 0
    assert set(grey.ravel().tolist()) == {128}


def test_statistics_and_dead_channels() -> None:
    values = torch.tensor([[[0.0, 0.0]], [[1.0, 3.0]], [[0.0, -4.0]]])
    found = statistics(values)
    assert (found.least, found.most) == (-4, 3)
    assert found.mean == pytest.approx(0, abs=1e-9)
    assert found.deviation == pytest.approx(np.sqrt(26 / 6))
    assert found.zero_share == pytest.approx(0.5)
    assert found.dead == (0,)
    assert found.counts.sum() == 6
    assert statistics(torch.zeros(4, 1, 1)).dead == (0, 1, 2, 3)


def test_dead_shares_of_a_network_with_a_dead_layer(subject: Subject) -> None:
    network = small()
    dead = Subject.of(network, seed=5)
    with torch.no_grad():
        conv1 = dead.module.get_submodule(dead.module.nodes[at(dead, "conv1")])
        conv1.get_parameter("bias").copy_(torch.tensor([-1e6, 0, -1e6, 0, 0]))
    shares = dead_shares(pass_through(dead, colours()))
    assert shares[at(dead, "relu1")] == pytest.approx(2 / 5)
    assert shares[at(dead, "pool")] == pytest.approx(2 / 5)


# --- receptive fields ---


@pytest.mark.parametrize("name", ["lenet5", "first-convnet", "resnet20"])
def test_with_positive_weights_the_gradient_fills_the_field_of_the_rules(name: str) -> None:
    subject = Subject.of(catalogue.find(name).build(), seed=2)
    with torch.no_grad():
        for parameter in subject.module.parameters():
            parameter.abs_().clamp_min_(1e-3)
    inputs = subject.inputs(np.full((32, 32, 3), 200, np.uint8))
    inputs = tuple(value.abs() + 0.1 for value in inputs)
    height, width = subject.shape[1:]
    for node in subject.network.topology.order:
        output = subject.inference.results[node].output
        if output is None or len(output) != 3 or node == subject.input_node:
            continue
        if "MaxPool" in type(subject.network.nodes[node].layer).__name__:
            break  # only one of a window's values has a gradient
        row, column = output[1] // 2, output[2] // 3
        region = theoretical(subject.inference, node, row, column, subject.input_node).within(height, width)
        found = effective(subject, inputs, node, 0, row, column) > 0
        rows, columns = np.nonzero(found.any(1))[0], np.nonzero(found.any(0))[0]
        assert Region(rows[0], columns[0], rows[-1] + 1, columns[-1] + 1) == region, node


@given(st.integers(0, 11), st.integers(0, 3), st.data())
@settings(max_examples=25)
def test_no_gradient_lies_outside_of_the_field(seed: int, channel: int, data: st.DataObject) -> None:
    subject = Subject.of(small(), seed=seed)
    node = at(subject, data.draw(st.sampled_from(["conv1", "pool", "conv2", "relu2"])))
    output = subject.inference.results[node].output
    assert output is not None
    row, column = data.draw(st.integers(0, output[1] - 1)), data.draw(st.integers(0, output[2] - 1))
    region = theoretical(subject.inference, node, row, column, subject.input_node).within(16, 16)
    found = effective(subject, subject.inputs(colours()), node, channel, row, column)
    outside = np.ones((16, 16), bool)
    outside[region.top : region.bottom, region.left : region.right] = False
    assert not found[outside].any()
    assert found.max() == pytest.approx(1) or found.max() == 0


def test_a_unit_of_a_vector_sees_everything(subject: Subject) -> None:
    assert theoretical(subject.inference, at(subject, "fc"), 0, 0, subject.input_node) == Region(0, 0, 16, 16)


# --- saliency ---


def test_grad_cam_is_what_the_paper_writes(subject: Subject) -> None:
    inputs = subject.inputs(colours())
    module = subject.module
    relu2 = module.get_submodule(module.nodes[at(subject, "relu2")])
    speaking = 0
    for target in range(6):
        kept: list[torch.Tensor] = []
        hook = relu2.register_forward_hook(lambda _m, _i, out, into=kept: into.append(out))
        with torch.enable_grad():
            result = module(inputs[0].clone().requires_grad_())
            hook.remove()
            scores = kept[0].flatten(1) @ module.get_parameter("fc.weight").T + module.get_parameter(
                "fc.bias"
            )
            assert torch.allclose(scores.softmax(1), result, atol=1e-6)
            alpha = torch.autograd.grad(scores[0, target], kept[0])[0].mean((2, 3))
        plain = torch.relu((alpha[:, :, None, None] * kept[0]).sum(1, keepdim=True))
        wanted = F.interpolate(plain, (16, 16), mode="bilinear")[0, 0].detach().numpy()
        heat, _ = grad_cam(subject, inputs, target)
        np.testing.assert_allclose(heat, wanted / max(wanted.max(), 1e-30), atol=1e-5)
        speaking += wanted.max() > 0
    assert speaking >= 2
    assert grad_cam(subject, inputs)[1] == int(subject.module(*inputs)[0].argmax())
    assert last_maps(subject) == at(subject, "relu2")


def test_occlusion_is_what_covering_by_hand_gives(subject: Subject) -> None:
    inputs = subject.inputs(colours())
    occluder = Occluder(5, 3)
    steps = list(occlusion(subject, inputs, 2, occluder))
    heat, done = steps[-1]
    assert done == 1
    before = subject.module(*inputs)[0, 2]
    total, count = np.zeros((16, 16)), np.zeros((16, 16))
    for top in (0, 3, 6, 9, 11):
        for left in (0, 3, 6, 9, 11):
            covered = inputs[0].clone()
            covered[0, :, top : top + 5, left : left + 5] = 0
            total[top : top + 5, left : left + 5] += float(before - subject.module(covered)[0, 2])
            count[top : top + 5, left : left + 5] += 1
    np.testing.assert_allclose(heat, total / count, atol=1e-5)


def test_occlusion_finds_the_garment(lenet: Subject) -> None:
    """A trouser stands upright in the middle: what is beside it does not matter."""
    sample = fashion_sample()
    picture = sample.test[int(np.flatnonzero(sample.test_labels == 1)[0])]
    *_, (heat, _) = occlusion(lenet, lenet.inputs(picture))
    assert heat[:, 12:20].mean() > 2 * abs(heat[:, :4].mean())


# --- projection ---


def test_projection_is_a_deconvnet(subject: Subject) -> None:
    inputs = subject.inputs(colours())
    module = subject.module
    get: Callable[[str], torch.Tensor] = module.get_parameter
    a = F.conv2d(inputs[0], get("conv1.weight"), get("conv1.bias"), padding=1)
    pooled, switches = F.max_pool2d(F.relu(a), 2, 2, return_indices=True)
    b = F.relu(F.conv2d(pooled, get("conv2.weight"), get("conv2.bias")))
    channel = int(b[0].amax((1, 2)).argmax())
    row, column = divmod(int(b[0, channel].argmax()), b.shape[3])
    alone = torch.zeros_like(b)
    alone[0, channel, row, column] = b[0, channel, row, column]
    back = F.conv_transpose2d(F.relu(alone), get("conv2.weight"))
    back = F.relu(F.max_unpool2d(back, switches, (2, 2), (2, 2)))
    wanted = F.conv_transpose2d(back, get("conv1.weight"), padding=1)[0]
    found = project(subject, inputs, at(subject, "relu2"), channel, row, column)
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)
    assert as_picture(found).shape == (16, 16, 3)
    assert not any(part._backward_hooks for part in module.modules())


# --- what cannot be looked into ---


def test_networks_without_pictures_or_scores() -> None:
    b = Builder("Numbers")
    b.input(7)
    b.add(linear(3), name="fc")
    with pytest.raises(UserError, match="takes no picture"):
        Subject.of(b.network())
    b = Builder("Maps")
    b.input(3, 8, 8)
    b.add(conv(2, 3), name="conv")
    with pytest.raises(UserError, match="no vector of scores"):
        grad_cam(*(lambda one: (one, one.inputs(colours())))(Subject.of(b.network())))


def test_values_of_any_form_are_maps() -> None:
    assert as_maps(torch.zeros(7)).shape == (7, 1, 1)
    assert as_maps(torch.zeros(5, 4)).shape == (1, 5, 4)
    assert as_maps(torch.zeros(2, 3, 4, 5)).shape == (2, 3, 20)
