"""Plots: curves are drawn and named, the handle follows mouse and keys, axes are as they were set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.ui.theme import theme
from explorer.ui.widgets.curves import Curve, Remark
from explorer.ui.widgets.plots import Plot
from explorer.ui.widgets.probit import probit, probit_ticks


@pytest.fixture
def plot(qapp: QApplication) -> Iterator[Plot]:
    theme().choose("light", False)
    made = Plot("A plot", "x")
    made.resize(400, 240)
    made.set_range((0.0, 2.0), (0.0, 1.0))
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


def pixels(plot: Plot, color: QColor) -> int:
    """How many pixels are nearly of a colour."""
    image = plot.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 2::-1]
    wanted = np.array([color.red(), color.green(), color.blue()])
    return int((np.abs(values.astype(int) - wanted).max(axis=2) < 24).sum())


def test_curves_come_and_go(plot: Plot) -> None:
    color = theme().tokens.accent
    assert pixels(plot, color) == 0
    plot.show_curves([Curve("one", [0.0, 2.0], [0.1, 0.9], "accent", "a line")])
    QApplication.processEvents()
    assert pixels(plot, color) > 100
    plot.show_curves([])
    QApplication.processEvents()
    assert pixels(plot, color) == 0


def test_a_histogram_takes_edges(plot: Plot) -> None:
    plot.show_curves([Curve("bars", np.linspace(0, 2, 5), [0.5, 1, 0.2, 0], "ok", steps=True, fill=True)])
    QApplication.processEvents()
    assert pixels(plot, theme().tokens.ok) > 50


def test_another_theme_recolours(plot: Plot) -> None:
    plot.show_curves([Curve("one", [0.0, 2.0], [0.5, 0.5], "accent", "a line", dots=True)])
    plot.show_remarks([Remark(1.0, 0.2, "a word", "error")])
    plot.set_line("here", 1.5)
    theme().choose("dark")
    QApplication.processEvents()
    assert pixels(plot, theme().tokens.accent) > 20
    theme().choose("light")


def test_another_theme_redraws_what_was_shown_while_the_lists_grow(plot: Plot) -> None:
    x, y = [0.0, 1.0], [0.5, 0.5]
    plot.show_curves([Curve("a", np.array(x), y)])
    y.append(0.6)
    theme().choose("dark")
    assert plot.grab().height() == 240
    theme().choose("light")


def test_the_handle_follows_the_keys(plot: Plot) -> None:
    moved: list[float] = []
    plot.moved.connect(moved.append)
    plot.set_handle(1.0, 0.01)
    plot.activateWindow()
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(plot, Qt.Key.Key_End)
    QTest.keyClick(plot, Qt.Key.Key_End)
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert moved == pytest.approx([1.01, 0.91, 2.0, 0.0])
    assert "0.000" in plot.accessibleDescription()


def test_the_handle_follows_the_mouse(plot: Plot) -> None:
    moved: list[float] = []
    plot.moved.connect(moved.append)
    surface = plot._view.viewport()
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    assert moved == [], "without a handle there is nothing to move"
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    plot.set_handle(0.3)
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    QTest.mouseMove(surface, QPoint(260, 60))
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=QPoint(260, 60))
    assert moved[0] == pytest.approx(plot.x_at(QPointF(200, 60)))
    assert 0 < moved[0] < 2
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=QPoint(2, 60))
    assert moved[-1] == 0, "it stays within what is shown"


def test_probit_axes() -> None:
    assert probit([0.5])[0] == pytest.approx(0)
    assert probit([0.0228])[0] == pytest.approx(-2, abs=1e-3)
    assert np.isfinite(probit([0.0, 1.0])).all()
    places = [place for place, _ in probit_ticks()]
    assert places == sorted(places)
    assert probit_ticks()[2][1] == "1 %"
