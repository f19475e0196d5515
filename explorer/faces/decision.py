"""Yes or no, who or nobody: what a distance means, and how strict to be.

Distances are squared L2 of unit embeddings, 2 − 2·cos, from 0 to 4; same if and only if distance ≤ threshold.
Thresholds are of the encoder that ships, where nothing else is said: another needs its own calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.faces.calibration import SFACE, Calibration
from explorer.faces.encoder import Embedding

THRESHOLD = SFACE.threshold
"""For one claimed person, with the encoder that ships."""
FAR_LIMIT = 0.001
"""The chance of a stranger's getting in for which `identify` is set by default. Measured with it on the LFW
development pictures, 20 people enrolled by one picture each: see `OPEN_SET`."""
OPEN_SET = (20, 0.994, 0.0014)
"""How many are enrolled, the share of their other pictures that are found, of strangers who get in."""


def distance(a: Embedding, b: Embedding) -> float:
    """Squared L2 of two unit embeddings, 0 to 4."""
    return float(np.clip(2 - 2 * float(a @ b), 0, 4))


@dataclass(frozen=True)
class Verdict:
    """Of two faces."""

    same: bool
    distance: float
    threshold: float
    probability: float

    @property
    def words(self) -> str:
        """The similarity as one would say it."""
        if self.probability >= 0.999:
            return "almost certainly the same person"
        if self.probability >= 0.95:
            return "very likely the same person"
        if self.probability >= 0.6:
            return "perhaps the same person"
        if self.probability >= 0.2:
            return "hard to tell"
        return "probably two people" if self.probability >= 0.01 else "two different people"


def verify(a: Embedding, b: Embedding, threshold: float = THRESHOLD) -> Verdict:
    """Whether two embeddings of the encoder that ships are of one person."""
    return verdict_at(distance(a, b), threshold)


def verdict_at(distance: float, threshold: float, calibration: Calibration = SFACE) -> Verdict:
    """What a distance says at a threshold."""
    return Verdict(distance <= threshold, distance, threshold, calibration.probability(distance))


@dataclass(frozen=True)
class Candidate:
    """One enrolled person and how far the nearest of their pictures is."""

    name: str
    distance: float


@dataclass(frozen=True)
class Identification:
    """The nearest of K people, or nobody; `candidates` are the nearest, best first."""

    name: str | None
    threshold: float
    candidates: tuple[Candidate, ...]

    @property
    def distance(self) -> float | None:
        """Of the nearest person; None in an empty gallery."""
        return self.candidates[0].distance if self.candidates else None

    @property
    def margin(self) -> float | None:
        """How much farther the runner-up is than the nearest; None without a second person."""
        return self.candidates[1].distance - self.candidates[0].distance if len(self.candidates) > 1 else None


def identify(
    embedding: Embedding,
    matrix: NDArray[np.float32],
    names: Sequence[str],
    threshold: float | None = None,
    most: int = 5,
    people: int | None = None,
) -> Identification:
    """The nearest person of a gallery: `matrix` is (n, 128), row i is a picture of `names[i]`.

    A person is as near as the nearest of their rows; `averaged` makes one row of them. Without
    `threshold`, it is the one at which a stranger gets in with chance `FAR_LIMIT` among as many people, and
    never laxer than for one claimed person.
    `people` is how many there are, for whoever knows: counting 100,000 names takes 2 ms.
    """
    if len(names) != len(matrix):
        raise ValueError(f"{len(matrix)} embeddings and {len(names)} names")
    if threshold is None:
        enrolled = len(set(names)) if people is None else people
        threshold = min(THRESHOLD, SFACE.threshold_for(FAR_LIMIT, max(1, enrolled)))
    candidates = _nearest(matrix @ embedding, names, most) if len(names) else ()
    known = bool(candidates) and candidates[0].distance <= threshold
    return Identification(candidates[0].name if known else None, threshold, candidates)


def averaged(
    matrix: NDArray[np.float32], names: Sequence[str]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """One unit row a person, the mean of their pictures' embeddings, in the order of first appearance.

    It measured better than the nearest of several pictures kept apart: with three pictures each of 20 people,
    one stranger in 500 gets in at the same threshold as with one picture, and 100.0 % are found instead of
    99.96 %; kept apart, the threshold has to follow the number of pictures.
    """
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    sums = np.zeros((len(places), matrix.shape[1]), np.float32)
    np.add.at(sums, [places[name] for name in names], matrix)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, lengths, out=sums, where=lengths > 0), tuple(places)


def _nearest(similarities: NDArray[np.float32], names: Sequence[str], most: int) -> tuple[Candidate, ...]:
    """The best `most` people: the best rows first, and more of them until there are enough people."""
    count = min(len(names), 8 * most)
    while True:
        rows = np.flatnonzero(similarities >= np.partition(similarities, -count)[-count])
        best: dict[str, float] = {}
        for row in rows[np.argsort(-similarities[rows], kind="stable")]:
            best.setdefault(names[row], float(np.clip(2 - 2 * similarities[row], 0, 4)))
        if len(best) >= most or count == len(names):
            return tuple(Candidate(name, found) for name, found in list(best.items())[:most])
        count = min(len(names), 8 * count)


class Steady:
    """One verdict over the frames of a camera, without flicker.

    The mean distance of the last half second decides, after a quarter of a second and three frames. A verdict
    that stands changes only when the mean crosses the threshold by `margin`. It starts again when no face
    is seen for half a second, when the claim changes (`reset`), and when a yes meets one distance that no
    turn of the head makes: nobody inherits another's yes.
    """

    def __init__(self, threshold: float = THRESHOLD, margin: float = 0.06) -> None:
        self.threshold, self.margin = threshold, margin
        self._seen: list[tuple[float, float]] = []
        self._same: bool | None = None

    WINDOW, PATIENCE, FRAMES = 0.5, 0.25, 3
    """Seconds that count, seconds before a first verdict, and frames that it needs."""

    CONTRADICTION = 0.35
    """Squared L2 beyond the threshold at which one frame ends a yes: genuine pairs don't get there."""

    def reset(self) -> None:
        """Forget everything: another face, another claim."""
        self._seen.clear()
        self._same = None

    def frame(self, time: float, distance: float | None) -> bool | None:
        """The verdict after a frame taken at `time` (seconds); `distance` None: no face, or not one face.

        None: not decided yet.
        """
        if self._seen and time - self._seen[-1][0] > self.WINDOW:
            self.reset()
        if distance is None:
            return self._same if self._seen else None
        if self._same and distance > self.threshold + self.CONTRADICTION:
            self.reset()
        self._seen.append((time, distance))
        self._seen = [(then, value) for then, value in self._seen if time - then <= self.WINDOW]
        mean = self.mean
        assert mean is not None
        if self._same is None:
            # slow cameras deliver two frames in the time: those that fill it are enough
            waited = time - self._seen[0][0] >= self.PATIENCE
            if waited and (len(self._seen) >= self.FRAMES or time - self._seen[0][0] > 0.4):
                self._same = mean <= self.threshold
        elif self._same and mean > self.threshold + self.margin:
            self._same = False
        elif not self._same and mean <= self.threshold - self.margin:
            self._same = True
        return self._same

    @property
    def recent(self) -> tuple[float, ...]:
        """The distances of the last half second."""
        return tuple(value for _, value in self._seen)

    @property
    def mean(self) -> float | None:
        """The mean distance of the last half second."""
        return sum(value for _, value in self._seen) / len(self._seen) if self._seen else None
