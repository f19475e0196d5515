"""The ghost of a card that is not there yet."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from explorer.ui.canvas.look import Look, dashed
from explorer.ui.canvas.metrics import CARD_WIDTH, EDGE, FOOT, HEAD_HEIGHT, INSET, INSET_RIGHT, RADIUS


def ghost_area(middle: QPointF) -> QRectF:
    """Where the ghost lies when the pointer holds it by its middle."""
    height = HEAD_HEIGHT + FOOT
    return QRectF(middle.x() - CARD_WIDTH / 2, middle.y() - height / 2, CARD_WIDTH, height)


def paint_ghost(
    painter: QPainter, look: Look, area: QRectF, title: str, size: str, family: str, note: str = ""
) -> None:
    """Draw a dashed card with its title, the size that it would give, and where it would go."""
    tokens = look.tokens
    painter.setOpacity(0.94)
    painter.setPen(dashed(tokens.accent, 1.6))
    painter.setBrush(tokens.card)
    painter.drawRoundedRect(area, RADIUS, RADIUS)
    painter.setOpacity(1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.families[family])
    painter.drawRoundedRect(QRectF(area.x() + 2, area.y() + 8, EDGE, area.height() - 16), 2, 2)
    room = CARD_WIDTH - INSET - INSET_RIGHT
    color = tokens.error if size == "?" else tokens.accent
    width = look.width(size, "size") + 10 if size else 0
    look.write(
        painter, look.elided(title, "name", room - width), area.x() + INSET, area.y() + 9, "name", tokens.text
    )
    if size:
        look.write(painter, size, area.right() - INSET_RIGHT, area.y() + 9, "size", color, right=True)
    if note:
        look.write(
            painter, look.elided(note, "value", room), area.x() + INSET, area.y() + 29, "value", tokens.muted
        )
