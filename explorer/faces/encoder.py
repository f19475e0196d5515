"""From an aligned chip to an embedding: 128 numbers on the unit sphere, near for the same person."""

from __future__ import annotations

import threading
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from explorer.faces.alignment import SIDE
from explorer.interop.model_files import SFACE, checked_bytes
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture

Embedding = NDArray[np.float32]


class Encoder(Protocol):
    """What makes embeddings. `version` is kept beside each: embeddings of two versions can't be compared."""

    version: str
    size: int

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        """The embedding of a chip (112, 112, 3), of length 1. `careful` costs twice the time."""


class SFace:
    """SFace (Zhong et al. 2021) as it ships. Not to be used by two threads at once: each makes its own."""

    version = SFACE.version
    size = 128

    def __init__(self) -> None:
        self._net = _load()
        self._beside: cv2.dnn.Net | None = None

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        """`careful` adds the embedding of the mirrored chip, which measured better on every figure.

        One pass hardly uses more than one core, so the two run side by side, each with a network of its own.
        """
        if not careful:
            return unit(_forward(self._net, chip))
        if self._beside is None:
            self._beside = _load()
        mirrored: list[Embedding] = []
        other, flipped = self._beside, np.ascontiguousarray(chip[:, ::-1])
        thread = threading.Thread(target=lambda: mirrored.append(_forward(other, flipped)))
        thread.start()  # with this thread's own priority
        try:
            own = _forward(self._net, chip)
        finally:
            thread.join()
        return unit(own + mirrored[0])


def _load() -> cv2.dnn.Net:
    return cv2.dnn.readNetFromONNX(np.frombuffer(checked_bytes(SFACE), np.uint8))


def _forward(net: cv2.dnn.Net, chip: Picture) -> Embedding:
    net.setInput(cv2.dnn.blobFromImages([chip], 1.0, (SIDE, SIDE)), "data")
    return np.array(net.forward(), dtype=np.float32).ravel()


def unit(embedding: Embedding) -> Embedding:
    """Scaled to length 1; zeros stay zeros."""
    length = float(np.linalg.norm(embedding))
    return embedding / np.float32(length) if length > 0 else embedding
