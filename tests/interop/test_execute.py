"""One picture through a network, node by node."""

from __future__ import annotations

from collections.abc import Generator
from typing import cast

import numpy as np
import pytest
import torch

from explorer.interop.execute import MOST_MAPS, MOST_PIXELS, NodeRun, run_picture
from explorer.interop.torch_module import build
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import Add, Concat, Conv2d, Flatten, Hardtanh, Linear, Pad, ReLU, Scale


def picture(height: int = 90, width: int = 160) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def small(*shape: int) -> Network:
    b = Builder("small")
    b.input(*shape)
    b.add(Conv2d(20, (3, 3), bias=False), name="conv")
    b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(Linear(7), name="fc")
    return b.network()


def by_node(network: Network, *args: object, **settings: object) -> dict[str, NodeRun]:
    return {run.node: run for run in run_picture(network, *args, **settings)}  # type: ignore[arg-type]


def test_every_node_reports_in_order() -> None:
    runs = list(run_picture(small(3, 80, 100), picture()))
    assert [run.node for run in runs] == ["input", "conv", "relu", "flatten", "fc"]
    assert [run.shape for run in runs[:2]] == [(3, 80, 100), (20, 78, 98)]
    assert all(run.seconds >= 0 for run in runs)
    relu = runs[2]
    assert relu.minimum == 0
    assert 0 < relu.zero_share < 1
    assert runs[-1].maps == ()


def test_statistics_are_those_of_the_values() -> None:
    network = small(3, 20, 20)
    module = build(network, seed=4).eval()
    run = by_node(network, picture(20, 20), seed=4)["conv"]
    with torch.inference_mode():
        given = dict(module.run_nodes(torch.zeros(1, 3, 20, 20)))
    assert given["conv"].abs().max() == 0  # no bias: black in, black out, so what follows is the picture's
    assert run.minimum < run.mean < run.maximum
    assert run.std > 0


def test_maps_are_few_small_and_strongest_first() -> None:
    run = by_node(small(3, 200, 100), picture())["conv"]
    assert len(run.maps) == MOST_MAPS
    for preview in run.maps:
        assert preview.pixels.dtype == np.uint8
        assert max(preview.pixels.shape) == MOST_PIXELS
        assert preview.pixels.shape == (64, 32)
        assert (preview.pixels.min(), preview.pixels.max()) == (0, 255)
    assert len({preview.channel for preview in run.maps}) == MOST_MAPS


def test_dead_maps_are_counted() -> None:
    b = Builder("dead")
    b.input(3, 8, 8)
    b.add(Scale(-1.0, -10.0))
    b.add(ReLU(), name="relu")
    run = by_node(b.network(), picture())["relu"]
    assert (run.zero_share, run.dead_share, run.maximum) == (1, 1, 0)


def test_the_same_seed_gives_the_same_run() -> None:
    one, two, other = (by_node(small(3, 20, 20), picture(), seed=seed)["fc"] for seed in (1, 1, 2))
    assert (one.mean, one.std) == (two.mean, two.std)
    assert one.mean != other.mean


def test_a_built_module_is_used_as_it_is() -> None:
    network = small(3, 20, 20)
    module = build(network, seed=0)
    torch.nn.init.zeros_(module.get_parameter("conv.weight"))
    assert by_node(network, picture(), module=module)["conv"].zero_share == 1


@pytest.mark.parametrize("shape", [(3, 5), (1, 1000), (1, 1), (700, 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_picture_fits_any_input(shape: tuple[int, int], channels: int) -> None:
    for colours in ((), (3,), (4,)):
        pixels = np.full((*shape, *colours), 255, np.uint8)
        run = by_node(small(channels, 12, 9), pixels)["input"]
        assert run.shape == (channels, 12, 9)
        assert run.minimum >= 1


def test_the_middle_of_the_picture_is_taken() -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    assert by_node(small(1, 10, 10), pixels)["input"].minimum == pytest.approx(1)


def test_inputs_that_take_no_picture_get_noise() -> None:
    b = Builder("two")
    one, noise, maps = b.input(3, 8, 8, name="one"), b.input(50, name="noise"), b.input(5, 8, 8, name="maps")
    both = b.add(Concat(), one, maps)
    b.add(Flatten(), both)
    b.add(Linear(50))
    b.add(Add(), str(b.last), noise, name="end")
    runs = by_node(b.network(), picture())
    assert runs["noise"].std == pytest.approx(1, abs=0.4)
    assert runs["maps"].std == pytest.approx(1, abs=0.2)
    assert by_node(b.network(), picture())["noise"].mean == runs["noise"].mean
    assert runs["end"].shape == (50,)


def test_stopping_between_nodes_leaves_torch_as_it_was() -> None:
    steps = cast(Generator[NodeRun], run_picture(small(3, 20, 20), picture()))
    next(steps)
    assert not torch.is_inference_mode_enabled()
    steps.close()
    assert not torch.is_inference_mode_enabled()


def test_a_network_that_cannot_run_is_told() -> None:
    b = Builder("wrong")
    b.input(3, 8, 8)
    b.add(Hardtanh(1.0, 0.0))
    with pytest.raises(UserError, match="hardtanh: The upper bound"):
        next(run_picture(b.network(), picture()))


def test_an_array_that_is_no_picture_is_told() -> None:
    with pytest.raises(UserError, match="rows, columns and colours"):
        next(run_picture(small(3, 20, 20), np.zeros((0, 4, 3), np.uint8)))


def test_values_that_are_no_numbers_make_no_trouble() -> None:
    b = Builder("inf")
    b.input(3, 8, 8)
    b.add(Scale(1e6))
    for _ in range(8):
        b.add(Scale(1e6))
    b.add(Pad(), name="pad")
    run = by_node(b.network(), picture())["pad"]
    assert len(run.maps) == 3
