"""The shell with the real Build workspace in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsView, QLabel

from explorer.ui.app import ENTRIES
from explorer.ui.theme import theme
from explorer.ui.window import Window

Wait = Callable[..., bool]


@pytest.fixture
def build_window(qapp: QApplication, wait: Wait) -> Iterator[Window]:
    made = Window(ENTRIES)
    made.resize(1280, 720)
    made.show()
    painted: list[bool] = []
    made.first_painted.connect(lambda: painted.append(True))
    assert wait(lambda: bool(painted))
    made.files.open_source("vgg16")
    yield made
    for tab in made.session.tabs:
        tab.mark_saved(Path("closing.convnet"))
    made.close()
    made.deleteLater()
    wait(least=20, most=20)


def figures(window: Window) -> list[str]:
    return [label.text() for label in window.status.findChildren(QLabel) if label.isVisible()]


def test_a_classic_network_with_its_totals_in_the_status_line(build_window: Window, wait: Wait) -> None:
    assert wait(lambda: "138.36 M" in figures(build_window))
    assert "15.47 G" in figures(build_window)
    assert build_window.top.primary.text() == "Run a picture"
    assert build_window.top.export.isVisible()


def test_a_layer_from_the_palette_is_undone_by_its_name(build_window: Window, wait: Wait) -> None:
    document = build_window.session.tabs[0].document
    before = document.network
    build_window.search()
    QTest.keyClicks(build_window.palette_sheet.field, "dropout")
    QTest.keyClick(build_window.palette_sheet.field, Qt.Key.Key_Return)
    assert len(document.network.nodes) == len(before.nodes) + 1
    assert build_window.top.saved.text() == "edited"
    assert build_window.actions_registry.get("edit.undo").plain.startswith("Undo ")
    assert build_window.actions_registry.trigger("edit.undo")
    assert document.network == before


def test_a_file_dropped_on_the_canvas_opens(build_window: Window, network_file: Path, wait: Wait) -> None:
    canvas = max(build_window.findChildren(QGraphicsView), key=lambda view: view.width())
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(network_file))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target = canvas.viewport()
    entered = QDragEnterEvent(QPoint(100, 100), copy, mime, left, none)
    QApplication.sendEvent(target, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(100, 100), copy, mime, left, none))
    assert wait(lambda: len(build_window.session.tabs) == 2)
    assert build_window.top.name.text() == "small"


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_switching_the_theme_repaints_everything(build_window: Window, choice: str) -> None:
    QApplication.processEvents()
    build_window.actions_registry.trigger(f"view.theme.{choice}")
    QApplication.processEvents()
    image = build_window.grab().toImage()
    ground = theme().tokens.panel
    bar = image.pixelColor(image.width() // 2, 4)
    assert bar == ground
    assert not build_window.toasts.shown
