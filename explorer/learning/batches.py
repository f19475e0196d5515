"""Batches: which pictures come when, and how bytes become what a network sees. Loads torch.

Everything drawn at random is drawn from numbers made of (seed, purpose, epoch, step), so a training that
goes on in the middle of an epoch meets the very batches it would have met.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from explorer.learning.data_set import DataSet, Split
from explorer.learning.settings import Augment
from explorer.network.layer import Shape

MADE_READY = 512 << 20
"""Bytes up to which all pictures are resized before the first batch, and not each time."""
NORMALISED = 128 << 20
"""Bytes up to which all values are made before the first batch where the pictures stay as they are."""
_LUMA = (0.299, 0.587, 0.114)  # ITU-R 601
_CHUNK = 1024
Scale = tuple[tuple[float, ...], tuple[float, ...]]
"""(mean, deviation) of pictures in [0, 1], channel by channel."""


def drawn(seed: int, purpose: str, epoch: int = 0, step: int = 0) -> int:
    """A number for a random generator: the same for the same four, unlike for any others."""
    digest = hashlib.blake2b(f"{seed} {purpose} {epoch} {step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


@contextmanager
def randomness(device: torch.device, key: int) -> Iterator[None]:
    """What torch draws by itself, as dropout does, comes from `key`; the CPU's generator stays as it was."""
    before = torch.get_rng_state()
    if device.type == "cpu":
        torch.default_generator.manual_seed(key)  # torch.manual_seed asks every kind of device: 0.15 ms
    else:
        torch.manual_seed(key)
    try:
        yield
    finally:
        torch.set_rng_state(before)


def order(
    pictures: int, batch_size: int, seed: int, epoch: int, processes: int = 1
) -> list[NDArray[np.int64]]:
    """The epoch's batches of indices, the same in all processes.

    A last one of one picture, or less than two for each of several processes, is left out: batch norm can't
    use it.
    """
    generator = np.random.default_rng(drawn(seed, "order", epoch))
    shuffled = generator.permutation(pictures)
    batches = [shuffled[start : start + batch_size] for start in range(0, pictures, batch_size)]
    return batches[: batch_count(pictures, batch_size, processes)]


def batch_count(pictures: int, batch_size: int, processes: int = 1) -> int:
    """How many batches `order` gives."""
    whole, rest = divmod(pictures, batch_size)
    least = min(batch_size, 2 * processes)
    return max(1, whole + (rest >= least))


class Feed:
    """A split as a network of input `shape` takes it: (N, *shape) float32, normalised by the data's scale."""

    def __init__(
        self,
        data: DataSet,
        split: Split,
        shape: Shape,
        device: torch.device,
        augment: Sequence[Augment] = (),
        scale: Scale | None = None,
    ) -> None:
        self._size = shape if len(shape) == 3 else data.input
        self._flat = len(shape) == 1
        self._device, self._augment = device, tuple(augment)
        mean, deviation = scale_for(data, self._size[0]) if scale is None else scale
        self._mean = torch.tensor(mean, device=device).view(-1, 1, 1) * 255
        self._factor = 1 / (torch.tensor(deviation, device=device).view(-1, 1, 1) * 255)
        self._pictures: NDArray[np.uint8] | Tensor = split.pictures
        self._labels = torch.from_numpy(split.labels.copy())
        self._values: Tensor | None = None
        size = len(split) * int(np.prod(self._size))
        if size <= MADE_READY:
            if data.input != self._size:
                self._pictures = self._resized(split.pictures)
            whole = self._pictures
            if device.type != "cpu":  # all of them once, and not a few each time
                whole = whole if isinstance(whole, Tensor) else torch.from_numpy(whole.copy())
                self._pictures = whole.to(device)
            elif not augment and 4 * size <= NORMALISED:
                whole = whole if isinstance(whole, Tensor) else torch.from_numpy(whole.copy())
                self._values = self._normalised(whole)

    def __len__(self) -> int:
        return len(self._labels)

    def _resized(self, pictures: NDArray[np.uint8]) -> Tensor:
        found = torch.empty((len(pictures), *self._size), dtype=torch.uint8)
        for start in range(0, len(pictures), _CHUNK):
            part = torch.from_numpy(pictures[start : start + _CHUNK].copy())
            found[start : start + len(part)] = fit(part, self._size)
        return found

    def take(self, indices: NDArray[np.int64], key: int | None = None) -> tuple[Tensor, Tensor]:
        """(pictures, labels) on the device. `key` seeds the augmentation; None: pictures as they are."""
        if self._values is not None:
            return self._values[torch.from_numpy(indices)], self.labels(indices)
        if isinstance(self._pictures, Tensor):
            pictures = self._pictures[torch.from_numpy(indices).to(self._pictures.device)]
        else:
            pictures = fit(torch.from_numpy(self._pictures[indices]), self._size)
        if key is not None and self._augment:
            pictures = augmented(pictures, self._augment, key)
        return self._normalised(pictures), self.labels(indices)

    def _normalised(self, pictures: Tensor) -> Tensor:
        values = pictures.to(self._device).float().sub_(self._mean).mul_(self._factor)
        return values.flatten(1) if self._flat else values

    def labels(self, indices: NDArray[np.int64]) -> Tensor:
        """The numbers of the classes, on the device."""
        return self._labels[torch.from_numpy(indices)].to(self._device)


