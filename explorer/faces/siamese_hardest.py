"""Which triplets of a batch an encoder gets most wrong, as pictures."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.faces.losses import mine
from explorer.faces.siamese_data import Pictures
from explorer.faces.siamese_events import TripletPicture
from explorer.faces.siamese_settings import Mining

SHOWN = 4


def hardest(
    pictures: Pictures, embeddings: Tensor, indices: NDArray[np.int64], most: int = SHOWN
) -> tuple[TripletPicture, ...]:
    """The batch-hard triplets with the greatest loss, the worst first, none of one pair twice.

    `embeddings` (N, F) are of the pictures with the N numbers `indices`.
    """
    people = pictures.people[indices]
    rows = mine(embeddings, torch.from_numpy(people), Mining.BATCH_HARD)
    near = (embeddings[rows[:, 0]] - embeddings[rows[:, 1]]).square().sum(1)
    far = (embeddings[rows[:, 0]] - embeddings[rows[:, 2]]).square().sum(1)
    found: list[TripletPicture] = []
    shown: set[int] = set()
    for place in (far - near).argsort().tolist():
        anchor, positive, negative = (int(indices[row]) for row in rows[place])
        if anchor in shown or positive in shown:
            continue  # anchor and positive changed places: the same pair once more
        shown |= {anchor, positive}
        found.append(
            TripletPicture(
                pictures.picture(anchor),
                pictures.picture(positive),
                pictures.picture(negative),
                pictures.names[pictures.people[anchor]],
                pictures.names[pictures.people[negative]],
                float(near[place]),
                float(far[place]),
            )
        )
        if len(found) == most:
            break
    return tuple(found)
