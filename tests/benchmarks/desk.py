"""The window and its plain counterpart, offscreen at 1440 × 900, for the figures that are about painting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from explorer.network.graph import Network
from tests.benchmarks.measure import home

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

    from explorer.ui.canvas.canvas import Canvas
    from explorer.ui.window import Window

SIZE = (1440, 900)


@contextmanager
def desk() -> Iterator[QApplication]:
    """An application without a screen, and a home of its own."""
    with home() as environment:
        os.environ.update(environment)
        from explorer.ui.app import application

        yield application()


@contextmanager
def open_window() -> Iterator[Window]:
    """The real window, painted and at rest."""
    with desk() as app:
        from explorer.ui.app import ENTRIES
        from explorer.ui.window import Window

        window = Window(ENTRIES)
        window.resize(*SIZE)
        window.show()
        until_painted(app, window)
        settle(app)
        yield window
        for tab in list(window.session.tabs):
            close(window)
            assert tab not in window.session.tabs
        window.close()
        window.deleteLater()
        settle(app)


def close(window: Window) -> None:
    """Close the open network without a question."""
    tab = window.session.active
    assert tab is not None
    tab.mark_saved(tab.path or Path("closed.convnet"))
    window.files.close(tab)


def settle(app: QApplication) -> None:
    """Run the event loop until it has been quiet for a moment."""
    end = time.perf_counter() + 0.15
    while time.perf_counter() < end:
        app.processEvents()


def until_painted(app: QApplication, widget: QWidget, act: Callable[[], object] = lambda: None) -> None:
    """Do `act`, then run the event loop until `widget` has been painted since."""
    from PySide6.QtCore import QEvent, QObject

    class Watch(QObject):
        painted = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.painted = self.painted or event.type() == QEvent.Type.Paint
            return False

    watch = Watch()
    widget.installEventFilter(watch)
    act()
    while not watch.painted:
        app.processEvents()
    widget.removeEventFilter(watch)


def flat(network: Network) -> Network:
    """The network with every block open."""
    return folded(network, fold=False)


def folded(network: Network, *, fold: bool = True) -> Network:
    """The network with every block folded, or open."""
    blocks = {
        key: block if block.folded == fold else msgspec.structs.replace(block, folded=fold)
        for key, block in network.blocks.items()
    }
    return replace(network, blocks=blocks)


class Drawing(NamedTuple):
    """What is drawn: upright rectangles, texts and where they stand, and the links' corner points."""

    cards: list[tuple[float, float, float, float]]
    texts: list[tuple[str, float, float]]
    routes: list[tuple[tuple[float, float], ...]]


def drawing_of(canvas: Canvas) -> Drawing:
    """The same cards, texts and links that a canvas shows."""
    from explorer.ui.canvas.face import face_of

    scene = canvas.scene
    plan = scene.plan
    assert plan is not None
    cards, texts = [], []
    for item in scene.nodes.values():
        area, face = item.area, face_of(item.card, plan.facts)
        cards.append(tuple(area))
        for number, text in enumerate((face.name, face.size, face.detail, face.count)):
            if text:
                texts.append((text, area.x + 12 + 110 * (number % 2), area.y + 8 + 20 * (number // 2)))
        for number, line in enumerate(face.lines):
            texts.append((line.text, area.x + 24, area.y + 48 + 20 * number))
    return Drawing(cards, texts, list(plan.placement.routes.values()))  # type: ignore[arg-type]


def plain_view(drawing: Drawing, kind: type[QGraphicsView] | None = None) -> QGraphicsView:
    """What Qt's own items give: rectangles, simple texts and paths in a QGraphicsView as it comes."""
    from PySide6.QtGui import QPainterPath
    from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsScene, QGraphicsView

    view = (kind or QGraphicsView)()
    scene = QGraphicsScene(view)
    for points in drawing.routes:
        path = QPainterPath(_point(points[0]))
        for point in points[1:]:
            path.lineTo(_point(point))
        scene.addItem(QGraphicsPathItem(path))
    for card in drawing.cards:
        scene.addRect(*card)
    for text, x, y in drawing.texts:
        scene.addSimpleText(text).setPos(x, y)
    view.setScene(scene)
    view.resize(*SIZE)
    return view


def _point(at: tuple[float, float]) -> QPointF:
    from PySide6.QtCore import QPointF

    return QPointF(*at)
