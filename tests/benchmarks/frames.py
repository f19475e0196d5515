"""Frames while panning and zooming with everything in view, against Qt's own items in a plain QGraphicsView.

Both views are 1440 × 900 and paint every frame in full; a frame is one step of a pan or a zoom, painted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsView

from explorer.network.graph import Network
from explorer.session.session import OpenNetwork
from explorer.ui.canvas.canvas import Canvas
from explorer.zoo import catalogue
from tests.benchmarks.desk import SIZE, desk, drawing_of, flat, plain_view, settle
from tests.benchmarks.measure import PAIRS, Figure, in_turns, percentile, seconds
from tests.benchmarks.shapes import long_network

SHARE = 0.5
LARGE = 2000
FRAME = 0.033
FRAMES = 20


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Flat ResNet-152, and 2,000 layers with a card each."""
    resnet = flat(catalogue.find("resnet152").build())
    share = f"p95 ≤ {SHARE} of the plain view's"
    yield _figure("frames", resnet, share, lambda _, ratio: ratio <= SHARE, pairs, docked=True)
    frame = f"p95 ≤ {FRAME * 1000:g} ms"
    large = long_network(LARGE)
    yield _figure("frames-2000", large, frame, lambda ours, _: ours <= FRAME, pairs, docked=False)


def _figure(
    name: str,
    network: Network,
    goal: str,
    ok: Callable[[float, float], bool],
    pairs: int,
    *,
    docked: bool,
) -> Figure:
    with desk() as app:
        canvas = Canvas()
        canvas.set_docked(docked)
        canvas.resize(*SIZE)
        canvas.show_network(OpenNetwork(1, network))
        canvas.show()
        canvas.fit()
        settle(app)
        drawing = drawing_of(canvas)
        plain = plain_view(drawing)
        plain.show()
        plain.fitInView(plain.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
        settle(app)

        def ours() -> float:
            canvas.fit()
            return _p95(canvas.view, canvas.view.scroll_by, canvas.zoom_by)

        def peer() -> float:
            plain.fitInView(plain.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
            return _p95(
                plain, lambda dx, dy: _scroll(plain, dx, dy), lambda factor: plain.scale(factor, factor)
            )

        figure = in_turns(
            name,
            ours,
            peer,
            goal,
            ok,
            pairs=pairs,
            note=f"{len(drawing.cards)} cards, {len(drawing.texts)} texts, {len(drawing.routes)} links",
        )
        for view in (canvas, plain):
            view.close()
            view.deleteLater()
        settle(app)
        return figure


def _scroll(view: QGraphicsView, dx: int, dy: int) -> None:
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().value() + dx)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + dy)


def _p95(view: QGraphicsView, pan: Callable[[int, int], object], zoom: Callable[[float], object]) -> float:
    """The 95th percentile of the times of frames, half of them pans and half zooms."""

    def frame(number: int) -> None:
        if number % 2:
            pan(3 if number % 4 == 1 else -3, 2)
        else:
            zoom(1.02 if number % 4 == 0 else 1 / 1.02)
        view.viewport().repaint()

    return percentile([seconds(lambda n=number: frame(n)) for number in range(FRAMES)], 0.95)  # type: ignore[misc]
