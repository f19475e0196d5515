"""Layers as papers write them."""

from __future__ import annotations

from explorer.network.layers import AvgPool2d, Conv2d, Linear, MaxPool2d
from explorer.network.shorthand import average_pool, conv, linear, max_pool


def test_numbers_are_square_pairs() -> None:
    assert conv(64, 7, stride=2, padding=3) == Conv2d(64, (7, 7), (2, 2), (3, 3))
    assert conv(8, (1, 7), padding=(0, 3), bias=False) == Conv2d(8, (1, 7), padding=(0, 3), bias=False)
    assert max_pool(3, 2, ceil_mode=True) == MaxPool2d((3, 3), (2, 2), ceil_mode=True)
    assert linear(10, bias=False) == Linear(10, False)


def test_what_goes_without_saying() -> None:
    assert conv(8, 5) == conv(8, 5, padding="valid") == Conv2d(8, (5, 5), padding="valid")
    assert conv(8, 5, padding="same").padding == "same"
    assert average_pool(2) == AvgPool2d((2, 2), (2, 2))
