"""The faces that ship, as people to enrol and as something to look at where no camera is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, sin
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image, ImageFilter

from explorer.assets import asset
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.media.pictures import Picture, read_picture
from explorer.media.sources import Stream

ENROLLED = ("Viktor", "Grace Hopper", "Nora", "Eileen Collins", "Olga")
"""Whom the demonstration knows, by their first picture, the one who is claimed first."""
SHOWN = ("Viktor/2", "Nora/2", "Viktor/4", "Dana/1", "Olga/2", "Viktor/3", "Elif/1")
"""Who then comes before the camera: other pictures of three of them, and two strangers."""

WIDTH, HEIGHT, RATE = 640, 480, 25
SECONDS_EACH = 3.6
_TALLEST, _LARGEST = 400, 3.0  # pixels and scale of the sharp picture in the middle
_MARGIN = 24  # pixels that the picture may drift


def people() -> dict[str, tuple[Path, ...]]:
    """Everybody who ships, with their pictures."""
    folders = sorted(path for path in asset("faces").iterdir() if path.is_dir())
    return {folder.name: tuple(sorted(folder.glob("*.jpg"))) for folder in folders}


def read_enrolled(pipeline: FacePipeline) -> list[tuple[str, Reading]]:
    """The first picture of each of `ENROLLED`."""
    return [
        (name, pipeline.read(read_picture(asset("faces", name, "1.jpg")), name=name)) for name in ENROLLED
    ]


@dataclass(frozen=True)
class BundledFaces:
    """A `Source`: the pictures of `SHOWN` in turn, moving a little as if a hand held the camera."""

    exclusive: ClassVar[bool] = False
    name: str = "Bundled faces"

    def open(self) -> Stream:
        """Never fails but where a file is missing (UserError)."""
        return _Reel([asset("faces", *f"{shown}.jpg".split("/")) for shown in SHOWN])


class _Reel:
    def __init__(self, paths: list[Path]) -> None:
        self.interval: float | None = 1 / RATE
        self._paths = paths
        self._number = 0
        self._each = round(SECONDS_EACH * RATE)

    def read(self) -> Picture | None:
        index, frame = divmod(self._number, self._each)
        if index == len(self._paths):
            return None
        self._number += 1
        scene = _scene(self._paths[index])
        turn = frame / RATE
        zoom = 1 - 0.04 * frame / self._each
        width, height = WIDTH * zoom, HEIGHT * zoom
        left = _MARGIN + (WIDTH - width) / 2 + 9 * sin(1.3 * turn + index)
        top = _MARGIN + (HEIGHT - height) / 2 + 6 * cos(1.7 * turn + index)
        box = (left, top, left + width, top + height)
        return np.array(scene.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box))

    def skip(self) -> None:
        self._number += 1

    def close(self) -> None:
        """Nothing is held."""


@lru_cache(maxsize=4)
def _scene(path: Path) -> Image.Image:
    """The picture in the middle of a ground made of itself, blurred and darker; larger than a frame."""
    picture = Image.fromarray(read_picture(path))
    wide, high = WIDTH + 2 * _MARGIN, HEIGHT + 2 * _MARGIN
    scale = max(wide / picture.width, high / picture.height)
    size = round(picture.width * scale), round(picture.height * scale)
    ground = picture.resize((size[0] // 4, size[1] // 4)).filter(ImageFilter.GaussianBlur(14)).resize(size)
    left, top = (size[0] - wide) // 2, (size[1] - high) // 2
    scene = ground.crop((left, top, left + wide, top + high)).point(lambda value: value * 0.6)
    scale = min(_TALLEST / picture.height, _LARGEST)
    width, height = round(picture.width * scale), round(picture.height * scale)
    sharp = picture.resize((width, height), Image.Resampling.BICUBIC)
    scene.paste(sharp, ((wide - width) // 2, (high - height) // 2))
    return scene
