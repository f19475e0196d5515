"""A card of the start page that leads into a workspace: its icon, what one comes for, and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from explorer.ui.icons import paint_icon
from explorer.ui.shell.cards import CARD_WIDTH, Card
from explorer.ui.theme import theme

HEIGHT = 76


class Door(Card):
    """Takes mouse and keys as the other cards do."""

    def __init__(self, symbol: str, title: str, note: str) -> None:
        super().__init__(title, note, note)
        self._symbol = symbol

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(CARD_WIDTH), px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(120), px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hot, focus = self.underMouse(), self.hasFocus()
        edge = tokens.accent if focus else tokens.line_strong if hot else tokens.line
        inset = 1.0 if focus else 0.5
        painter.setPen(QPen(edge, 2 if focus else 1))
        painter.setBrush(tokens.card)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(inset, inset, -inset, -inset), px(8), px(8))
        side = px(40)
        ground = QRect(px(16), (self.height() - side) // 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.accent_wash)
        painter.drawRoundedRect(ground, px(8), px(8))
        inner = (side - px(22)) // 2
        paint_icon(painter, self._symbol, ground.adjusted(inner, inner, -inner, -inner), tokens.accent)
        left = ground.right() + px(13)
        room = QRect(left, px(8), self.width() - left - px(12), self.height() - px(16))
        wrapped = Qt.TextFlag.TextWordWrap
        strong, quiet = theme().font("body", strong=True), theme().font("value")
        painter.setFont(quiet)
        note = min(
            painter.fontMetrics().boundingRect(room, wrapped, self._note).height(), room.height() - px(20)
        )
        room.setTop((self.height() - note - px(20)) // 2)
        painter.setPen(tokens.muted)
        painter.drawText(room.adjusted(0, px(20), 0, 0), wrapped, self._note)
        painter.setFont(strong)
        painter.setPen(tokens.text)
        room.setHeight(px(20))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