def scale_for(data: DataSet, channels: int) -> Scale:
    """(mean, deviation) of the training pictures as a network of so many channels sees them."""
    mean, deviation = data.scale
    if channels == len(mean):
        return mean, deviation
    if channels == 1:
        return (float(np.dot(_LUMA, mean)),), (float(np.dot(_LUMA, deviation)),)
    return mean * channels, deviation * channels


def fit(pictures: Tensor, shape: Shape) -> Tensor:
    """uint8 (N, C, H, W) as (N, *shape): grey or RGB, the shorter side resized, the centre cut out."""
    channels, height, width = shape
    if pictures.shape[1] != channels:
        if channels == 1:
            luma = torch.tensor(_LUMA).view(1, 3, 1, 1)
            pictures = (pictures.float() * luma).sum(1, keepdim=True).round().to(torch.uint8)
        else:
            pictures = pictures.expand(-1, channels, -1, -1)
    high, wide = pictures.shape[2:]
    if (high, wide) == (height, width):
        return pictures
    factor = max(height / high, width / wide)
    size = (max(height, round(high * factor)), max(width, round(wide * factor)))
    values = F.interpolate(pictures.float(), size, mode="bilinear", antialias=True, align_corners=False)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    return values[:, :, top : top + height, left : left + width].round().clamp(0, 255).to(torch.uint8)


def augmented(pictures: Tensor, kinds: Sequence[Augment], key: int) -> Tensor:
    """Each picture changed by chance: mirrored, or cut out of itself with an eighth of black around."""
    generator, device = torch.Generator().manual_seed(key), pictures.device
    count, _, high, wide = pictures.shape
    if Augment.FLIP in kinds:
        turned = (torch.rand(count, generator=generator) < 0.5).to(device)
        pictures = torch.where(turned.view(-1, 1, 1, 1), pictures.flip(3), pictures)
    if Augment.CROP in kinds:
        margins = max(1, high // 8), max(1, wide // 8)
        padded = F.pad(pictures, (margins[1], margins[1], margins[0], margins[0]))
        tops = torch.randint(2 * margins[0] + 1, (count, 1), generator=generator)
        lefts = torch.randint(2 * margins[1] + 1, (count, 1), generator=generator)
        rows = (tops + torch.arange(high)).view(count, 1, high, 1)
        columns = (lefts + torch.arange(wide)).view(count, 1, 1, wide)
        which = torch.arange(count).view(count, 1, 1, 1)
        channels = torch.arange(pictures.shape[1]).view(1, -1, 1, 1)
        pictures = padded[tuple(one.to(device) for one in (which, channels, rows, columns))]
    return pictures
