"""The plot of results: filled points are single networks, hollow ones several together, † the test set."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.curves import Curve
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.compare.results_points import (
    Across,
    Mark,
    Point,
    Up,
    error_ticks,
    place,
    place_names,
    points,
    size_ticks,
    span,
    spread,
    year_ticks,
)
from explorer.zoo.results import PERSON, RESULTS, Result, percent

REACH = 6
"""Half the room of a point, in pixels of the design."""
NEAR = 14
"""How near the pointer has to come to a point."""


class ResultsPlot(Plot):
    """`picked(result or None)` when the pointer or the keys come to another result."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__("Error on ImageNet", " ")
        self.across, self.up = Across.PARAMETERS, Up.TOP5
        self.points: list[Point] = []
        self.current: Result | None = None
        self._marks: tuple[Mark, ...] = ()
        self._names = _Names(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.surface.setMouseTracking(True)
        self._view.getPlotItem().vb.sigResized.connect(self._names.update)
        self.show_axes(self.across, self.up)

    def show_axes(self, across: Across, up: Up) -> None:
        """Show these two numbers of every result that has both."""
        self.across, self.up = across, up
        found = points(RESULTS, across, up)
        self.points = spread(found) if across is Across.YEAR else found
        self._draw()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Lines for networks that are open or compared."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self._draw()

    def choose(self, result: Result | None) -> None:
        """Mark a result; emits nothing."""
        self.current = result
        self._names.update()
        told = result.story().replace("\n", ", ") if result is not None else ""
        self.setAccessibleDescription(told)

    def _draw(self) -> None:
        shown = self.points
        marks = self.lines
        xs = [point.x for point in shown] + [x for _, x in marks]
        person = self.up is Up.TOP5
        ys = [point.y for point in shown] + ([log10(PERSON)] if person else [])
        x, y = span(xs), span(ys)
        if self.across is Across.YEAR:
            x = (x[0] - 0.15, x[1] + 0.35)
        self._x_title = self.across.value
        self._dress_axes()
        self.set_range(x, y)
        bottom = year_ticks(*x) if self.across is Across.YEAR else size_ticks(*x)
        self.set_ticks(left=error_ticks(*y), bottom=bottom)
        curves = [
            _dots("single", "One network", [p for p in shown if not p.result.ensemble], False),
            _dots("several", "Several together", [p for p in shown if p.result.ensemble], True),
        ]
        if person:
            level = log10(PERSON)
            curves.append(
                Curve("person", x, (level, level), "muted", f"A trained person, {percent(PERSON)}", dash=True)
            )
        self.show_curves(curves)
        for key in [key for key in self._lines if key.startswith("mark:")]:
            self.set_line(key, None)
        for number, (mark, at) in enumerate(marks):
            self.set_line(f"mark:{number}", at, mark.color)
        self._names.update()

    @property
    def lines(self) -> list[tuple[Mark, float]]:
        """The marks that have a place on the axis across, with that."""
        found = [(mark, place(mark.totals, self.across)) for mark in self._marks]
        return [(mark, at) for mark, at in found if at is not None]

    # -- pointer and keys ------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress) and isinstance(
            event, QMouseEvent
        ):
            self._pick(self._near(event.position()), event.globalPosition().toPoint())
            if event.type() == QEvent.Type.MouseButtonPress:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
        elif event.type() == QEvent.Type.Leave:
            QToolTip.hideText()
        elif event.type() == QEvent.Type.ToolTip:
            return True  # this plot shows its own
        return super().eventFilter(watched, event)

    def _near(self, position: QPointF) -> Result | None:
        reach = theme().tokens.px(NEAR)
        best: tuple[float, Result] | None = None
        for point in self.points:
            there = self.place_of(point.x, point.y)
            distance = float((there - position).manhattanLength())
            if distance <= reach and (best is None or distance < best[0]):
                best = distance, point.result
        return best[1] if best is not None else None

    def _pick(self, result: Result | None, at: QPoint) -> None:
        if result is None:
            QToolTip.hideText()
            return
        QToolTip.showText(at + QPoint(8, 8), result.story(), self.surface)
        if result is not self.current:
            self.choose(result)
            self.picked.emit(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1
        }.get(Qt.Key(event.key()))  # fmt: skip
        if step is None or not self.points:
            super().keyPressEvent(event)
            return
        order = sorted(self.points, key=lambda point: (point.x, point.y))
        here = next((n for n, point in enumerate(order) if point.result is self.current), None)
        point = order[0 if here is None else (here + step) % len(order)]
        there = self.surface.mapToGlobal(self.place_of(point.x, point.y).toPoint())
        self._pick(point.result, there)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._names.update()

    def _dress(self) -> None:
        super()._dress()
        if hasattr(self, "_names"):
            self._names.update()


def _dots(key: str, label: str, shown: Sequence[Point], hollow: bool) -> Curve:
    return Curve(
        key, [p.x for p in shown], [p.y for p in shown], "accent", label, line=False, hollow=hollow, size=9,
    )  # fmt: skip


class _Names(QWidget):
    """Lies over the plot and writes the names where they do not cover each other."""

    def __init__(self, plot: ResultsPlot) -> None:
        super().__init__(plot.surface)
        self._plot = plot
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        plot.surface.installEventFilter(self)
        self.setGeometry(plot.surface.rect())
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._plot.surface.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        plot = self._plot
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        reach = tokens.px(REACH)
        box = plot._view.getPlotItem().vb.sceneBoundingRect()
        inside = (box.left(), box.top(), box.width(), box.height())
        font = theme().font("label")
        metrics = QFontMetrics(font)
        places = [plot.place_of(point.x, point.y) for point in plot.points]
        names = [name_of(point.result) for point in plot.points]
        strong = QFontMetrics(theme().font("label", strong=True))
        widths = [float(strong.horizontalAdvance(name)) + 2 for name in names]
        head = metrics.height() + tokens.px(4)
        room = (inside[0], inside[1] + (head if plot.lines else 0), inside[2], inside[3])
        boxes = place_names([(p.x(), p.y()) for p in places], widths, metrics.height(), reach, room)
        for point, there, name, found in zip(plot.points, places, names, boxes, strict=True):
            current = point.result is plot.current
            if current:
                painter.setPen(QPen(tokens.text, 1.5))
                painter.drawEllipse(there, reach + 1.5, reach + 1.5)
            if found is not None:
                painter.setFont(theme().font("label", strong=current))
                painter.setPen(tokens.text if current else tokens.muted)
                painter.drawText(QRectF(*found), int(Qt.AlignmentFlag.AlignCenter), name)
        self._paint_marks(painter, QRectF(*inside), metrics)

    def _paint_marks(self, painter: QPainter, inside: QRectF, metrics: QFontMetrics) -> None:
        tokens = theme().tokens
        painter.setFont(theme().font("label", strong=True))
        low = float(inside.left())
        for mark, at in self._plot.lines:
            x = self._plot.place_of(at, 0).x()
            width = metrics.horizontalAdvance(mark.name) + tokens.px(10)
            left = x + tokens.px(4) if x + width < inside.right() else x - width
            left = max(left, low)
            rect = QRect(round(left), round(inside.top()), width, metrics.height())
            painter.setPen(QColor(getattr(tokens, mark.color)))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), mark.name)
            low = left + width


def name_of(result: Result) -> str:
    """The name with the mark of the test set."""
    return f"{result.name} †" if result.split == "test" else result.name
