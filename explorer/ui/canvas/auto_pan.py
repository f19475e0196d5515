"""While something is dragged to the edge of the canvas, the canvas moves on under it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QRect, QTimer

_EDGE = 28
_FASTEST = 18
_EVERY_MS = 16


class AutoPan(QObject):
    """Calls `step` with pixels to scroll by, for as long as the pointer is at an edge of `room`.

    An edge at which a drag begins, as that to the library, counts only once the pointer has left it: the
    canvas must not run away from what is brought to it.
    """

    def __init__(self, room: Callable[[], QRect], step: Callable[[int, int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._room = room
        self._step = step
        self._speed = QPoint()
        self._from = QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(lambda: self._step(self._speed.x(), self._speed.y()))

    def begin(self, at: QPoint) -> None:
        """A drag begins here, or comes in."""
        self._from = self._speed_at(at)

    def follow(self, at: QPoint) -> None:
        """The pointer is here now."""
        speed = self._speed_at(at)
        x, y = self._from.x(), self._from.y()
        # What is left of the edges where it began; an edge that was left is an edge like any other.
        self._from = QPoint(x if x * speed.x() > 0 else 0, y if y * speed.y() > 0 else 0)
        self._speed = QPoint(0 if self._from.x() else speed.x(), 0 if self._from.y() else speed.y())
        if self._speed.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """The gesture is over."""
        self._timer.stop()
        self._from = QPoint()

    def _speed_at(self, at: QPoint) -> QPoint:
        room = self._room()
        return QPoint(_speed(at.x(), room.left(), room.right()), _speed(at.y(), room.top(), room.bottom()))


def _speed(at: int, low: int, high: int) -> int:
    """Pixels a step along one axis: nothing inside, the more the nearer to the edge."""
    deep = max(low + _EDGE - at, at - (high - _EDGE), 0)
    speed = -(-min(deep, _EDGE) * _FASTEST // _EDGE)
    return -speed if at < (low + high) / 2 else speed
