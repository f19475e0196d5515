"""The whole network in a corner, with the part that is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from explorer.ui.canvas.view import CanvasView
from explorer.ui.theme import theme

_LARGEST = QSize(72, 168)
_PAD = 6
_LEAST_ROOM = 440
"""Where the canvas is narrower, the overview would lie on the cards in the middle."""


class Minimap(QWidget):
    """Shown while not all of the network is on the screen; a click or a drag goes there."""

    def __init__(self, view: CanvasView, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self._bounds = QRectF()
        self._picture: QPixmap | None = None
        self.wanted = True
        self.setAccessibleName("Overview of the network")
        self.setToolTip("Overview: click or drag to go there")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        view.moved.connect(self.follow)

    def follow(self) -> None:
        """Take up what the view shows now."""
        bounds = self._view.canvas_scene.bounds()
        plan = self._view.canvas_scene.plan
        all_seen = self._view.seen().adjusted(-1, -1, 1, 1).contains(bounds)
        room = self._view.width() >= theme().tokens.px(_LEAST_ROOM)
        shown = self.wanted and room and plan is not None and bool(plan.outline.cards) and not all_seen
        if shown:
            if bounds != self._bounds:
                self._bounds = bounds
                self._picture = None
                self._fit()
            self.update()
        self.setVisible(shown)

    def forget(self) -> None:
        """The network or the theme is another: draw it anew."""
        self._picture = None
        self._bounds = QRectF()
        self.follow()

    def _fit(self) -> None:
        px = theme().tokens.px
        most = QSize(px(_LARGEST.width()), px(_LARGEST.height()))
        shape = self._bounds.height() / max(self._bounds.width(), 1)
        height = max(px(48), min(most.height(), round(most.width() * shape)))
        self.setFixedSize(most.width() + 2 * px(_PAD), height + 2 * px(_PAD))
        parent = self.parentWidget()
        if parent is not None:
            self.move(parent.width() - self.width() - px(16), px(16))

    def place(self) -> None:
        """Keep to the corner."""
        if not self._bounds.isNull():
            self._fit()

    def _transform(self) -> QTransform:
        """From the scene to this widget; a long network is drawn wider than it is, to be seen at all."""
        pad = theme().tokens.px(_PAD)
        wide, high = self.width() - 2 * pad, self.height() - 2 * pad
        down = high / max(self._bounds.height(), 1)
        across = min(
            wide / max(self._bounds.width(), 1), max(down, wide * 0.5 / max(self._bounds.width(), 1))
        )
        made = QTransform()
        made.translate(self.width() / 2, pad)
        made.scale(across, down)
        made.translate(-self._bounds.center().x(), -self._bounds.top())
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._drawn())
        seen = self._transform().mapRect(self._view.seen()) & QRectF(self.rect()).adjusted(3, 3, -3, -3)
        wash = QColor(tokens.accent)
        wash.setAlphaF(0.10)
        seen.adjust(0, 0, 0, max(0.0, 4 - seen.height()))
        painter.fillRect(seen, wash)
        painter.setPen(QPen(tokens.accent, 1.4))
        painter.drawRoundedRect(seen, 3, 3)

    def _drawn(self) -> QPixmap:
        if self._picture is None:
            density = self.devicePixelRatioF()
            picture = QPixmap(round(self.width() * density), round(self.height() * density))
            picture.setDevicePixelRatio(density)
            picture.fill(Qt.GlobalColor.transparent)
            tokens = theme().tokens
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(tokens.line, 1))
            painter.setBrush(tokens.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            far = self._view.canvas_scene.far
            if far is not None:
                transform = self._transform()
                painter.setWorldTransform(transform, True)
                far.paint_bars(painter, self._view.canvas_scene.look, 1.2 / transform.m22())
            painter.end()
            self._picture = picture
        return self._picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, at: QPointF) -> None:
        inverse, _ = self._transform().inverted()
        there = inverse.map(at)
        self._view.look_at(self._view.scale_now, QPointF(self._view.seen().center().x(), there.y()))
