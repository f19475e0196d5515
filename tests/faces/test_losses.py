"""The losses against a plain writing in numpy, their gradients, and what mining picks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.faces import losses
from explorer.faces.siamese_settings import Mining


def _batch(seed: int = 0, people: int = 4, each: int = 3, features: int = 6) -> tuple[Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    embeddings = torch.randn(people * each, features, generator=drawn, dtype=torch.float64)
    return torch.nn.functional.normalize(embeddings), torch.arange(people).repeat_interleave(each)


def test_contrastive_written_plainly() -> None:
    (a, _), (b, _) = _batch(0), _batch(1)
    same = torch.tensor([True, False] * 6)
    total = 0.0
    for row in range(12):
        length = float(np.sqrt(sum((a[row, k].item() - b[row, k].item()) ** 2 for k in range(6))))
        total += length**2 if same[row] else max(0.0, 1.2 - length) ** 2
    assert losses.contrastive(a, b, same, 1.2).item() == pytest.approx(total / 12)


def test_triplet_written_plainly() -> None:
    (a, _), (p, _), (n, _) = _batch(0), _batch(1), _batch(2)
    total = 0.0
    for row in range(12):
        near = sum((a[row, k].item() - p[row, k].item()) ** 2 for k in range(6))
        far = sum((a[row, k].item() - n[row, k].item()) ** 2 for k in range(6))
        total += max(0.0, near - far + 0.2)
    assert losses.triplet(a, p, n).item() == pytest.approx(total / 12)


def test_cross_entropy_written_plainly() -> None:
    (a, _), (b, _) = _batch(0), _batch(1)
    same = torch.tensor([True, False] * 6)
    head = losses.AbsoluteDifference(6).double()
    weights, offset = head.linear.weight[0].tolist(), head.linear.bias.item()
    total = 0.0
    for row in range(12):
        z = offset + sum(weights[k] * abs(a[row, k].item() - b[row, k].item()) for k in range(6))
        chance = 1 / (1 + np.exp(-z))
        total -= np.log(chance if same[row] else 1 - chance)
    assert losses.cross_entropy(head(a, b), same).item() == pytest.approx(total / 12)


@pytest.mark.parametrize("which", ["contrastive", "triplet", "cross-entropy"])
def test_gradients_are_those_of_differences(which: str) -> None:
    a, b, c = (_batch(seed, features=3)[0].requires_grad_() for seed in (0, 1, 2))
    same = torch.tensor([True, False] * 6)
    head = losses.AbsoluteDifference(3).double()
    calls = {
        "contrastive": lambda: losses.contrastive(a, b, same, 1.3),
        "triplet": lambda: losses.triplet(a, b, c),
        "cross-entropy": lambda: losses.cross_entropy(head(a, b), same),
    }
    assert torch.autograd.gradcheck(lambda *_: calls[which](), (a, b, c), atol=1e-6)


def test_equal_pictures_of_two_people_give_no_nan() -> None:
    a = torch.ones(2, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(losses.contrastive(a, a.detach(), torch.tensor([False, True])), a)
    assert torch.isfinite(gradient).all()


def test_distances_of_all_to_all() -> None:
    (a, _), (b, _) = _batch(0), _batch(1)
    np.testing.assert_allclose(losses.squared_distances(a, b), torch.cdist(a, b) ** 2, atol=1e-9)
    assert (losses.squared_distances(a.float(), a.float()) >= 0).all()


@pytest.mark.parametrize("mining", list(Mining))
@pytest.mark.parametrize("seed", range(5))
def test_triplets_are_triplets(mining: Mining, seed: int) -> None:
    embeddings, people = _batch(seed)
    found = losses.mine(embeddings, people, mining, generator=torch.Generator().manual_seed(0))
    assert found.shape[1] == 3
    anchor, positive, negative = found.T
    assert (people[anchor] == people[positive]).all()
    assert (anchor != positive).all()
    assert (people[anchor] != people[negative]).all()
    distance = torch.cdist(embeddings, embeddings) ** 2
    for a, p, n in found.tolist():
        others = [float(distance[a, other]) for other in range(12) if people[other] != people[a]]
        if mining is Mining.BATCH_HARD:
            own = [float(distance[a, other]) for other in range(12) if people[other] == people[a]]
            assert float(distance[a, p]) == pytest.approx(max(own))
        if mining in (Mining.BATCH_HARD, Mining.HARD):
            assert float(distance[a, n]) == pytest.approx(min(others))
        if mining is Mining.SEMI_HARD:
            farther = [other for other in others if other > float(distance[a, p])]
            assert float(distance[a, n]) == pytest.approx(min(farther))
    counts = {Mining.BATCH_HARD: 12, Mining.HARD: 24, Mining.RANDOM: 24}
    assert len(found) == counts.get(mining, len(found))


@pytest.mark.parametrize("mining", list(Mining))
def test_without_two_people_or_two_pictures_there_are_none(mining: Mining) -> None:
    embeddings, _ = _batch()
    assert losses.mine(embeddings, torch.zeros(12, dtype=torch.long), mining).shape == (0, 3)
    assert losses.mine(embeddings, torch.arange(12), mining).shape == (0, 3)


def test_the_share_that_is_still_active() -> None:
    embeddings = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0.99, 0.141]])
    triplets = torch.tensor([[0, 1, 2], [0, 1, 3]])
    assert losses.active_share(embeddings, triplets) == 0.5
    assert losses.active_share(embeddings, triplets[:0]) == 0
