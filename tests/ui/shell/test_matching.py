"""What a few letters find, and what they find first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.ui.shell.matching import best, match

NAMES = [
    "Convolution", "Depthwise convolution", "Max pool", "Global average pool", "Batch norm", "ResNet-18",
    "ResNet-152", "VGG-16", "Save as", "Search everything", "Global response norm", "Fit to window",
]  # fmt: skip


def first(query: str) -> str:
    ranked = best(query, [(name, "") for name in NAMES])
    return NAMES[ranked[0][0]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("conv", "Convolution"),
        ("gap", "Global average pool"),
        ("bn", "Batch norm"),
        ("mp", "Max pool"),
        ("r152", "ResNet-152"),
        ("resnet 18", "ResNet-18"),
        ("16", "VGG-16"),
        ("sa", "Save as"),
        ("norm batch", "Batch norm"),
        ("FIT", "Fit to window"),
    ],
)
def test_the_expected_one_comes_first(query: str, found: str) -> None:
    assert first(query) == found


def test_scattered_letters_find_nothing() -> None:
    assert match("cvl", "Convolution") is None
    assert match("xyz", "Convolution") is None


def test_keywords_find_without_marking_letters() -> None:
    found = match("exit", "Quit", "exit leave")
    assert found is not None
    assert found.positions == ()
    assert match("xit", "Quit", "exit") is None


def test_the_marked_letters_are_those_typed() -> None:
    found = match("avg", "Global avg pool")
    assert found is not None
    assert "".join("Global avg pool"[at] for at in found.positions) == "avg"


@given(st.text(max_size=12), st.text(max_size=30))
def test_positions_always_lie_in_the_text(query: str, text: str) -> None:
    found = match(query, text)
    assert found is None or all(0 <= at < len(text) for at in found.positions)


@given(st.text(min_size=1, max_size=30))
def test_a_text_finds_itself(text: str) -> None:
    assert match(text, text) is not None
