"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.network import numerals
from explorer.network.numerals import ShapeOrder


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (9_408, "9,408"),
        (9_999, "9,999"),
        (10_000, "10.00 k"),
        (999_994, "999.99 k"),
        (999_996, "1.00 M"),
        (138_357_544, "138.36 M"),
        (15_470_264_320, "15.47 G"),
        (999_999_999_999, "1.00 T"),
        (-138_357_544, "-138.36 M"),
    ],
)
def test_compact(count: int, text: str) -> None:
    assert numerals.compact(count) == text


def test_a_lower_bound_says_so() -> None:
    assert numerals.compact(138_357_544, exact=False) == "≥ 138.36 M"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (4 * 138_357_544, "527.8 MiB"),
        (4 * 143_667_240, "548.0 MiB"),
        (4 * 60_965_224, "232.6 MiB"),
    ],
)
def test_memory(size: int, text: str) -> None:
    assert numerals.memory(size) == text


def test_shapes_both_ways() -> None:
    assert numerals.shape((64, 112, 110)) == "64 × 112 × 110"
    assert numerals.shape((64, 112, 110), ShapeOrder.CHANNELS_LAST) == "112 × 110 × 64"
    assert numerals.shape((4096,), ShapeOrder.CHANNELS_LAST) == "4096"
    assert numerals.pair((7, 7)) == "7×7"
    assert numerals.pair((0.5, 2)) == "0.5×2"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0000032, "3.20 µs"),
        (0.003414, "3.41 ms"),
        (0.09999, "100 ms"),
        (0.99999, "1.00 s"),
        (1.2, "1.20 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert numerals.duration(seconds) == text


def test_shares() -> None:
    assert numerals.share(123_642_856, 138_357_544) == "89.4 %"
    assert numerals.share(1, 100_000) == "< 0.1 %"
    assert numerals.share(0, 0) == "0 %"


@given(st.integers(min_value=10_000, max_value=10**15 - 10**10))
def test_compact_is_within_half_a_hundredth_and_never_four_digits(count: int) -> None:
    number, unit = numerals.compact(count).split(" ")
    factor = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}[unit]
    assert 1 <= float(number) < 1000
    assert abs(float(number) * factor - count) <= 0.00501 * factor


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (4.31, "4.3"),
        (0.0123, "0.012"),
        (3.04e-8, "3.0 × 10⁻⁸"),
        (1234.5, "1,234"),
        (2.5e7, "2.5 × 10⁷"),
    ],
)
def test_differences(value: float, text: str) -> None:
    assert numerals.difference(value) == text
    assert numerals.difference(float("nan")) == "not a number"
