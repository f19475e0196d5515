"""Plots in the look of the theme: thin lines, quiet axes, a line that can be dragged or moved by keys.

pyqtgraph takes most of a second to import, so that it is imported when the first plot is made. Pens are one
pixel wide, as wider ones cost twenty times as much; whoever feeds a plot does so at most 20 times a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGraphicsItem, QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.curves import Curve, Remark, Ticks
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.legend import Legend

AXIS_WIDTH, AXIS_HEIGHT = 44, 22
FILL = 46
"""Opacity of the ground under a filled curve, of 255."""


class Plot(QWidget):
    """One pair of axes with a heading and a legend. Nothing pans or zooms: `set_range` says what is shown.

    With a handle (`set_handle`), `moved(x)` comes for every place that it is dragged to or moved to with the
    arrow keys (Shift: ten steps; Home, End); the plot shows it at once.
    """

    moved = Signal(float)

    def __init__(self, name: str, x_title: str = "", head: QWidget | None = None) -> None:
        """`head`, e.g. a choice, stands in place of the heading."""
        super().__init__()
        import pyqtgraph

        self._pg: Any = pyqtgraph
        self.setAccessibleName(name)
        self._x_title = x_title
        self._curves: dict[str, Curve] = {}
        self._items: dict[str, Any] = {}
        self._remarks: tuple[Remark, ...] = ()
        self._words: list[Any] = []
        self._lines: dict[str, tuple[Any, str, bool]] = {}
        self._ticks: dict[str, Ticks | None] = {"left": None, "bottom": None}
        self._range = (0.0, 1.0), (0.0, 1.0)
        self._handle: float | None = None
        self._step = 0.01
        self._view = pyqtgraph.PlotWidget()
        self._view.setMenuEnabled(False)
        self._view.hideButtons()
        self._view.setMouseEnabled(x=False, y=False)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setMinimumSize(1, 1)
        self._view.setAntialiasing(True)
        self._view.setRange(xRange=self._range[0], yRange=self._range[1], padding=0, disableAutoRange=True)
        for side in ("left", "bottom"):  # words and grid are painted once, not with every point of a curve
            self._view.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._view.viewport().installEventFilter(self)
        self._title = Label(name, "label")
        self._legend = Legend()
        self._build(head)
        theme().changed.connect(self._dress)
        self._dress()

    def _build(self, head: QWidget | None) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(4, 0, 4, 0)
        top.setSpacing(12)
        top.addWidget(self._title if head is None else head)
        top.addStretch(1)
        top.addWidget(self._legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._view, 1)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(320), px(180))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(180), px(104))

    # -- what it shows ---------------------------------------------------------------------------------

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """These curves in place of those before. The very object that is shown already costs nothing."""
        wanted = {curve.key: curve for curve in curves}
        for key in [key for key in self._items if key not in wanted]:
            self._view.removeItem(self._items.pop(key))
        before, self._curves = self._curves, wanted
        for key, curve in wanted.items():
            if before.get(key) is not curve:
                self._trace(curve)
        self._legend.show_curves([curve for curve in curves if curve.label])

    def _trace(self, curve: Curve) -> None:
        if curve.key not in self._items:
            self._items[curve.key] = self._pg.PlotDataItem()
            self._view.addItem(self._items[curve.key])
        steps = "center" if curve.steps else None
        self._items[curve.key].setData(curve.x, curve.y, stepMode=steps, **self._pens(curve))

    def _pens(self, curve: Curve) -> dict[str, Any]:
        color = QColor(getattr(theme().tokens, curve.color))
        pen = QPen(color, 1)
        pen.setCosmetic(True)
        if curve.dash:
            pen.setDashPattern([5, 3])
        wash = QColor(color)
        wash.setAlpha(FILL)
        dotted = curve.dots or not curve.line
        return {
            "pen": pen if curve.line else None,
            "fillLevel": 0.0 if curve.fill else None,
            "fillBrush": wash if curve.fill else None,
            "symbol": curve.symbol if dotted else None,
            "symbolSize": theme().tokens.px(curve.size),
            "symbolPen": pen if dotted else None,
            "symbolBrush": (theme().tokens.panel if curve.hollow else color) if dotted else None,
        }

    def set_title(self, text: str) -> None:
        """Another heading."""
        self._title.setText(text)

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """What part of the plane is shown."""
        if self._range == (x, y):
            return
        self._range = x, y
        self._view.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def set_ticks(self, left: Ticks | None = None, bottom: Ticks | None = None) -> None:
        """Own ticks (place, text) of an axis; None leaves them to the plot."""
        for name, ticks in (("left", left), ("bottom", bottom)):
            if self._ticks[name] != ticks:
                self._ticks[name] = ticks
                self._view.getAxis(name).setTicks(None if ticks is None else [list(ticks)])

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Words inside the plot, in place of those before."""
        if tuple(remarks) != self._remarks:
            self._remarks = tuple(remarks)
            self._write()

    def _write(self) -> None:
        for item in self._words:
            self._view.removeItem(item)
        self._words = []
        for remark in self._remarks:
            color = getattr(theme().tokens, remark.color)
            item = self._pg.TextItem(remark.text, color=color, anchor=remark.anchor)
            item.setFont(theme().font("label"))
            self._view.addItem(item, ignoreBounds=True)
            item.setPos(remark.x, remark.y)
            self._words.append(item)

    def set_line(self, key: str, x: float | None, color: str = "line_strong", dash: bool = True) -> None:
        """A vertical line at x, or none."""
        if x is None:
            if key in self._lines:
                self._view.removeItem(self._lines.pop(key)[0])
            return
        if key not in self._lines:
            line = self._pg.InfiniteLine(angle=90, movable=False)
            self._view.addItem(line, ignoreBounds=True)
            self._lines[key] = line, color, dash
            line.setPen(self._line_pen(color, dash))
        self._lines[key][0].setValue(x)

    def _line_pen(self, color: str, dash: bool) -> QPen:
        pen = QPen(getattr(theme().tokens, color), 1)
        pen.setCosmetic(True)
        if dash:
            pen.setDashPattern([4, 3])
        return pen

    # -- the handle ------------------------------------------------------------------------------------

    def set_handle(self, x: float, step: float = 0.01) -> None:
        """The line that can be moved, in steps of `step` with the keys. Emits nothing."""
        if self._handle is None:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._view.viewport().setCursor(Qt.CursorShape.SizeHorCursor)
        self._handle, self._step = x, step
        self.set_line("handle", x, "text", dash=False)
        self.setAccessibleDescription(f"{self._title.text()}: the line stands at {x:.3f}; arrow keys move it")

    def x_at(self, position: QPointF) -> float:
        """The x of a place on the plot's surface."""
        box = self._view.getPlotItem().vb
        return float(box.mapSceneToView(self._view.mapToScene(position.toPoint())).x())

    def place_of(self, x: float, y: float) -> QPointF:
        """Where (x, y) is on the plot's surface, in pixels."""
        there = self._view.getPlotItem().vb.mapViewToScene(QPointF(x, y))
        return QPointF(self._view.mapFromScene(there))

    @property
    def surface(self) -> QWidget:
        """What is drawn on and takes the mouse."""
        viewport: QWidget = self._view.viewport()
        return viewport

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove)
        if self._handle is not None and event.type() in kinds and isinstance(event, QMouseEvent):
            if event.buttons() & Qt.MouseButton.LeftButton:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self._move_to(self.x_at(event.position()))
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._handle is None:
            super().keyPressEvent(event)
            return
        many = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up):
            sign = 1 if key in (Qt.Key.Key_Right, Qt.Key.Key_Up) else -1
            self._move_to(self._handle + sign * many * self._step)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move_to(self._range[0][key == Qt.Key.Key_End])
        else:
            super().keyPressEvent(event)

    def _move_to(self, x: float) -> None:
        low, high = self._range[0]
        x = min(high, max(low, x))
        if x != self._handle:
            self.set_handle(x, self._step)
            self.moved.emit(x)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().tokens.accent, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    # -- the look --------------------------------------------------------------------------------------

    def _dress(self) -> None:
        self._view.setBackground(None)
        self._view.setStyleSheet("background: transparent; border: none;")
        self._dress_axes()
        for curve in self._curves.values():
            self._trace(curve)
        for line, color, dash in self._lines.values():
            line.setPen(self._line_pen(color, dash))
        self._write()

    def _dress_axes(self) -> None:
        tokens = theme().tokens
        for name in ("left", "bottom"):
            axis = self._view.getAxis(name)
            axis.setPen(QPen(tokens.line, 1))
            axis.setTextPen(QPen(tokens.muted))
            axis.setTickFont(theme().font("label"))
            axis.setStyle(tickLength=0, tickTextOffset=tokens.px(4), hideOverlappingLabels=True)
        style = {"color": tokens.muted.name(), "font-size": f"{tokens.px(11)}px"}
        bottom = self._view.getAxis("bottom")
        bottom.setLabel(self._x_title or None, **style)
        bottom.enableAutoSIPrefix(False)
        self._view.getAxis("left").enableAutoSIPrefix(False)
        self._view.getAxis("left").setWidth(tokens.px(AXIS_WIDTH))
        bottom.setHeight(tokens.px(AXIS_HEIGHT + (14 if self._x_title else 0)))
        self._view.showGrid(x=False, y=True, alpha=0.12)
