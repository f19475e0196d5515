"""Embeddings on a plane: each class has its own symbol and colour, and those not learned from are hollow."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.faces.siamese_events import EmbeddingMap
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel

COLORS = ("convolution", "pooling", "dense", "merge", "normalization", "reshape", "error", "boundary")
SIZE = 7.0
ROW = 15


def _polygon(corners: int, turned: float, inner: float = 1.0) -> Callable[[float], QPainterPath]:
    """A regular polygon; `inner` < 1 makes a star of it."""

    def made(size: float) -> QPainterPath:
        count = corners if inner == 1.0 else 2 * corners
        points = QPolygonF()
        for place in range(count):
            angle = math.radians(turned) + 2 * math.pi * place / count
            radius = size / 2 * (1.0 if place % 2 == 0 or inner == 1.0 else inner)
            points.append(QPointF(radius * math.sin(angle), -radius * math.cos(angle)))
        path = QPainterPath()
        path.addPolygon(points)
        path.closeSubpath()
        return path

    return made


def _circle(size: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), size / 2, size / 2)
    return path


def _plus(turned: float) -> Callable[[float], QPainterPath]:
    def made(size: float) -> QPainterPath:
        arm, half = size / 6, size / 2
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRect(QRectF(-half, -arm, size, 2 * arm))
        path.addRect(QRectF(-arm, -half, 2 * arm, size))
        path = path.simplified()
        if turned:
            path = QTransform().rotate(turned).map(path)
        return path

    return made


SYMBOLS: tuple[Callable[[float], QPainterPath], ...] = (
    _circle,
    _polygon(4, 45),
    _polygon(3, 0),
    _polygon(4, 0),
    _plus(0),
    _polygon(3, 180),
    _polygon(5, 0, 0.45),
    _plus(45),
)


class PlaneView(QWidget):
    """A heading, the points, and below them the legend."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = ElidedLabel(title, "label")
        self.points = _Points()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.points, 1)

    def show_map(self, plane: EmbeddingMap | None) -> None:
        """Other points, or none."""
        self.points.show_map(plane)


class _Points(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._plane: EmbeddingMap | None = None
        self._people: list[int] = []
        self._reach: NDArray[np.float64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The embedding on a plane")
        theme().changed.connect(self.update)

    def show_map(self, plane: EmbeddingMap | None) -> None:
        self._plane = plane
        if plane is None:
            self._people, self._reach = [], None
        else:
            self._people = list(dict.fromkeys(int(person) for person in plane.people))
            reach = np.maximum(np.abs(plane.places).max(axis=0), 1e-6)
            # shrinks slowly, so that points are seen to move and not the frame
            before = reach if self._reach is None else 0.85 * self._reach + 0.15 * reach
            self._reach = np.maximum(before, reach)
            unseen = ", ".join(plane.names[person] for person in plane.unseen)
            self.setAccessibleDescription(f"{len(plane.people)} pictures; not learned from: {unseen}")
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(280), px(260))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(160), px(150))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("label"))
        rows = self._legend_rows(painter.fontMetrics())
        below = px(ROW) * len(rows) + px(6)
        ground = QRectF(0.5, 0.5, self.width() - 1, max(20.0, self.height() - below - 1))
        painter.setPen(QPen(tokens.line, 1))
        painter.setBrush(tokens.panel)
        painter.drawRoundedRect(ground, px(6), px(6))
        if self._plane is None:
            return
        self._paint_points(painter, ground.adjusted(px(8), px(8), -px(8), -px(8)), self._plane)
        self._paint_legend(painter, rows, ground.bottom() + px(6))

    def _paint_points(self, painter: QPainter, area: QRectF, plane: EmbeddingMap) -> None:
        assert self._reach is not None
        scale = min(area.width() / 2 / self._reach[0], area.height() / 2 / self._reach[1])
        places: NDArray[np.float64] = plane.places
        number = {person: place for place, person in enumerate(self._people)}
        painter.save()
        painter.setClipRect(area.adjusted(-6, -6, 6, 6))
        for (x, y), person in zip(places, plane.people, strict=True):
            painter.save()
            painter.translate(area.center() + QPointF(x * scale, -y * scale))
            self._paint_symbol(painter, number[int(person)], int(person) in plane.unseen)
            painter.restore()
        painter.restore()

    def _paint_symbol(self, painter: QPainter, place: int, hollow: bool) -> None:
        tokens = theme().tokens
        color = getattr(tokens, COLORS[place % len(COLORS)])
        painter.setPen(QPen(color if hollow else tokens.panel, tokens.px(1.4) if hollow else 0.6))
        painter.setBrush(tokens.panel if hollow else color)
        painter.drawPath(SYMBOLS[place % len(SYMBOLS)](tokens.px(SIZE) + (0 if hollow else 1)))

    def _legend_rows(self, metrics: QFontMetrics) -> list[list[tuple[int, str, float]]]:
        """(place, words, width) of each class, in rows that fit."""
        plane = self._plane
        if plane is None:
            return []
        px = theme().tokens.px
        rows: list[list[tuple[int, str, float]]] = [[]]
        left = float(self.width())
        for place, person in enumerate(self._people):
            words = plane.names[person] + (" (unseen)" if person in plane.unseen else "")
            words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, px(150))
            width = float(px(16) + metrics.horizontalAdvance(words) + px(12))
            if width > left and rows[-1]:
                rows.append([])
                left = float(self.width())
            rows[-1].append((place, words, width))
            left -= width
        return rows

    def _paint_legend(self, painter: QPainter, rows: list[list[tuple[int, str, float]]], top: float) -> None:
        tokens = theme().tokens
        px = tokens.px
        plane = self._plane
        assert plane is not None
        for row in rows:
            x = 0.0
            for place, words, width in row:
                painter.save()
                painter.translate(x + px(6), top + px(ROW) / 2)
                self._paint_symbol(painter, place, self._people[place] in plane.unseen)
                painter.restore()
                painter.setPen(tokens.muted)
                box = QRectF(x + px(15), top, width, px(ROW))
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
                x += width
            top += px(ROW)
