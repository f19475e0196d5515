"""One picture through a network, node by node: times, statistics and small pictures of the strongest maps."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.interop.torch_module import NetworkModule, input_shapes
from explorer.interop.weights import ready
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.layer import Shape

Pixels = npt.NDArray[np.uint8]

MOST_MAPS = 16
MOST_PIXELS = 64
MOST_VALUES = 100_000

# Mean and deviation of ImageNet's pixels, with which networks for three channels are trained.
_MEAN: tuple[float, ...] = (0.485, 0.456, 0.406)
_DEVIATION: tuple[float, ...] = (0.229, 0.224, 0.225)


class Preview(NamedTuple):
    """One map, stretched to 0–255 and made at most 64 × 64 small; `channel` counts from 0."""

    channel: int
    pixels: Pixels


class NodeRun(NamedTuple):
    """What one node did to the picture.

    `zero_share` is the share of its values that are 0, `dead_share` that of its maps (or units) that are 0
    throughout; `maps` are the strongest first. `vector` holds the values of a layer that puts out (F,), up to
    100,000 of them.
    """

    node: str
    shape: Shape
    seconds: float
    mean: float
    std: float
    minimum: float
    maximum: float
    zero_share: float
    dead_share: float
    maps: tuple[Preview, ...]
    vector: npt.NDArray[np.float32] | None = None


def run_picture(
    network: Network, picture: npt.NDArray[Any], seed: int = 0, module: NetworkModule | None = None
) -> Iterator[NodeRun]:
    """One forward pass in eval mode; yields after every node, so that a job can report and stop between two.

    `picture` is uint8 (H, W, 3) or (H, W). Every Input of 1 or 3 channels gets its middle, scaled to size and
    normalised as the weights learned it; any other gets noise drawn from `seed`. Without a `module` the
    network's own is made, and weights that it has none for are drawn from `seed`.
    Raises UserError for a network that cannot run.
    """
    if module is None:
        module, _ = ready(network, seed)
    module.eval()
    generator = torch.Generator().manual_seed(seed)
    inputs = [fit_picture(picture, shape, generator, network.trained) for shape in input_shapes(network)]
    steps = module.run_nodes(*inputs)
    while True:
        # The mode is left before yielding: it must not reach into whoever reads the events.
        with torch.inference_mode():
            start = perf_counter()
            done = next(steps, None)
            seconds = perf_counter() - start
            if done is None:
                return
            report = _report(done[0], done[1], seconds)
            del done
        yield report


def fit_picture(
    picture: npt.NDArray[Any], shape: Shape, generator: torch.Generator, trained: Trained | None
) -> Tensor:
    """The picture as a batch of one for an input of this shape, or noise where a picture does not fit.

    The middle of the picture, scaled and normalised as `trained` says; three channels without it as
    ImageNet's.
    """
    if len(shape) != 3 or shape[0] not in (1, 3):
        return torch.randn((1, *shape), generator=generator)
    if picture.ndim not in (2, 3) or 0 in picture.shape:
        raise UserError(f"A picture has rows, columns and colours, but this one is {picture.shape}.")
    channels, height, width = shape
    middle = _middle(picture, height, width)
    pixels = torch.from_numpy(np.array(middle)).float().div(255)  # a copy: pictures are read-only
    pixels = pixels[None, None] if picture.ndim == 2 else pixels[:, :, :3].permute(2, 0, 1)[None]
    if channels == 1:
        pixels = pixels.mean(1, keepdim=True)
    pixels = F.interpolate(pixels, (height, width), mode="bilinear", antialias=True)
    mean, deviation = normalization(channels, trained)
    return (pixels - mean) / deviation


def normalization(channels: int, trained: Trained | None) -> tuple[Tensor, Tensor]:
    """(mean, deviation) for values in [0, 1], each (1, C, 1, 1); 0 and 1 where nothing is known."""
    if trained is not None and len(trained.mean) == len(trained.deviation) == channels:
        scale = trained.mean, trained.deviation
    elif channels == 3:
        scale = _MEAN, _DEVIATION
    else:
        scale = (0.0,) * channels, (1.0,) * channels
    mean, deviation = (torch.tensor(values).view(1, channels, 1, 1) for values in scale)
    return mean, deviation


def _middle(picture: npt.NDArray[Any], height: int, width: int) -> npt.NDArray[Any]:
    """The largest window in the middle of the picture that has the proportions of height × width."""
    tall, wide = picture.shape[:2]
    rows = max(1, min(tall, round(wide * height / width)))
    columns = max(1, min(wide, round(tall * width / height)))
    above, left = (tall - rows) // 2, (wide - columns) // 2
    return picture[above : above + rows, left : left + columns]


def _report(node: str, value: Tensor, seconds: float) -> NodeRun:
    """The statistics of one value, a batch of one."""
    value = value[0]
    rows = value.reshape(value.shape[0], -1) if value.dim() > 1 else value.reshape(-1, 1)
    zero = rows == 0
    std, mean = torch.std_mean(rows, correction=0)
    low, high = torch.aminmax(rows)
    return NodeRun(
        node,
        tuple(value.shape),
        seconds,
        float(mean),
        float(std),
        float(low),
        float(high),
        float(zero.float().mean()),
        float(zero.all(1).float().mean()),
        _previews(value) if value.dim() == 3 and value.shape[1] * value.shape[2] > 1 else (),
        value.float().cpu().numpy() if value.dim() == 1 and len(value) <= MOST_VALUES else None,
    )


def _previews(maps: Tensor) -> tuple[Preview, ...]:
    """The maps with the largest mean absolute value, strongest first."""
    strength = maps.abs().mean((1, 2)).nan_to_num(0)
    chosen = strength.topk(min(MOST_MAPS, len(maps))).indices
    rows, columns = maps.shape[1:]
    shrink = min(1, MOST_PIXELS / max(rows, columns))
    size = max(1, round(rows * shrink)), max(1, round(columns * shrink))
    small = F.adaptive_avg_pool2d(maps[chosen], size).nan_to_num(0, 0, 0)
    low = small.amin((1, 2), keepdim=True)
    reach = (small.amax((1, 2), keepdim=True) - low).clamp_min(1e-12)
    pixels = ((small - low) / reach * 255).round().to(torch.uint8).numpy()
    return tuple(Preview(int(channel), pixels[index].copy()) for index, channel in enumerate(chosen.tolist()))
