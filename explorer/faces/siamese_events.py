"""What a Siamese training tells beyond loss and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.learning.events import Batch, Epoch, Event
from explorer.media.pictures import Picture


@dataclass(frozen=True, kw_only=True)
class Begins(Event):
    """What is learned from: how many pictures of how many people, and how many of both are kept to judge on.

    Nothing is decoded before it is needed; what was made ready is held up to `most_bytes`.
    """

    pictures: int
    people: int
    unseen_pictures: int
    unseen_people: int
    batches: int
    most_bytes: int

    @property
    def words(self) -> str:
        """In two sentences."""
        learned, who = self.pictures - self.unseen_pictures, self.people - self.unseen_people
        batches = "1 batch" if self.batches == 1 else f"{self.batches:,} batches"
        return (
            f"{self.pictures:,} pictures of {self.people:,}: {learned:,} of {who:,} are learned from, in "
            f"{batches} an epoch; {self.unseen_people:,} stay unseen, to judge on. "
            f"At most {self.most_bytes >> 20:,} MiB of pictures are held."
        )


@dataclass(frozen=True, kw_only=True)
class SiameseBatch(Batch):
    """`terms` triplets or pairs made the loss, of which a share `active` had a loss above 0.

    `active` is None for the cross-entropy, which is never 0.
    """

    terms: int
    active: float | None


@dataclass(frozen=True, kw_only=True)
class SiameseEpoch(Epoch):
    """How well people are told apart that were not learned from, by the squared L2 of their embeddings.

    `threshold` is a squared L2 distance: at most 1 % of the strangers are let in there, and no more than
    right people refused. `measure_eer` is by Σ w|a − b| + b where that is learned. None without pairs.
    """

    eer: float | None
    threshold: float | None
    measure_eer: float | None
    genuine_pairs: int
    impostor_pairs: int


@dataclass(frozen=True, eq=False)
class TripletPicture:
    """One triplet to look at; distances are squared L2."""

    anchor: Picture
    positive: Picture
    negative: Picture
    person: str
    other: str
    near: float
    far: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Hardest(Event):
    """The triplets of a batch with the greatest loss, the worst first."""

    epoch: int
    batch: int
    triplets: tuple[TripletPicture, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingMap(Event):
    """Some pictures' embeddings on a plane: `places` (N, 2), `people` (N,) numbers into `names`."""

    epoch: int
    batch: int
    places: NDArray[np.float64]
    people: NDArray[np.int64]
    names: tuple[str, ...]
    unseen: tuple[int, ...]
    """Those among the people that are not learned from."""


@dataclass(frozen=True, kw_only=True)
class Laned(Event):
    """An event of one of several trainings that run side by side."""

    lane: int
    event: Event
