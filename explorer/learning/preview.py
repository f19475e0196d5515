"""What augmentation makes of some pictures, to look at before a training. Loads torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.learning.batches import augmented, drawn
from explorer.learning.data_set import DataSet
from explorer.learning.settings import Augment


def preview(data: DataSet, kinds: Sequence[Augment], seed: int, draw: int, count: int) -> NDArray[np.uint8]:
    """(count, C, H, W): training pictures at even distances, changed as in step `draw` of a training."""
    places = np.linspace(0, len(data.train) - 1, count).astype(int)
    pictures = torch.from_numpy(np.ascontiguousarray(data.train.pictures[places]))
    return augmented(pictures, kinds, drawn(seed, "augment", 1, draw)).numpy()
