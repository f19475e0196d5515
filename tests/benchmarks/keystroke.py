"""From a key in the inspector to the repainted canvas, in the window with ResNet-152 flat.

The key steps the stride of the first convolution, so that every size after it changes. The peer is a spin
box whose value is written into a text of a plain QGraphicsView with the same cards.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsSimpleTextItem, QGraphicsView, QHBoxLayout, QSpinBox, QWidget

from explorer.ui.canvas.canvas import Canvas
from explorer.ui.canvas.view import CanvasView
from explorer.ui.widgets.fields import NumberField
from explorer.zoo import catalogue
from tests.benchmarks.desk import SIZE, desk, drawing_of, flat, open_window, plain_view, settle
from tests.benchmarks.measure import PAIRS, Figure, in_turns, percentile

GOAL = 0.016
KEYS = 20
"""The fewest of which a 95th percentile is not simply the worst."""
MOST = 5.0


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The 95th percentile of the keys of a turn; the median over the turns."""
    painted: list[float] = []
    with open_window() as window, desk() as app, _noted(CanvasView, painted), _noted(Plain, painted):
        network = flat(catalogue.find("resnet152").build())
        tab = window.files.open_network(network)
        first = next(node.id for node in network.nodes.values() if type(node.layer).__name__ == "Conv2d")
        tab.selection.set({first}, set())
        settle(app)
        canvas = window.findChild(Canvas)
        assert isinstance(canvas, Canvas)
        field = next(
            field
            for field in window.findChildren(NumberField)
            if field.isVisible() and field.accessibleName().startswith("stride")
        )
        field.setFocus()
        drawing = drawing_of(canvas)

        desk_of_peer = QWidget()
        view, spin = plain_view(drawing, Plain), QSpinBox()
        row = QHBoxLayout(desk_of_peer)
        row.addWidget(view)
        row.addWidget(spin)
        text = next(item for item in view.scene().items() if isinstance(item, QGraphicsSimpleTextItem))
        spin.valueChanged.connect(lambda value: text.setText(f"stride {value}"))
        desk_of_peer.resize(*SIZE)
        desk_of_peer.show()
        view.centerOn(text)
        settle(app)

        def turn(widget: QWidget) -> float:
            taken = []
            for number in range(KEYS):
                key = Qt.Key.Key_Up if number % 2 == 0 else Qt.Key.Key_Down
                painted.clear()
                gc.collect()
                gc.disable()  # as in the running window
                begin = time.perf_counter()
                QTest.keyClick(widget, key)
                while not painted:
                    app.processEvents()
                    if time.perf_counter() - begin > MOST:
                        raise RuntimeError(f"Key {number} was not followed by a picture.")
                gc.enable()
                taken.append(painted[0] - begin)
                settle(app)
            return percentile(taken, 0.95)

        yield in_turns(
            "keystroke",
            lambda: turn(field),
            lambda: turn(spin),
            f"p95 ≤ {GOAL * 1000:g} ms",
            lambda ours, _: ours <= GOAL,
            pairs=pairs,
            note=f"{len(network.nodes)} layers on {len(drawing.cards)} cards at {SIZE[0]} × {SIZE[1]}",
        )
        desk_of_peer.close()
        desk_of_peer.deleteLater()


class Plain(QGraphicsView):
    """The peer's view, with a paint event of its own to be noted."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)


@contextmanager
def _noted(kind: type[QGraphicsView], painted: list[float]) -> Iterator[None]:
    """Note when views of a kind have been painted."""
    paint = kind.paintEvent

    def noted(view: QGraphicsView, event: QPaintEvent) -> None:
        paint(view, event)
        painted.append(time.perf_counter())

    kind.paintEvent = noted  # type: ignore[method-assign]
    yield
    kind.paintEvent = paint  # type: ignore[method-assign]
