"""Pictures that are collected at the camera, class by class: a folder of class folders that grows."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.folders import data_folder
from explorer.network.errors import UserError

SIDE = 160
"""Of the square pictures that are kept, in pixels."""
LEAST_CLASSES, LEAST_PICTURES = 2, 5
_FORBIDDEN = set('/\\:*?"<>|.')


class Collection:
    """One folder, made with its first picture. Raises UserError where it cannot be written."""

    def __init__(self, folder: Path | None = None) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.folder = data_folder() / "collected" / stamp if folder is None else folder
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures each class has, in the order in which the classes were named."""
        return dict(self._counts)

    def name(self, text: str) -> str:
        """Begin a class, or go on with it; its name as a folder can have it. Raises UserError."""
        letters = ("-" if one in _FORBIDDEN or not one.isprintable() else one for one in text)
        name = "".join(letters).strip(" -")[:40]
        if not name:
            raise UserError("a class needs a name with letters or digits; type one")
        self._counts.setdefault(name, 0)
        return name

    def add(self, name: str, picture: NDArray[np.uint8]) -> None:
        """Keep the middle of a picture (H, W, 3) uint8 RGB for a class that was named. Raises UserError."""
        side = min(picture.shape[:2])
        top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        square = Image.fromarray(np.ascontiguousarray(picture[top : top + side, left : left + side]))
        path = self.folder / name / f"{self._counts[name] + 1:05}.png"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            square.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0).save(path)
        except OSError as error:
            raise UserError(f"'{path}' cannot be written: {error.strerror or error}") from None
        self._counts[name] += 1

    def take_back(self, name: str) -> None:
        """Remove the newest picture of a class."""
        count = self._counts.get(name, 0)
        if count:
            (self.folder / name / f"{count:05}.png").unlink(missing_ok=True)
            self._counts[name] = count - 1

    @property
    def lacking(self) -> str:
        """What is missing before one can learn from it, "" if nothing is."""
        enough = [count for count in self._counts.values() if count >= LEAST_PICTURES]
        if len(enough) < LEAST_CLASSES:
            return f"Two classes or more need {LEAST_PICTURES} pictures each."
        few = [name for name, count in self._counts.items() if 0 < count < LEAST_PICTURES]
        return f"“{few[0]}” needs {LEAST_PICTURES} pictures." if few else ""

    def throw_away(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._counts = {}
