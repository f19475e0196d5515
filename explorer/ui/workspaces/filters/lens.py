"""Where input and output are looked at: both views share one lens, so they always show the same place."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

LARGEST_CELL = 128.0
"""Screen pixels for one pixel at most."""


class Lens(QObject):
    """`zoom` 1 shows the whole picture; `centre` is in shares of its sides, (0, 0) the upper left corner."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.zoom = 1.0
        self.centre = QPointF(0.5, 0.5)

    def set(self, zoom: float, centre: QPointF) -> None:
        """Look elsewhere; the centre stays on the picture."""
        zoom = max(1.0, zoom)
        centre = QPointF(min(1.0, max(0.0, centre.x())), min(1.0, max(0.0, centre.y())))
        if zoom == 1:
            centre = QPointF(0.5, 0.5)
        if zoom != self.zoom or centre != self.centre:
            self.zoom, self.centre = zoom, centre
            self.changed.emit()

    def fit(self) -> None:
        """The whole picture."""
        self.set(1.0, QPointF(0.5, 0.5))

    def zoom_at(self, factor: float, place: QPointF, largest: float) -> None:
        """Nearer by a factor, so that `place` (shares of the sides) stays where it is on the screen."""
        zoom = max(1.0, min(self.zoom * factor, largest))
        factor = zoom / self.zoom
        self.set(zoom, place - (place - self.centre) / factor)


def fitted(rows: int, columns: int, room: QSizeF) -> float:
    """Screen pixels a pixel at which the whole picture is seen."""
    return min(room.width() / max(1, columns), room.height() / max(1, rows), LARGEST_CELL)


def placed(lens: Lens, rows: int, columns: int, room: QRectF) -> QRectF:
    """Where the whole picture lies on the screen, of which `room` shows a part."""
    scale = fitted(rows, columns, room.size()) * lens.zoom
    width, height = columns * scale, rows * scale
    left = _axis(room.left(), room.width(), width, lens.centre.x())
    top = _axis(room.top(), room.height(), height, lens.centre.y()) if height > room.height() else room.top()
    return QRectF(left, top, width, height)


def _axis(start: float, room: float, size: float, centre: float) -> float:
    if size <= room:
        return start + (room - size) / 2
    slack = min(room * 0.25, 2 * LARGEST_CELL)  # the padding beside the picture can be seen, too
    wanted = room / 2 - centre * size
    return start + min(slack, max(room - size - slack, wanted))
