"""What a Siamese encoder learns from: pictures of people, or of anything else that comes in classes.

Pictures are made ready once, when they are first asked for, and kept as long as there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from explorer.faces.folder import PeopleFolder
from explorer.learning.samples import fashion_sample
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture, read_picture
from explorer.network.errors import UserError

Indices = NDArray[np.int64]
CACHE_BYTES = 512 << 20
"""What made-ready pictures may take: 10,000 chips of 112 × 112 are 376 MB."""


class Pictures(Protocol):
    """Pictures by number. `people[i]` is the number of the person (or class) of picture i, in `names`."""

    @property
    def title(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def people(self) -> NDArray[np.int64]: ...

    @property
    def faces(self) -> bool:
        """Whether they are aligned faces, so that what is learned can be used before a camera."""

    def picture(self, index: int) -> Picture:
        """(H, W, 3) uint8, aligned if they are faces. Raises UserError for one that is to be left out."""

    def place(self, index: int) -> str:
        """What to call a picture in a message."""


@dataclass(frozen=True, eq=False)
class ArrayPictures:
    """Pictures that lie in memory, (n, H, W) or (n, H, W, 3) uint8."""

    title: str
    names: tuple[str, ...]
    people: NDArray[np.int64]
    pictures: NDArray[np.uint8]
    faces: bool = False

    def picture(self, index: int) -> Picture:
        found = self.pictures[index]
        return np.repeat(found[:, :, None], 3, axis=2) if found.ndim == 2 else found

    def place(self, index: int) -> str:
        return f"{self.names[self.people[index]]}, picture {index + 1:,}"


class FolderPictures:
    """A folder of people. Faces are found and aligned; other pictures are taken as they are.

    Nothing is decoded before it is needed. One thread at a time.
    """

    def __init__(self, folder: PeopleFolder, faces: bool) -> None:
        self.folder, self.faces = folder, faces
        self.title, self.names = folder.root.name or str(folder.root), folder.names
        self.people = folder.people.astype(np.int64)
        self._pipeline: Any = None

    def picture(self, index: int) -> Picture:
        path = self.folder.paths[index]
        picture = read_picture(path)
        return self._chip(picture, path) if self.faces else picture

    def place(self, index: int) -> str:
        return str(self.folder.paths[index])

    def _chip(self, picture: Picture, path: Path) -> Picture:
        from explorer.faces.alignment import SIDE, align
        from explorer.faces.detector import YuNet
        from explorer.faces.pipeline import NoFace, main_face

        if picture.shape[:2] == (SIDE, SIDE):
            return picture  # a chip already: searching it would only shift it
        if self._pipeline is None:
            self._pipeline = YuNet()
        faces = self._pipeline.find(picture)
        if not faces:
            raise NoFace(f"'{path}'")
        try:
            return align(picture, main_face(faces, (picture.shape[0], picture.shape[1])).points)
        except ValueError:
            raise NoFace(f"'{path}'") from None


def fashion(each: int = 500) -> ArrayPictures:
    """The embedded sample as ten "people": `each` training pictures of each class (at most 500)."""
    sample = fashion_sample()
    labels = sample.train_labels.astype(np.int64)
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == label)[:each] for label in range(10)]))
    return ArrayPictures("Fashion sample", sample.classes, labels[chosen], sample.train[chosen])


def fit(picture: Picture, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A picture as a network of input (C, H, W) takes it: the centre, resized; (C, H, W) uint8.

    One channel is the mean of the three by ITU-R 601. Raises UserError for channel counts no picture has.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise UserError(f"the encoder's input has {channels} channels; a picture has 1 (grey) or 3 (RGB)")
    high, wide = picture.shape[:2]
    if (high, wide) != (height, width):
        scale = min(high / height, wide / width)
        cut_high, cut_wide = max(1, round(height * scale)), max(1, round(width * scale))
        top, left = (high - cut_high) // 2, (wide - cut_wide) // 2
        part = picture[top : top + cut_high, left : left + cut_wide]
        way = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(part, (width, height), interpolation=way), dtype=np.uint8)
    if channels == 1:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)[None]
    return np.ascontiguousarray(picture.transpose(2, 0, 1))


class Loader:
    """Made-ready pictures by number, each made once and kept within `limit` bytes.

    `ready` turns a picture into what the encoder is fed: every batch stacks such arrays. Pictures that cannot
    be read are left out from then on; `skipped` names them. `check` is called before each and may raise.
    """

    def __init__(
        self, pictures: Pictures, ready: Callable[[Picture], NDArray[Any]], limit: int = CACHE_BYTES
    ) -> None:
        self.pictures, self.limit = pictures, limit
        self.skipped: dict[int, str] = {}
        self.bytes = 0
        self.check: Callable[[], None] = lambda: None
        self._ready = ready
        self._kept: dict[int, NDArray[Any]] = {}

    def batch(self, indices: Sequence[int] | Indices) -> tuple[NDArray[Any], Indices]:
        """(stacked (N, …), the N indices that could be read)."""
        found, kept = [], []
        for index in map(int, indices):
            one = self._one(index)
            if one is not None:
                found.append(one)
                kept.append(index)
        return (np.stack(found) if found else np.empty((0, 1), np.float32)), np.array(kept, dtype=np.int64)

    def _one(self, index: int) -> NDArray[Any] | None:
        known = self._kept.get(index)
        if known is not None or index in self.skipped:
            return known
        self.check()
        try:
            made = self._ready(self.pictures.picture(index))
        except UserError as error:
            self.skipped[index] = str(error)
            return None
        if self.bytes + made.nbytes <= self.limit:
            # All pictures are drawn alike often, so whatever came first is as good to keep as any other.
            self._kept[index] = made
            self.bytes += made.nbytes
        return made
