"""Batches of P people × K pictures each, so that every batch holds pairs of one person and of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


class PeopleSampler:
    """Gives batches of indices; each person comes once a round, with K pictures drawn anew.

    `people` names the person of each picture, by any number. Who has fewer than K pictures is drawn from with
    repetition, down to `least` different ones; others are left out. Memory: 16 bytes a picture.
    """

    def __init__(
        self,
        people: Sequence[int] | NDArray[np.integer],
        people_per_batch: int,
        pictures_per_person: int,
        seed: int = 0,
        least: int = 2,
    ) -> None:
        self.people_per_batch, self.pictures_per_person = people_per_batch, pictures_per_person
        if people_per_batch < 1 or pictures_per_person < 1:
            raise ValueError(f"a batch of {people_per_batch} people with {pictures_per_person} pictures each")
        ids = np.asarray(people)
        self._order = np.argsort(ids, kind="stable")
        starts = np.flatnonzero(np.diff(ids[self._order], prepend=ids.min() - 1 if len(ids) else 0))
        counts = np.diff(np.append(starts, len(ids)))
        enough = counts >= least
        self._starts, self._counts = starts[enough], counts[enough]
        if len(self._starts) < people_per_batch:
            raise ValueError(
                f"batches of {people_per_batch} people need as many with {least} pictures or more; "
                f"there are {len(self._starts)}"
            )
        self._drawn = np.random.default_rng(seed)

    @property
    def people(self) -> int:
        """How many take part."""
        return len(self._starts)

    def __len__(self) -> int:
        """Batches a round; what does not fill a batch waits for the next round's shuffle."""
        return self.people // self.people_per_batch

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        """One round: (P·K,) indices a batch, K of one person after the other."""
        order = self._drawn.permutation(self.people)
        for batch in range(len(self)):
            chosen = order[batch * self.people_per_batch : (batch + 1) * self.people_per_batch]
            yield np.concatenate([self._pictures(person) for person in chosen])

    def _pictures(self, person: int) -> NDArray[np.int64]:
        count, wanted = int(self._counts[person]), self.pictures_per_person
        # all of them as often as they go in, and the rest by lot
        rounds = [self._drawn.permutation(count) for _ in range(-(-wanted // count))]
        picked: NDArray[np.int64] = self._order[self._starts[person] + np.concatenate(rounds)[:wanted]]
        return picked
