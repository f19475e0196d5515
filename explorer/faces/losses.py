"""The losses by which a Siamese encoder learns, in torch. Embeddings are (N, F); distances are squared L2.

Import this module only where torch may be loaded.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.faces.siamese_settings import ALPHA, Mining


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """(N, M) squared L2 distances of all rows of `a` to all rows of `b`."""
    squares = a.square().sum(1)[:, None] + b.square().sum(1)[None, :] - 2 * a @ b.T
    return squares.clamp_min(0)


def contrastive(a: Tensor, b: Tensor, same: Tensor, margin: float = 1.0) -> Tensor:
    """Mean of y·d² + (1 − y)·max(0, margin − d)² over N pairs (Hadsell, Chopra, LeCun 2006, without the ½).

    d is the Euclidean distance; y is 1 for one person. At d = 0 of two people the gradient is taken as 0.
    """
    squared = (a - b).square().sum(1)
    away = squared > 0
    length = torch.where(away, squared, torch.ones_like(squared)).sqrt() * away
    return torch.where(same.bool(), squared, (margin - length).clamp_min(0).square()).mean()


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, alpha: float = ALPHA) -> Tensor:
    """Mean of max(0, ‖A − P‖² − ‖A − N‖² + α) over N triplets."""
    near, far = (anchor - positive).square().sum(1), (anchor - negative).square().sum(1)
    return (near - far + alpha).clamp_min(0).mean()


class AbsoluteDifference(nn.Module):
    """σ(Σ_k w_k |a_k − b_k| + b): the chance of one person (Koch et al. 2015); gives its logit, (N,)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        logit: Tensor = self.linear((a - b).abs()).squeeze(1)
        return logit


def cross_entropy(logit: Tensor, same: Tensor) -> Tensor:
    """Mean over N pairs of −log of the chance given to the truth."""
    return F.binary_cross_entropy_with_logits(logit, same.to(logit.dtype))


def mine(
    embeddings: Tensor,
    people: Tensor,
    mining: Mining,
    alpha: float = ALPHA,
    generator: torch.Generator | None = None,
) -> Tensor:
    """(T, 3) rows of anchor, positive and negative, chosen from a batch of (N, F) with its (N,) people.

    Random: for each pair of one person, any other's picture. Semi-hard: a negative farther than the positive
    by less than α; if there is none, the hardest of those that are farther, or none at all. Hard: the nearest
    negative for each pair. Batch-hard: for each anchor its farthest positive and its nearest negative
    (Hermans et al. 2017). Without two people, or two pictures of one, there are no triplets.
    """
    distances = squared_distances(embeddings.detach(), embeddings.detach())
    alike = people[:, None] == people[None, :]
    pairs = alike & ~torch.eye(len(people), dtype=torch.bool, device=people.device)
    has_negative = (~alike).any(1)
    if mining is Mining.BATCH_HARD:
        anchors = (pairs.any(1) & has_negative).nonzero().squeeze(1)
        positives = distances.masked_fill(~pairs, -1)[anchors].argmax(1)
        negatives = distances.masked_fill(alike, torch.inf)[anchors].argmin(1)
        return torch.stack([anchors, positives, negatives], 1)
    anchors, positives = (pairs & has_negative[:, None]).nonzero(as_tuple=True)
    others = ~alike[anchors]
    if mining is Mining.RANDOM:
        if not len(anchors):
            return torch.empty(0, 3, dtype=torch.long, device=people.device)
        negatives = torch.multinomial(others.float(), 1, generator=generator).squeeze(1)
        return torch.stack([anchors, positives, negatives], 1)
    far = distances[anchors].masked_fill(~others, torch.inf)
    if mining is Mining.SEMI_HARD:
        far = far.masked_fill(far <= distances[anchors, positives][:, None], torch.inf)
    least, negatives = far.min(1) if len(far) else (far.new_empty(0), anchors)
    found = least < torch.inf
    return torch.stack([anchors, positives, negatives], 1)[found]


def active_share(embeddings: Tensor, triplets: Tensor, alpha: float = ALPHA) -> float:
    """The share of triplets with a loss above 0: what is left to learn from. 0 without triplets."""
    if not len(triplets):
        return 0.0
    anchor, positive, negative = (embeddings.detach()[triplets[:, k]] for k in range(3))
    near, far = (anchor - positive).square().sum(1), (anchor - negative).square().sum(1)
    return float((near - far + alpha > 0).float().mean())
