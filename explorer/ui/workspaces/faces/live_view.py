"""The live picture: the newest frame with the faces found in it, what could be better, and the frame rate."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.faces.continuity import Scene, is_cut, scene
from explorer.faces.detector import Face
from explorer.media.camera import Frame
from explorer.ui.theme import theme
from explorer.ui.workspaces.faces.images import Scaled
from explorer.ui.workspaces.faces.watch import Sight

STALE = 0.7
"""Seconds after which boxes are not painted any more: the face may be elsewhere."""
GROUND, INK, QUIET = QColor("#0E1013"), QColor("#F2F4F7"), QColor("#B6BEC9")
SHADE = QColor(14, 17, 21, 205)
"""On pictures the colours are the same in all themes: the picture does not change with them."""
TONES = {"yes": QColor("#4CC38A"), "no": QColor("#FF8378"), "looking": QColor("#7BA2FF")}


class LiveView(QWidget):
    """Shows frames as they come. A click, or the arrow keys, choose among several faces."""

    picked = Signal(float, float)
    """A point (x, y) of the frame, on the face to follow."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._sight: Sight | None = None
        self._mirrored = False
        self._scaled = Scaled()
        self._label, self._tone = "", "looking"
        self._note, self._words = "", ""
        self._arrivals: deque[float] = deque(maxlen=40)
        self._scenes: deque[tuple[int, Scene]] = deque(maxlen=30)
        self._cut = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Live picture")
        self.setMouseTracking(True)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(640), theme().tokens.px(480))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(280), theme().tokens.px(180))

    # -- what is shown -----------------------------------------------------------------------------------

    def show_frame(self, frame: Frame | None, mirrored: bool = False) -> None:
        """The newest frame; None empties the view. `mirrored`: left and right as in a mirror."""
        self._frame, self._mirrored = frame, mirrored
        if frame is None:
            self._sight = None
            self._arrivals.clear()
            self._scenes.clear()
        else:
            self._arrivals.append(frame.time)
            self._scenes.append((frame.number, scene(frame.picture)))
            self._look_for_cut()
        self.update()

    def show_sight(self, sight: Sight) -> None:
        """What was found in the newest frame that was looked through."""
        self._look_for_cut(sight)
        self._sight = sight
        self.update()

    def _look_for_cut(self, sight: Sight | None = None) -> None:
        """Whether another scene has come since: one person's name must not stand at another's face."""
        sight = self._sight if sight is None else sight
        if sight is None or not self._scenes:
            return
        then = min(self._scenes, key=lambda one: abs(one[0] - sight.number))[1]
        self._cut = is_cut(then, self._scenes[-1][1], sight.face, sight.size)

    def show_answer(self, label: str, tone: str) -> None:
        """The words above the face that is followed; `tone` is yes, no or looking."""
        if (label, tone) != (self._label, self._tone):
            self._label, self._tone = label, tone
            self._name_it()
            self.update()

    def show_note(self, note: str) -> None:
        """One line at the lower left: what could be better, or how good it is."""
        if note != self._note:
            self._note = note
            self._name_it()
            self.update()

    def show_words(self, words: str) -> None:
        """A few words in the middle: "Paused", "Opening …"."""
        if words != self._words:
            self._words = words
            self._name_it()
            self.update()

    @property
    def has_words(self) -> bool:
        """Whether words stand over the picture."""
        return bool(self._words)

    @property
    def rate(self) -> float | None:
        """Frames shown a second, over the last ones; None while too few have come."""
        times = self._arrivals
        if len(times) < 5 or time.monotonic() - times[-1] > 1.5:
            return None
        return (len(times) - 1) / max(1e-6, times[-1] - times[0])

    def _name_it(self) -> None:
        parts = [part for part in (self._words, self._label, self._note) if part]
        self.setAccessibleDescription(". ".join(parts))

    # -- geometry ----------------------------------------------------------------------------------------

    def picture_rect(self) -> QRectF:
        """Where the picture is painted: all of it, as large as it fits, in the middle."""
        if self._frame is None:
            return QRectF(self.rect())
        height, width = self._frame.picture.shape[:2]
        scale = min(self.width() / width, self.height() / height)
        size = width * scale, height * scale
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def _scale(self, sight: Sight) -> float:
        return self.picture_rect().width() / sight.size[1]

    def _place(self, sight: Sight, x: float, y: float) -> QPointF:
        """A point of the frame on the widget."""
        area, scale = self.picture_rect(), self._scale(sight)
        across = sight.size[1] - x if self._mirrored else x
        return QPointF(area.left() + across * scale, area.top() + y * scale)

    def box_of(self, sight: Sight, face: Face) -> QRectF:
        """A face's box on the widget."""
        x, y, width, height = face.box
        corners = self._place(sight, x, y), self._place(sight, x + width, y + height)
        return QRectF(*corners).normalized()

    # -- choosing a face ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        face = self._face_at(event.position())
        if face is not None:
            self.picked.emit(*face.centre)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        other = self._face_at(event.position())
        choice = other is not None and self._sight is not None and other is not self._sight.face
        self.setCursor(Qt.CursorShape.PointingHandCursor if choice else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self._sight is None or len(self._sight.faces) < 2:
            super().keyPressEvent(event)
            return
        step = -step if self._mirrored else step
        ordered = sorted(self._sight.faces, key=lambda face: face.centre[0])
        at = next((index for index, face in enumerate(ordered) if face is self._sight.face), 0)
        self.picked.emit(*ordered[(at + step) % len(ordered)].centre)

    def _face_at(self, position: QPointF) -> Face | None:
        if self._sight is None:
            return None
        held = [face for face in self._sight.faces if self.box_of(self._sight, face).contains(position)]
        return min(held, key=lambda face: face.size, default=None)

    # -- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), GROUND)
        if self._frame is not None:
            self._paint_frame(painter, self._frame)
            self._paint_faces(painter)
            self._paint_notes(painter)
        if self._words:
            self._paint_words(painter)
        # A clip would be round too, but a picture is copied much faster into a rectangle.
        corners, rounded = QPainterPath(), QPainterPath()
        corners.addRect(QRectF(self.rect()))
        rounded.addRoundedRect(QRectF(self.rect()), tokens.px(8), tokens.px(8))
        painter.fillPath(corners.subtracted(rounded), tokens.window)
        if self.hasFocus():
            painter.setPen(QPen(tokens.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), tokens.px(8), tokens.px(8))

    def _paint_frame(self, painter: QPainter, frame: Frame) -> None:
        area, ratio = self.picture_rect(), self.devicePixelRatioF()
        image = self._scaled.image(frame.picture, area.size(), ratio, self._mirrored)
        painter.drawImage(area.topLeft().toPoint(), image)

    def _paint_faces(self, painter: QPainter) -> None:
        sight = self._sight
        if sight is None or self._frame is None or self._frame.time - sight.time > STALE or self._cut:
            return
        tone = TONES[self._tone]
        for face in sight.faces:
            box = self.box_of(sight, face)
            if face is not sight.face:
                painter.setPen(QPen(QUIET, 1.5, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 6, 6)
                continue
            painter.setPen(QPen(tone, 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(QPen(tone, 2))
            painter.setBrush(INK)
            radius = max(2.5, min(4.5, box.width() / 40))
            for x, y in face.points:
                painter.drawEllipse(self._place(sight, float(x), float(y)), radius, radius)
            if self._label:
                self._paint_label(painter, box, tone)

    def _paint_label(self, painter: QPainter, box: QRectF, tone: QColor) -> None:
        px = theme().tokens.px
        font = theme().font("body", strong=True)
        metrics = QFontMetrics(font)
        area = self.picture_rect()
        widest = max(px(120), box.width())
        words = metrics.elidedText(self._label, Qt.TextElideMode.ElideRight, round(widest - px(20)))
        width, height = metrics.horizontalAdvance(words) + px(20), px(24)
        left = max(area.left() + px(4), min(box.left() - 1, area.right() - width - px(4)))
        top = box.top() - height - px(6)
        if top < area.top() + px(4):
            top = min(box.bottom() + px(6), area.bottom() - height - px(4))
        tag = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tone)
        painter.drawRoundedRect(tag, px(6), px(6))
        painter.setFont(font)
        painter.setPen(QColor("#0F1215"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_notes(self, painter: QPainter) -> None:
        px = theme().tokens.px
        area = self.picture_rect()
        room = area.width() - px(24)
        rate = self.rate
        if rate is not None:
            room -= self._paint_pill(painter, f"{rate:.0f} frames / s", area, room, right=True) + px(8)
        if self._note and room > px(80):
            self._paint_pill(painter, self._note, area, room, right=False)

    def _paint_pill(self, painter: QPainter, words: str, area: QRectF, room: float, *, right: bool) -> float:
        """A line on a dark ground in a lower corner; how wide it is."""
        px = theme().tokens.px
        font = theme().font("value")
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, round(room - px(20)))
        width, height = metrics.horizontalAdvance(shown) + px(20), px(28)
        left = area.right() - px(12) - width if right else area.left() + px(12)
        pill = QRectF(left, area.bottom() - px(12) - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(SHADE)
        painter.drawRoundedRect(pill, px(6), px(6))
        painter.setFont(font)
        painter.setPen(INK)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)
        return width

    def _paint_words(self, painter: QPainter) -> None:
        if self._frame is not None:
            painter.fillRect(self.rect(), QColor(14, 17, 21, 150))
        painter.setFont(theme().font("heading"))
        painter.setPen(INK)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words)
