"""The view: levels of detail, and the mouse handed to gestures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsView, QToolTip, QWidget

from explorer.ui.canvas import item_mime
from explorer.ui.canvas.auto_pan import AutoPan
from explorer.ui.canvas.face import tooltip_of
from explorer.ui.canvas.gestures.begin import begin
from explorer.ui.canvas.gestures.drop import Drop
from explorer.ui.canvas.gestures.gesture import Gesture, Pointer
from explorer.ui.canvas.gestures.pan import Pan
from explorer.ui.canvas.ground import paint_ground
from explorer.ui.canvas.hits import Hit, Target, hit
from explorer.ui.canvas.levels import Level, level_at
from explorer.ui.canvas.library_item import SavedBlocks, no_saved_blocks
from explorer.ui.canvas.look import cosmetic, mixed
from explorer.ui.canvas.pan_zoom import PanZoomView
from explorer.ui.canvas.scene import CanvasScene, Marks

_NO_HIT = Hit(Target.NOTHING)


class CanvasView(PanZoomView):
    """Shows the scene and hands the mouse to gestures; what a click or a key means is the canvas's.

    `loose_end` says from which Port a wire was drawn and at which Pointer it was let go on empty ground.
    """

    clicked = Signal(object, object)
    double_clicked = Signal(object)
    menu_wanted = Signal(object, QPoint)
    key_pressed = Signal(QKeyEvent)
    hovered = Signal(str)
    network_dropped = Signal(str)
    loose_end = Signal(object, object)

    def __init__(self, scene: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.saved_blocks: SavedBlocks = no_saved_blocks
        self.gesture: Gesture | None = None
        self.menu_point = QPointF()
        self.on_tab: Callable[[bool], bool] | None = None
        self._pointer: Pointer | None = None
        self._auto_pan = AutoPan(lambda: self.viewport().rect(), self._pan_on, self)
        self._pressed: tuple[Pointer, Hit] | None = None
        self._space = False
        self._hit = _NO_HIT
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlags(
            QGraphicsView.OptimizationFlag.DontSavePainterState
            | QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Network canvas")

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        scene = self.canvas_scene
        scene.level = level_at(self.scale_now, self._crowd())
        seen = self.seen()
        scene.seen = (seen.left(), seen.top(), seen.right(), seen.bottom())
        scene.drawn.clear()
        if scene.level is not Level.FAR or scene.far is None:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setClipRegion(event.region())
        self._paint_ground(painter, QRectF(event.rect()))
        origin, scale = self._origin(), self.scale_now
        painter.setWorldTransform(QTransform(scale, 0, 0, scale, origin.x(), origin.y()))
        scene.far.paint(painter, scene.look, scale)
        self._paint_far_selection(painter)
        if self.gesture is not None:
            self.gesture.paint(painter)
        painter.resetTransform()
        scene.far.paint_names(painter, scene.look, scale, origin, self.viewport().height())
        painter.end()

    def _origin(self) -> QPointF:
        origin = self.viewportTransform().map(QPointF(0, 0))
        return QPointF(round(origin.x()), round(origin.y()))

    def _paint_ground(self, painter: QPainter, exposed: QRectF) -> None:
        look, origin = self.canvas_scene.look, self._origin()
        dot = mixed(look.tokens.line_strong, look.ground, 0.5)
        paint_ground(painter, exposed, origin.toPoint(), self.scale_now, look.ground, dot)

    def _paint_far_selection(self, painter: QPainter) -> None:
        scene = self.canvas_scene
        painter.setPen(cosmetic(scene.look.tokens.accent, 2))
        painter.setBrush(scene.look.tokens.accent_wash)
        for item in scene.nodes.values():
            if item.stance.selected or item.stance.hovered:
                painter.drawRect(QRectF(*item.area))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for region in scene.regions.values():
            if region.selected:
                painter.drawRect(QRectF(*region.area))

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        transform = painter.worldTransform()
        painter.resetTransform()
        self._paint_ground(painter, transform.mapRect(QRectF(rect)).adjusted(-1, -1, 1, 1))
        painter.setWorldTransform(transform)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self.gesture is not None:
            self.gesture.paint(painter)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.canvas_scene.level is Level.FAR:
            self.viewport().update()  # names keep to what is seen of their blocks
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update_room()
        if not self.touched:
            self.begin_at_top()
        self.moved.emit()

    # -- the mouse --------------------------------------------------------------------------------

    def show_selection(self) -> None:
        """Mark what the selection says."""
        selection = self.selection
        if selection is not None:
            self.canvas_scene.mark(Marks(selection.nodes, selection.blocks, selection.links))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        pointer = self.point(at, event.modifiers())
        pan = event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        )
        if pan:
            self._start(begin(self, Pointer(*pointer), _NO_HIT, pan=True))
            return
        if event.button() != Qt.MouseButton.LeftButton or self.gesture is not None:
            return
        self._pressed = (pointer, hit(self.canvas_scene, pointer.scene, self.scale_now))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self.point(event.position().toPoint(), event.modifiers())
        if self.gesture is not None:
            self._lead(pointer)
            return
        if self._pressed is not None:
            start, found = self._pressed
            if (pointer.view - start.view).manhattanLength() >= QApplication.startDragDistance() // 2:
                self._auto_pan.begin(start.view)
                self._start(begin(self, start, found))
                if self.gesture is not None:
                    self.gesture.move(pointer)
            return
        self._hover(hit(self.canvas_scene, pointer.scene, self.scale_now))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pointer = self.point(event.position().toPoint(), event.modifiers())
        if self.gesture is not None:
            gesture, self.gesture = self.gesture, None
            self._pressed = None
            self._auto_pan.stop()
            gesture.end(pointer)
            self._set_cursor(None)
        elif self._pressed is not None:
            _, found = self._pressed
            self._pressed = None
            self.clicked.emit(found, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            at = self.mapToScene(event.position().toPoint())
            self.double_clicked.emit(hit(self.canvas_scene, at, self.scale_now))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.cancel()
        at = event.pos()
        self.menu_point = self.mapToScene(at)
        found = hit(self.canvas_scene, self.menu_point, self.scale_now)
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_wanted.emit(None if by_key else found, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(_NO_HIT)
        super().leaveEvent(event)

    def _lead(self, pointer: Pointer) -> None:
        """Lead the gesture on; at an edge of the screen, the canvas with it."""
        self._pointer = pointer
        if self.gesture is not None:
            self.gesture.move(pointer)
            if not isinstance(self.gesture, Pan):
                self._auto_pan.follow(pointer.view)

    def _pan_on(self, dx: int, dy: int) -> None:
        self.scroll_by(dx, dy)
        if self.gesture is not None and self._pointer is not None:
            self.gesture.move(self.point(self._pointer.view, self._pointer.modifiers))

    def _start(self, gesture: Gesture | None) -> None:
        self.gesture = gesture
        if gesture is not None:
            self._hover(_NO_HIT)
            self._set_cursor(gesture.cursor)

    def cancel(self) -> bool:
        """Break off the gesture under way; whether there was one."""
        gesture, self.gesture, self._pressed = self.gesture, None, None
        self._auto_pan.stop()
        if gesture is not None:
            gesture.cancel()
            self._set_cursor(None)
        return gesture is not None

    def _hover(self, found: Hit) -> None:
        if found == self._hit:
            return
        self._hit = found
        key = "" if found.target in (Target.REGION, Target.NOTHING) else found.key
        self.canvas_scene.hover(key, found.rider)
        self.canvas_scene.set_hot_port(found.port, found.key)
        self._set_cursor(_CURSORS.get(found.target))
        self.hovered.emit(key if found.target in (Target.CARD, Target.RIDER, Target.PORT) else "")

    def _set_cursor(self, shape: Qt.CursorShape | None) -> None:
        if shape is None:
            shape = Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(event)
            return True
        return super().viewportEvent(event)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        found = hit(self.canvas_scene, self.mapToScene(event.pos()), self.scale_now)
        item = self.canvas_scene.nodes.get(found.key)
        text = tooltip_of(item.card, self.canvas_scene.facts) if item is not None else ""
        if found.target is Target.CHEVRON:
            text = "Fold this block"
        QToolTip.showText(event.globalPos(), text, self.viewport())

    # -- the keyboard -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self.gesture is None:
            self._space = True
            self._set_cursor(None)
            return
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        event.ignore()
        self.key_pressed.emit(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return (self.on_tab is not None and self.on_tab(forward)) or super().focusNextPrevChild(forward)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._set_cursor(None)
            return
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        selection = self.selection
        if event.reason() in reasons and selection is not None and selection.empty and self.on_tab:
            self.on_tab(event.reason() == reasons[0])  # the keyboard begins at a card, where it can be seen

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

    # -- drags from elsewhere ---------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        item = item_mime.decode(event.mimeData()) if self.editor is not None else None
        if item is None:
            event.ignore()
            return
        self.cancel()
        pointer = self.point(event.position().toPoint(), event.modifiers())
        self._auto_pan.begin(pointer.view)
        self.gesture = Drop(self, pointer, item)
        self.gesture.move(pointer)
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(self.gesture, Drop):
            self._lead(self.point(event.position().toPoint(), event.modifiers()))
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.cancel()

    def dropEvent(self, event: QDropEvent) -> None:
        gesture, self.gesture = self.gesture, None
        self._auto_pan.stop()
        if isinstance(gesture, Drop):
            pointer = self.point(event.position().toPoint(), event.modifiers())
            begun = not self.canvas_scene.nodes
            gesture.move(pointer)
            gesture.end(pointer)
            if begun and self.canvas_scene.nodes:  # a first card has its place wherever it is let go
                first = next(iter(self.canvas_scene.nodes.values()))
                self._scroll_to(QRectF(*first.area).center(), pointer.view)
            event.acceptProposedAction()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            event.ignore()


_CURSORS = {
    Target.PORT: Qt.CursorShape.CrossCursor,
    Target.WIRE_START: Qt.CursorShape.CrossCursor,
    Target.WIRE_END: Qt.CursorShape.CrossCursor,
    Target.CHEVRON: Qt.CursorShape.PointingHandCursor,
}
