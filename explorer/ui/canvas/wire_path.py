"""Wires as paths: corners rounded, an arrow at the end, and the place for a label."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, cos, hypot, sin
from typing import NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from explorer.ui.canvas.placement import Point

CORNER = 12.0
ARROW = 7.0


class Ways(NamedTuple):
    """A wire in parts: straight runs, left end first; and corners, each with what tells two of them apart."""

    runs: tuple[tuple[float, float, float, float], ...]
    bends: tuple[tuple[float, float, tuple[float, float], QPainterPath], ...]


def ways_along(route: tuple[Point, ...]) -> Ways:
    """The parts of `path_along`, to be drawn one by one."""
    points = [*route[:-1], _before(route[-2], route[-1], ARROW - 1)]
    runs, bends = [], []
    start = points[0]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        room = min(CORNER, _distance(before, here) / 2, _distance(here, after) / 2)
        enter, leave = _before(before, here, room), _before(after, here, room)
        path = QPainterPath(QPointF(*enter))
        path.quadTo(QPointF(*here), QPointF(*leave))
        # The sums tell the four corners at one place apart.
        bends.append((*here, (enter[0] + leave[0], enter[1] + leave[1]), path))
        runs.append((start, enter))
        start = leave
    runs.append((start, points[-1]))
    return Ways(tuple((*min(a, b), *max(a, b)) for a, b in runs), tuple(bends))


def path_along(route: tuple[Point, ...], corner: float = CORNER) -> QPainterPath:
    """A path through the corner points, each corner an arc; it ends inside the arrow, not at its tip."""
    path = QPainterPath(QPointF(*route[0]))
    points = [*route[:-1], _before(route[-2], route[-1], ARROW - 1)]
    for index in range(1, len(points) - 1):
        here = points[index]
        room = min(corner, _distance(points[index - 1], here) / 2, _distance(here, points[index + 1]) / 2)
        path.lineTo(QPointF(*_before(points[index - 1], here, room)))
        path.quadTo(QPointF(*here), QPointF(*_before(points[index + 1], here, room)))
    path.lineTo(QPointF(*points[-1]))
    return path


def arrow_at(route: tuple[Point, ...]) -> QPolygonF:
    """A triangle whose tip is the end of the route."""
    (x0, y0), (x1, y1) = route[-2:]
    way = atan2(y1 - y0, x1 - x0)
    corners = [(x1, y1)]
    for turn in (2.72, -2.72):
        corners.append((x1 + ARROW * 1.15 * cos(way + turn), y1 + ARROW * 1.15 * sin(way + turn)))
    return QPolygonF([QPointF(x, y) for x, y in corners])


def label_place(route: tuple[Point, ...]) -> Point:
    """The middle of the longest run, where a label disturbs least."""
    runs = pairwise(route)
    (x0, y0), (x1, y1) = max(runs, key=lambda run: _distance(*run))
    return (x0 + x1) / 2, (y0 + y1) / 2


def distance_to(route: tuple[Point, ...], x: float, y: float) -> float:
    """How far a point is from a route."""
    return min(_to_run(a, b, x, y) for a, b in pairwise(route))


def _to_run(a: Point, b: Point, x: float, y: float) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - a[0]) * dx + (y - a[1]) * dy) / length))
    return hypot(a[0] + along * dx - x, a[1] + along * dy - y)


def _before(start: Point, end: Point, back: float) -> Point:
    """The point `back` before the end of a run."""
    length = _distance(start, end)
    if length <= back:
        return start if length == 0 else ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    share = back / length
    return end[0] + (start[0] - end[0]) * share, end[1] + (start[1] - end[1]) * share


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])
