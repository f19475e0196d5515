"""Pictures as screens want them."""

from __future__ import annotations

import numpy as np

from explorer.media.for_screen import for_screen


def test_order_size_and_mirror() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, :3] = (250, 120, 10)
    same = for_screen(picture, 6, 4)
    assert same.shape == (4, 6, 4)
    assert same[0, 0].tolist() == [10, 120, 250, 255]
    assert same[0, 5].tolist() == [0, 0, 0, 255]
    mirrored = for_screen(picture, 12, 8, mirrored=True)
    assert mirrored.shape == (8, 12, 4)
    assert mirrored[0, 11].tolist() == [10, 120, 250, 255]
    assert mirrored[0, 0].tolist() == [0, 0, 0, 255]
    small = for_screen(picture, 2, 2)
    assert small[0].tolist() == [[10, 120, 250, 255], [0, 0, 0, 255]]
