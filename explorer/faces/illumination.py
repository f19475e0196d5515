"""Does it help to even out the light before encoding? Faces in changed brightness, four ways of mending it.

One picture of each pair is left as it is, the other's chip is multiplied by a factor and clipped to 0–255, as
a sensor does. Both are then evened out and encoded. Only the chip is changed: finding the face is another
matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from explorer.faces.encoder import Encoder
from explorer.faces.evaluation import equal_error_rate
from explorer.faces.face_set import FaceSet
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture

FACTORS = (0.2, 0.35, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_ORDER = (1.0, 0.2, 2.0, 0.5, 1.5, 0.35, 1.25, 0.75)  # that the curves take shape early
MOST_FACES = 24
"""Chips that are encoded, each for every factor and way: 24 · 8 · 4 · 13 ms."""

MEAN, DEVIATION = 120.0, 55.0
"""Grey level and standard deviation that chips are brought to: those of well-lit press pictures."""


class Evening(StrEnum):
    """What is done to a chip before it is encoded."""

    NONE = "as it is"
    EQUALISED = "equalised"
    STANDARDISED = "mean 0, variance 1"
    GAMMA = "gamma"


def brightened(chip: Picture, factor: float) -> Picture:
    """Every value times `factor`, clipped to 0–255."""
    scaled: Picture = np.clip(np.rint(chip.astype(np.float32) * factor), 0, 255).astype(np.uint8)
    return scaled


def evened(chip: Picture, way: Evening) -> Picture:
    """The chip with its light evened out; colours keep their hue as far as they can."""
    if way is Evening.NONE:
        return chip
    if way is Evening.EQUALISED:
        luma = cv2.cvtColor(chip, cv2.COLOR_RGB2YCrCb)
        luma[:, :, 0] = cv2.equalizeHist(luma[:, :, 0])
        return as_picture(cv2.cvtColor(luma, cv2.COLOR_YCrCb2RGB))
    values = chip.astype(np.float64)
    mean = float(values.mean())
    if way is Evening.STANDARDISED:
        deviation = max(float(values.std()), 1e-3)
        values = (values - mean) / deviation * DEVIATION + MEAN
    else:
        gamma = np.log(MEAN / 255) / np.log(min(max(mean, 1.0), 254.0) / 255)
        values = 255 * np.power(values / 255, gamma)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Lit:
    """One factor and one way: shares of pairs accepted at the threshold, and the EER at that light."""

    factor: float
    way: Evening
    accepted: float
    strangers: float
    eer: float
    distance: float
    """Mean, of the pairs of one person."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Which faces of the set are tried, (m,), and the pairs among them, as places in `rows`."""

    rows: NDArray[np.int64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    same: NDArray[np.bool_]


def sample(faces: FaceSet, most: int = MOST_FACES) -> Sample:
    """At most `most` faces, those in pairs of one person first; every pair among them, both ways round."""
    usable = faces.found[faces.a] & faces.found[faces.b]
    near, far = np.flatnonzero(usable & faces.same), np.flatnonzero(usable & ~faces.same)
    order: dict[int, None] = {}
    if faces.people is not None:
        near = near[np.argsort(_turns(faces.people[faces.a[near]]), kind="stable")]
    for pair in np.concatenate([near, far]):
        both = int(faces.a[pair]), int(faces.b[pair])
        if len(order.keys() | set(both)) <= most:
            order.update(dict.fromkeys(both))
        if len(order) >= most - 1:  # there is no room for two more
            break
    rows = np.array(sorted(order), dtype=np.int64)
    place = np.full(len(faces.names), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    kept = usable & (place[faces.a] >= 0) & (place[faces.b] >= 0)
    a, b, same = place[faces.a[kept]], place[faces.b[kept]], faces.same[kept]
    return Sample(rows, np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([same, same]))


def _turns(people: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for everybody's first, 1 for everybody's second, and so on."""
    seen: dict[int, int] = {}
    turns = np.empty(len(people), dtype=np.int64)
    for index, person in enumerate(people):
        turns[index] = seen[int(person)] = seen.get(int(person), -1) + 1
    return turns


def try_lights(
    faces: FaceSet,
    tried: Sample,
    encoder: Encoder,
    threshold: float,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Iterator[Lit]:
    """Every way at every factor; `progress` is called before each face and may raise.

    Raises ValueError unless the sample has pairs of both kinds.
    """
    if tried.same.all() or not tried.same.any():
        raise ValueError("an experiment with light needs pairs of one person and pairs of two")
    total, done = len(FACTORS) * len(Evening) * len(tried.rows), 0
    plain: dict[Evening, NDArray[np.float32]] = {}
    for factor in _ORDER:
        for way in Evening:
            embeddings = []
            for row in tried.rows:
                progress(done, total)
                chip = faces.chips[row]
                assert chip is not None
                embeddings.append(encoder.encode(evened(brightened(chip, factor), way), careful=False))
                done += 1
            matrix = np.stack(embeddings)
            reference = plain.setdefault(way, matrix)
            yield _lit(factor, way, reference, matrix, tried, threshold)


def _lit(
    factor: float,
    way: Evening,
    reference: NDArray[np.float32],
    changed: NDArray[np.float32],
    tried: Sample,
    threshold: float,
) -> Lit:
    cosine = np.einsum("ij,ij->i", reference[tried.a].astype(np.float64), changed[tried.b])
    distances = np.clip(2 - 2 * cosine, 0, 4)
    near, far = distances[tried.same], distances[~tried.same]
    rate, _ = equal_error_rate(near, far)
    accepted, strangers = float((near <= threshold).mean()), float((far <= threshold).mean())
    return Lit(factor, way, accepted, strangers, rate, float(near.mean()))
