"""P people × K pictures a batch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from explorer.faces.sampler import PeopleSampler


def test_every_batch_has_its_people_and_pictures() -> None:
    people = np.random.default_rng(0).integers(0, 40, 500)
    sampler = PeopleSampler(people, 8, 4)
    seen: Counter[int] = Counter()
    for batch in sampler:
        assert batch.shape == (32,)
        groups = people[batch].reshape(8, 4)
        assert (groups == groups[:, :1]).all()
        assert len(set(groups[:, 0])) == 8
        assert len(set(batch.tolist())) == 32
        seen.update(groups[:, 0].tolist())
    assert len(sampler) == 5
    assert set(seen.values()) == {1}


def test_who_has_too_few_is_repeated_or_left_out() -> None:
    people = [0, 1, 1, 2, 2, 2, 2, 2]
    sampler = PeopleSampler(people, 2, 4)
    assert sampler.people == 2
    for _ in range(10):
        for batch in sampler:
            first = [index for index in batch if people[index] == 1]
            assert Counter(first) == {1: 2, 2: 2}
            assert 0 not in batch
            assert len({int(index) for index in batch if people[index] == 2}) == 4


def test_a_seed_gives_the_same_batches_and_rounds_differ() -> None:
    people = np.repeat(np.arange(10), 6)
    one, two = PeopleSampler(people, 5, 3, seed=4), PeopleSampler(people, 5, 3, seed=4)
    first = [batch.tolist() for batch in one]
    assert first == [batch.tolist() for batch in two]
    assert first != [batch.tolist() for batch in one]


def test_all_pictures_come_up() -> None:
    people = np.repeat(np.arange(6), 9)
    sampler = PeopleSampler(people, 3, 2)
    seen = {int(index) for _ in range(60) for batch in sampler for index in batch}
    assert seen == set(range(54))


@pytest.mark.parametrize("arguments", [(0, 2), (2, 0)])
def test_senseless_sizes(arguments: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="a batch of"):
        PeopleSampler([0, 0, 1, 1], *arguments)


def test_too_few_people() -> None:
    with pytest.raises(ValueError, match="there are 1"):
        PeopleSampler([0, 0, 1], 2, 2)
    with pytest.raises(ValueError, match="there are 0"):
        PeopleSampler([], 1, 1)
