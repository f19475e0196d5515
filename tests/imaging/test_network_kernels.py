"""Kernels out of a network and into it, against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from explorer.imaging.filtering import Filter, respond
from explorer.imaging.kernels import BY_NAME, Kernel
from explorer.imaging.network_kernels import first_convolution, first_filters, targets, use_as_weights
from explorer.imaging.sweep import look
from explorer.interop.weights import ready
from explorer.learning.shipped import trained
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.history import Document
from explorer.network.inference import infer
from explorer.zoo import catalogue


def colours(seed: int, height: int = 20, width: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_first_filters_of_a_trained_network() -> None:
    network = trained("lenet5")
    filters, random = first_filters(network, infer(network))
    weight = ready(network)[0].get_parameter("features.conv1.weight")
    assert not random
    assert len(filters) == 6
    assert [kernel.size for kernel in filters] == [(5, 5)] * 6
    for kernel, one in zip(filters, weight, strict=True):
        np.testing.assert_allclose(kernel.values, one[0].detach().numpy(), atol=1e-5)
        assert not kernel.colors


@given(st.integers(0, 63), st.integers(0, 9), st.booleans())
@settings(max_examples=15)
def test_a_filter_over_three_colours_is_torchs(index: int, seed: int, flip: bool) -> None:
    network = catalogue.find("resnet18").build()
    filters, random = first_filters(network, infer(network))
    assert random
    f = Filter(filters[index], stride=2, padding=3, channels="sum", flip=flip)
    picture = colours(seed)
    weight = torch.tensor(np.array(filters[index].colors, np.float32))[None]
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    wanted = F.conv2d(x, weight.flip(2, 3) if flip else weight, stride=2, padding=3)[0, 0].numpy()
    found = respond(picture, f)
    bound = 1e-5 * 255 * max(1.0, float(weight.abs().sum()))
    np.testing.assert_allclose(found, wanted, atol=bound, rtol=1e-5)
    sight = look(picture, f, 4, 5)
    assert sight.total == pytest.approx(float(wanted[4, 5]), abs=bound)
    assert sight.weights.shape == (7, 7, 3)


def test_networks_without_such_a_layer() -> None:
    network = catalogue.find("fully-connected").build()
    assert first_convolution(network, infer(network)) is None
    with pytest.raises(UserError, match="no convolution over a picture"):
        first_filters(network, infer(network))


def test_a_kernel_becomes_a_filter_and_undo_takes_it_back() -> None:
    network = trained("lenet5")
    node = network.paths["features.conv1"]
    kernel = BY_NAME["sobel-x"]
    change = use_as_weights(network, node, kernel, 2, bias=0.5)
    after = apply(network, change.edits)
    module, random = ready(after)
    before = ready(network)[0]
    assert not random
    weight = module.get_parameter("features.conv1.weight")
    assert torch.equal(weight[2, 0, 1:4, 1:4], torch.from_numpy(kernel.values))
    assert weight[2].abs().sum() == np.abs(kernel.values).sum()
    others = [0, 1, 3, 4, 5]
    assert torch.equal(weight[others], before.get_parameter("features.conv1.weight")[others])
    assert module.get_parameter("features.conv1.bias")[2] == 0.5
    assert after.trained == network.trained
    document = Document(network)
    document.apply(change.title, change.edits)
    document.undo()
    assert document.network == network


@given(st.sampled_from(["identity", "sobel-y", "box-7", "gradient-x", "gabor-45"]), st.booleans())
@settings(max_examples=10)
def test_the_layer_then_computes_what_the_lab_shows(name: str, flip: bool) -> None:
    kernel = BY_NAME[name]
    network = catalogue.find("alexnet-tower").build()
    node = first_convolution(network, infer(network))
    assert node is not None
    fits = next(one for one in targets(network, kernel.size) if one.node == node)
    if fits.reason:
        assert kernel.size[1] % 2 == 0
        with pytest.raises(UserError, match="does not fit"):
            use_as_weights(network, node, kernel, None, flip)
        return
    state = apply(network, use_as_weights(network, node, kernel, None, flip).edits).nodes[node].tensors
    from explorer.interop.tensors import STORE

    weight, bias = STORE.get(state["weight"]), STORE.get(state["bias"])
    grey = np.random.default_rng(1).integers(0, 256, (40, 40), dtype=np.uint8)
    x = torch.from_numpy(grey).float()[None, None].expand(1, 3, -1, -1)
    made = F.conv2d(x, weight, bias)[0]
    rows, columns = kernel.size
    top, left = (11 - rows) // 2, (11 - columns) // 2
    wanted = respond(grey, Filter(kernel, padding="valid", flip=flip))[top : top + 30, left : left + 30]
    for one in (made[0], made[17]):
        np.testing.assert_allclose(one.numpy(), wanted, atol=2e-2, rtol=1e-4)


def test_colours_go_where_there_are_three_channels() -> None:
    network = catalogue.find("resnet18").build()
    rows = tuple(tuple(float(value) for value in row) for row in np.arange(9).reshape(3, 3))
    kernel = Kernel("own", "Own", "Own", rows, colors=(rows, rows[::-1], rows))
    node = network.paths["conv1"]
    from explorer.interop.tensors import STORE

    after = apply(network, use_as_weights(network, node, kernel, 0).edits)
    weight = STORE.get(after.nodes[node].tensors["weight"])
    assert torch.equal(weight[0, 1, 2:5, 2:5], torch.tensor(rows[::-1]))
    assert "bias" not in after.nodes[node].tensors
    deep = next(one for one in targets(network, (3, 3)) if one.path == "layer1.0.conv1")
    after = apply(network, use_as_weights(network, deep.node, kernel, 0).edits)
    weight = STORE.get(after.nodes[deep.node].tensors["weight"])
    np.testing.assert_allclose(weight[0].sum(0).numpy(), kernel.values, rtol=1e-5)
    assert {one.reason for one in targets(network, (9, 9))} != {""}
