"""From what is seen, frame by frame, to one steady answer. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from explorer.faces.decision import Candidate, Identification, Steady, identify
from explorer.faces.encoder import Embedding, unit
from explorer.faces.pipeline import Reading
from explorer.faces.quality import Hint
from explorer.ui.workspaces.faces.watch import Sight

LONGEST = 1.5
"""Seconds beyond which a reading counts no more, however slow the machine is."""


class State(StrEnum):
    """The answer."""

    LOOKING = "looking"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer about the face that is followed, and what it rests on.

    `name` is who it is (YES), or the nearest (NO). `distance` is the mean of the last half second, squared
    L2; `readings` is for how many readings the answer has stood.
    """

    state: State = State.LOOKING
    name: str | None = None
    distance: float | None = None
    threshold: float = 0.0
    readings: int = 0
    reading: Reading | None = None
    recent: tuple[float, ...] = ()
    """The distances of which it is the mean."""
    hints: tuple[Hint, ...] = (Hint.NONE,)
    candidates: tuple[Candidate, ...] = ()


class _Follower:
    """What both have in common: one face is followed, and nobody inherits what was found of another."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.last: float | None = None
        """The distance of the newest reading alone."""
        self._steady = Steady()
        self._track = 0
        self._read_at = float("-inf")

    def reset(self) -> None:
        """Another claim, another source, other people."""
        self._steady.reset()
        self.outcome = Outcome()
        self.last = None

    def _begin(self, sight: Sight, threshold: float) -> bool:
        """Whether the sight brings a reading to decide on; without, the outcome is brought up to date."""
        self._steady.threshold = threshold
        if sight.track != self._track:
            self._track = sight.track
            self.reset()
        if sight.reading is not None:
            self._stretch(sight.time - self._read_at)
            self._read_at = sight.time
            return True
        if sight.face is None and self._steady.frame(sight.time, None) is None:
            self.reset()
        elif sight.refused is not None:
            self.outcome = replace(self.outcome, hints=(sight.refused,))
        return False

    def _stretch(self, interval: float) -> None:
        """A machine that has no time reads rarely: what counts is then longer than half a second."""
        if interval <= LONGEST:
            self._steady.WINDOW = min(LONGEST, max(Steady.WINDOW, 2.5 * interval))

    def _conclude(self, same: bool | None, reading: Reading, **found: object) -> Outcome:
        state = State.LOOKING if same is None else State.YES if same else State.NO
        before = self.outcome
        readings = before.readings + 1 if before.state is state and state is not State.LOOKING else 0
        self.outcome = Outcome(
            state=state,
            distance=self._steady.mean,
            recent=self._steady.recent,
            threshold=self._steady.threshold,
            readings=readings,
            reading=reading,
            hints=reading.hints,
            **found,  # type: ignore[arg-type]
        )
        return self.outcome


class Verifier(_Follower):
    """Whether the face is of the person who is claimed."""

    def take(self, sight: Sight, claim: str, rows: NDArray[np.float32], threshold: float) -> Outcome:
        """After a sight; the nearest of `rows` (n, size), the claimed person's embeddings, counts."""
        if self._begin(sight, threshold) and sight.reading is not None and len(rows):
            found = identify(sight.reading.embedding, rows, [claim] * len(rows), threshold)
            self.last = found.distance
            same = self._steady.frame(sight.time, found.distance)
            return self._conclude(same, sight.reading, name=claim)
        return self.outcome


class Recogniser(_Follower):
    """Who of the people enrolled it is, or nobody: by the mean of the embeddings of the last half second."""

    def __init__(self) -> None:
        super().__init__()
        self._recent: list[tuple[float, Embedding]] = []
        self._nearest: str | None = None

    def reset(self) -> None:
        super().reset()
        self._recent.clear()
        self._nearest = None

    def take(
        self, sight: Sight, matrix: NDArray[np.float32], names: Sequence[str], threshold: float
    ) -> Outcome:
        """After a sight; row i of `matrix` (n, size) is a picture of `names[i]`."""
        if self._begin(sight, threshold) and sight.reading is not None and len(names):
            found = self._identify(sight.time, sight.reading, matrix, names, threshold)
            nearest = found.candidates[0]
            if nearest.name != self._nearest:
                self._nearest = nearest.name
                self._steady.reset()
            same = self._steady.frame(sight.time, nearest.distance)
            return self._conclude(same, sight.reading, name=nearest.name, candidates=found.candidates)
        return self.outcome

    def _identify(
        self,
        time: float,
        reading: Reading,
        matrix: NDArray[np.float32],
        names: Sequence[str],
        threshold: float,
    ) -> Identification:
        self._recent = [(then, one) for then, one in self._recent if time - then <= self._steady.WINDOW]
        self._recent.append((time, reading.embedding))
        mean = unit(np.mean([one for _, one in self._recent], axis=0, dtype=np.float32))
        return identify(mean, matrix, names, threshold)


def tries(rate: float) -> str:
    """A false accept rate as a person would say it: "once in about 40,000 tries"."""
    if rate >= 0.2:
        return "often"
    if rate < 1e-6:
        return "less than once in a million tries"
    number = round(1 / rate)
    step = 10 ** max(0, len(str(number)) - 2)
    return f"once in about {round(number / step) * step:,} tries"


def among(rate: float, people: int) -> float:
    """The chance that a stranger gets in among `people`, each of whom lets one in with `rate`."""
    return float(-np.expm1(people * np.log1p(-min(rate, 1 - 1e-12))))
