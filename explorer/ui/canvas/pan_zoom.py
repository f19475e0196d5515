"""Zoom, pan, and where things of the scene are on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from explorer.session.selection import Selection
from explorer.ui.canvas.editor import Editor
from explorer.ui.canvas.gestures.gesture import Pointer
from explorer.ui.canvas.levels import level_at
from explorer.ui.canvas.placement import Area
from explorer.ui.canvas.scene import CanvasScene

LEAST_SCALE, MOST_SCALE = 0.008, 4.0
WELL_READ = 0.8
OVERSEEN = 0.45
"""From this share of 100 % on the small type on a card reads well: nothing begins smaller by itself."""
MARGIN = 32


class PanZoomView(QGraphicsView):
    """A view of the scene that can be moved about. Zoom 1.0 is `base` pixels a unit."""

    moved = Signal()

    def __init__(self, scene: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.canvas_scene = scene
        self.editor: Editor | None = None
        self.base = 1.0
        #: Whether anything was moved since `begin_at_top`; until then it follows the size of the window.
        self.touched = True

    # -- where things are -------------------------------------------------------------------------

    @property
    def scale_now(self) -> float:
        """Pixels of the screen per unit of the scene."""
        return self.transform().m11()

    @property
    def selection(self) -> Selection | None:
        """What is selected in the open network."""
        return self.editor.tab.selection if self.editor is not None else None

    def seen(self) -> QRectF:
        """The part of the scene that is on the screen."""
        return QRectF(
            self.mapToScene(QPoint(0, 0)),
            self.mapToScene(QPoint(self.viewport().width(), self.viewport().height())),
        )

    def card_of(self, node: str) -> str:
        """The key of the card that shows a node."""
        plan = self.canvas_scene.plan
        return plan.outline.card_of.get(node, "") if plan is not None else ""

    def on_screen(self, area: Area) -> QRect:
        """Where an area of the scene is in the viewport."""
        return self.mapFromScene(QRectF(*area)).boundingRect()

    def refresh(self, area: QRectF) -> None:
        """Repaint a part of the scene, such as where a gesture's ghost was and is."""
        if not area.isEmpty():
            self.viewport().update(self.mapFromScene(area).boundingRect().adjusted(-4, -4, 4, 4))

    def point(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> Pointer:
        """A position of the pointer, in both coordinates."""
        return Pointer(self.mapToScene(at), at, modifiers)

    # -- zoom and pan -----------------------------------------------------------------------------

    def zoom_to(self, scale: float, anchor: QPoint | None = None) -> None:
        """Zoom so that what is under `anchor` (the middle, if none) stays there."""
        scale = max(LEAST_SCALE, min(MOST_SCALE * self.base, scale))
        anchor = anchor if anchor is not None else self.viewport().rect().center()
        there = self.mapToScene(anchor)
        self._set_scale(scale)
        self._scroll_to(there, anchor)

    def zoom_by(self, factor: float, anchor: QPoint | None = None) -> None:
        """Zoom in (above 1) or out."""
        self.zoom_to(self.scale_now * factor, anchor)

    def _set_scale(self, scale: float) -> None:
        self.setTransform(QTransform.fromScale(scale, scale))
        self.canvas_scene.level = level_at(scale, self._crowd())
        self.update_room()

    def _crowd(self) -> float:
        """About how many cards a screen shows, from how densely they lie."""
        scene, scale = self.canvas_scene, self.scale_now
        bounds, port = scene.bounds(), self.viewport()
        wide = min(1.0, port.width() / scale / max(bounds.width(), 1))
        high = min(1.0, port.height() / scale / max(bounds.height(), 1))
        return len(scene.nodes) * wide * high

    def _scroll_to(self, there: QPointF, anchor: QPoint) -> None:
        off = self.mapFromScene(there) - anchor
        self.scroll_by(off.x(), off.y())
        self.moved.emit()

    def update_room(self) -> None:
        """Let the person scroll until only a strip of the network is left on the screen."""
        scale = self.scale_now
        wide, high = self.viewport().width() / scale, self.viewport().height() / scale
        room = self.canvas_scene.bounds().adjusted(-wide * 0.9, -high * 0.9, wide * 0.9, high * 0.9)
        if room != self.sceneRect():
            self.setSceneRect(room)

    def scroll_by(self, dx: int, dy: int) -> None:
        """Move what is seen, in pixels of the screen."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        self.touched = self.touched or bool(dx or dy)
        across.setValue(across.value() + dx)
        down.setValue(down.value() + dy)

    def look_at(self, scale: float, middle: QPointF) -> None:
        """Zoom to `scale` with `middle` in the middle."""
        self._set_scale(max(LEAST_SCALE, min(MOST_SCALE * self.base, scale)))
        self._scroll_to(middle, self.viewport().rect().center())

    def fit(self) -> None:
        """All of it, at most at 100 %."""
        bounds = self.canvas_scene.bounds()
        self.look_at(self._fitting(bounds), bounds.center())

    def _fitting(self, bounds: QRectF) -> float:
        wide = max(self.viewport().width() - 2 * MARGIN, 40) / max(bounds.width(), 1)
        high = max(self.viewport().height() - 2 * MARGIN, 40) / max(bounds.height(), 1)
        return min(wide, high, self.base)

    def begin_at_top(self) -> None:
        """All of it if that reads well, else its beginning, at 100 % or as wide as fits."""
        bounds = self.canvas_scene.bounds()
        scale, least = self._fitting(bounds), WELL_READ * self.base
        cut = bounds.width() * least > self.viewport().width() - 2 * MARGIN
        if cut and scale >= OVERSEEN * self.base:
            self.look_at(scale, bounds.center())  # its large names say more than branches cut in two
        elif scale < least:
            wide = max(self.viewport().width() - 2 * MARGIN, 40) / max(bounds.width(), 1)
            scale = max(min(wide, self.base), least)
            top = bounds.top() + (self.viewport().height() / 2 - MARGIN) / scale
            middle = 0.0 if bounds.width() * scale > self.viewport().width() else bounds.center().x()
            self.look_at(scale, QPointF(middle, top))
        else:
            self.look_at(scale, bounds.center())
        self.touched = False

    def ensure_seen(self, area: Area) -> None:
        """Scroll as little as needed to have an area on the screen."""
        where, room = self.on_screen(area), self.viewport().rect().adjusted(24, 24, -24, -24)
        if room.contains(where):
            return
        dx = min(where.left() - room.left(), 0) or max(where.right() - room.right(), 0)
        dy = min(where.top() - room.top(), 0) or max(where.bottom() - room.bottom(), 0)
        self.scroll_by(dx, dy)
        self.moved.emit()

    @contextmanager
    def anchored(self, key: str | None) -> Iterator[None]:
        """Keep a card where it is on the screen while the arrangement around it changes."""
        before = self.canvas_scene.area_of(key) if key is not None else None
        at = self.on_screen(before).topLeft() if before is not None else QPoint()
        yield
        self.update_room()
        after = self.canvas_scene.area_of(key) if key is not None else None
        if before is not None and after is not None and before[:2] != after[:2]:
            off = self.on_screen(after).topLeft() - at
            self.scroll_by(off.x(), off.y())
        self.moved.emit()

    def central_card(self) -> str | None:
        """The card nearest to the middle of the screen, if any is on it."""
        seen = self.seen()
        middle = seen.center()
        best, least = None, float("inf")
        for item in self.canvas_scene.items(seen):
            area = getattr(item, "area", None)
            card = getattr(item, "card", None)
            if area is not None and card is not None:
                x, y = area.middle
                far = abs(x - middle.x()) + abs(y - middle.y())
                if far < least:
                    best, least = card.key, far
        return best

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() * 0.75
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier):
            turned = event.angleDelta().y() or event.pixelDelta().y()
            self.zoom_by(1.0018**turned, event.position().toPoint())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.scroll_by(-(step.y() or step.x()), 0)
        else:
            self.scroll_by(-step.x(), -step.y())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        zooms = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == zooms:
            self.zoom_by(1 + event.value(), event.position().toPoint())
            return True
        return super().viewportEvent(event)
