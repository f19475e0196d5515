"""The plot of results: the lecture's numbers at their places, names that do not cover each other."""

from __future__ import annotations

from collections.abc import Callable
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from explorer.ui.workspaces.compare.head import RESULTS as RESULTS_PAGE
from explorer.ui.workspaces.compare.results_page import ResultsPage
from explorer.ui.workspaces.compare.results_points import (
    Across,
    Up,
    error_ticks,
    place_names,
    points,
    size_ticks,
    span,
    spread,
)
from explorer.ui.workspaces.compare.sides import Side
from explorer.ui.workspaces.compare.workspace import CompareWorkspace
from explorer.zoo.results import RESULTS

Make = Callable[..., CompareWorkspace]


def shown(compare: CompareWorkspace) -> ResultsPage:
    compare.show_page(RESULTS_PAGE)
    assert compare.results is not None
    assert compare.pages.currentWidget() is compare.results
    return compare.results


def test_every_axis_shows_what_has_a_place_there() -> None:
    at = {point.result.name: point for point in points(RESULTS, Across.PARAMETERS, Up.TOP5)}
    assert at["ResNet-152"].x == pytest.approx(log10(60_192_808))
    assert at["ResNet-152"].y == pytest.approx(log10(0.0449))
    assert log10(138_357_544) < at["VGG v5"].x < log10(143_667_240)
    assert "Runner-up of 2012" not in at
    assert len(points(RESULTS, Across.YEAR, Up.TOP5)) == len(RESULTS)
    assert {p.result.name for p in points(RESULTS, Across.MACS, Up.TOP1)} == {
        "VGG v5", "BN-Inception", "ResNet-34 B", "ResNet-34 C", "ResNet-50", "ResNet-101", "ResNet-152",
    }  # fmt: skip


def test_years_lie_side_by_side() -> None:
    found = spread(points(RESULTS, Across.YEAR, Up.TOP5))
    assert len({(point.x, point.y) for point in found}) == len(found)
    assert all(point.result.year <= point.x < point.result.year + 0.8 for point in found)


def test_ticks_are_numbers_that_people_choose() -> None:
    assert [text for _, text in size_ticks(log10(6e6), log10(1.2e8))] == ["10 M", "20 M", "50 M", "100 M"]
    assert [text for _, text in size_ticks(3.0, 6.1)] == ["1 k", "10 k", "100 k", "1 M"]
    texts = [text for _, text in error_ticks(log10(0.035), log10(0.27))]
    assert texts == ["4 %", "5 %", "6 %", "8 %", "10 %", "15 %", "20 %"]
    assert len(error_ticks(log10(0.19), log10(0.25))) >= 3


places = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 300)), min_size=1, max_size=14)


@given(places)
def test_names_never_cover_each_other(anchors: list[tuple[float, float]]) -> None:
    boxes = [box for box in place_names(anchors, [60.0] * len(anchors), 14, 6, (0, 0, 500, 300)) if box]
    for number, (left, top, width, height) in enumerate(boxes):
        assert 0 <= left <= left + width <= 500
        assert 0 <= top <= top + height <= 300
        for other in boxes[number + 1 :]:
            apart = left >= other[0] + other[2] or other[0] >= left + width
            assert apart or top >= other[1] + other[3] or other[1] >= top + height


def test_the_axes_hold_everything() -> None:
    low, high = span([1.0, 2.0])
    assert low < 1.0 < 2.0 < high
    assert span([3.0])[0] < 3.0 < span([3.0])[1]


def test_the_open_network_has_its_line(make: Make) -> None:
    compare = make("googlenet")
    page = shown(compare)
    assert [mark.name for mark, _ in page.plot.lines] == ["GoogLeNet", "BN-Inception"]
    assert [at for _, at in page.plot.lines] == pytest.approx([log10(6_998_552), log10(11_285_224)])
    page.across.activated.emit(1)
    assert page.plot.lines[0][1] == pytest.approx(log10(1_582_671_872))
    page.across.activated.emit(2)
    assert page.plot.lines == []


def test_keys_go_from_result_to_result_and_the_table_follows(make: Make) -> None:
    compare = make()
    page = shown(compare)
    page.plot.setFocus()
    QTest.keyClick(page.plot, Qt.Key.Key_Right)
    first = page.plot.current
    assert first is not None
    assert page.story.text() == first.story()
    assert page.table.currentIndex().siblingAtColumn(0).data().startswith(first.name)
    QTest.keyClick(page.plot, Qt.Key.Key_Right)
    assert page.plot.current is not first
    QTest.keyClick(page.plot, Qt.Key.Key_Left)
    assert page.plot.current is first
    QToolTip.hideText()


def test_the_pointer_finds_a_result(make: Make) -> None:
    compare = make()
    page = shown(compare)
    point = next(one for one in page.plot.points if one.result.name == "ResNet-101")
    there = page.plot.place_of(point.x, point.y).toPoint()
    QTest.mouseClick(page.plot.surface, Qt.MouseButton.LeftButton, pos=there + QPoint(3, 2))
    assert page.plot.current is point.result
    assert "Kaiming He" in page.story.text()
    assert "top-1 19.87 %" in page.story.text()
    QToolTip.hideText()


def test_the_table_marks_the_plot(make: Make) -> None:
    compare = make()
    page = shown(compare)
    assert page.table.model().rowCount() == len(RESULTS)
    page.table.setCurrentIndex(page.table.model().index(0, 0))
    assert page.plot.current is not None
    assert page.plot.current.name == "Runner-up of 2012"  # the largest error first
    compare.comparison.choose(Side("zoo", "lenet5"), Side("zoo", "alexnet"))
    assert [mark.name for mark, _ in page.plot.lines] == ["LeNet-5", "AlexNet"]
