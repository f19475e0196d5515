"""What a distance means, by encoder: how likely one person is, how many strangers get as near.

Distances are squared L2 of unit embeddings, 2 − 2·cos, from 0 to 4. The figures were measured on the LFW
development pictures, read carefully: 1,560 pairs of the same person and 288,381 of two people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from explorer.interop.model_files import SFACE as SFACE_FILE

DLIB_VERSION = "dlib-resnet-v1"
WORDS = "LFW development pairs, equal priors"
"""What probabilities are calibrated on."""
STRANGERS = 288_381
"""Pairs of two people that false accepts were counted on."""


@dataclass(frozen=True)
class Calibration:
    """Of one encoder. The chance of one person is σ(−(slope · distance − offset))."""

    threshold: float
    """For one claimed person: a stranger passes once in about 4,000 tries."""
    slope: float
    offset: float
    false_accepts: tuple[tuple[float, float], ...]
    """Distance and the share of strangers' pairs at or below it, ascending."""

    def probability(self, distance: float) -> float:
        """That the two are one person, if that is as likely as not beforehand (see `WORDS`)."""
        return 1 / (1 + exp(min(700.0, self.slope * distance - self.offset)))

    def false_accept_rate(self, threshold: float) -> float:
        """The share of strangers' pairs at or below `threshold`, between the measured ones."""
        places = [place for place, _ in self.false_accepts]
        shares = [log(share) for _, share in self.false_accepts]
        return float(min(1.0, exp(_line(threshold, places, shares))))

    def threshold_for(self, far: float, people: int = 1) -> float:
        """The threshold at which a stranger gets in with chance `far` among `people` enrolled.

        With K people a stranger has K tries: 1 − (1 − FAR)^K = `far`, so that each must be stricter. Raises
        ValueError outside 0 < far < 1 or without people.
        """
        if not 0 < far < 1 or people < 1:
            raise ValueError(f"a chance of {far} among {people} people")
        each = -np.expm1(np.log1p(-far) / people)
        places = [place for place, _ in self.false_accepts]
        shares = [log(share) for _, share in self.false_accepts]
        return float(np.clip(_line(log(each), shares, places), places[0] / 2, places[-1]))


def _line(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Through the points, and on beyond the first and the last."""
    index = int(np.clip(np.searchsorted(xs, x) - 1, 0, len(xs) - 2))
    share = (x - xs[index]) / (xs[index + 1] - xs[index])
    return ys[index] + share * (ys[index + 1] - ys[index])


SFACE = Calibration(
    1.18,
    31.66,
    39.05,
    (
        (0.90, 2e-7),  # continued: too few pairs below 1.10 to count
        (1.10, 2.8e-5),
        (1.14, 9.7e-5),
        (1.18, 2.6e-4),
        (1.22, 6.6e-4),
        (1.26, 1.4e-3),
        (1.30, 3.0e-3),
        (1.34, 5.8e-3),
        (1.42, 2.0e-2),
        (1.50, 5.5e-2),
    ),
)
DLIB = Calibration(
    0.122,
    79.83,
    14.40,
    (
        (0.080, 3.5e-6),
        (0.100, 2.4e-5),
        (0.110, 9.0e-5),
        (0.122, 2.5e-4),
        (0.130, 5.1e-4),
        (0.140, 1.0e-3),
        (0.150, 2.2e-3),
        (0.170, 7.7e-3),
        (0.200, 3.3e-2),
        (0.220, 7.0e-2),
    ),
)
"""All its embeddings lie in one corner of the sphere; on chips made larger it turns away 15 in 100."""
BY_VERSION = {SFACE_FILE.version: SFACE, DLIB_VERSION: DLIB}
"""By the encoder's version; others have not been measured."""
