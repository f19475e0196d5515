"""How a card is drawn, from its face: the same strokes on the screen and in an exported picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from explorer.ui.canvas.face import UNKNOWN, Face
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.look import Look, cosmetic, dashed, mixed
from explorer.ui.canvas.metrics import (
    CARD_WIDTH,
    DOT,
    EDGE,
    GAP,
    HEAD_HEIGHT,
    INSET,
    INSET_RIGHT,
    LABEL_WIDTH,
    RADIUS,
    RIDER_HEIGHT,
    rider_top,
)
from explorer.ui.canvas.outline import Kind
from explorer.ui.canvas.volume import paint_volume

_FAR_LINE = 26
TEXT_ROOM = CARD_WIDTH - INSET - INSET_RIGHT


@dataclass(slots=True)
class Stance:
    """What the person is doing with a card. `ghost` is "", "added" or "changed"."""

    selected: bool = False
    hovered: bool = False
    ghost: str = ""
    holds: bool = False
    """Something selected is in it, but not to be seen."""
    rider: int = -1
    """The rider that is hovered, -1 for none."""
    riders: tuple[int, ...] = ()
    """The riders that are selected."""


@lru_cache(maxsize=256)
def _body(height: float) -> tuple[QPainterPath, QPainterPath, QPainterPath]:
    """The outline of a card, the part of it that the family's edge leaves free, and its shadow."""
    whole = QPainterPath()
    whole.addRoundedRect(QRectF(0, 0, CARD_WIDTH, height), RADIUS, RADIUS)
    inner = QPainterPath()
    inner.addRect(QRectF(EDGE, 0, CARD_WIDTH, height))
    return whole, whole.intersected(inner), whole.translated(0, 1.5)


def paint_card(
    painter: QPainter, kind: Kind, face: Face, height: float, look: Look, level: Level, stance: Stance
) -> None:
    """Draw a card whose body has its upper left corner at the origin."""
    if kind is Kind.DOT:
        _paint_dot(painter, face, look, level, stance)
        return
    _paint_body(painter, kind, face, height, look, stance)
    if level is Level.MIDDLE:
        _paint_middle(painter, face, height, look, kind is Kind.BLOCK)
    elif kind is Kind.BAR:
        _first_line(painter, face, look, stance, 6)
    else:
        _first_line(painter, face, look, stance, 9)
        muted = look.tokens.muted
        count = look.width(face.count, "value")
        detail = look.elided(face.detail, "value", TEXT_ROOM - count - 8)
        look.write(painter, detail, INSET, 29, "value", muted)
        if face.count:
            look.write(painter, face.count, CARD_WIDTH - INSET_RIGHT, 29, "value", muted, right=True)
        if face.gauge is not None:
            _paint_gauge(painter, face.gauge, look)
        if kind is Kind.BLOCK:
            _paint_content(painter, face, look)
        else:
            _paint_riders(painter, face, look, stance)
    if face.problem in ("error", "warning"):
        _paint_badge(painter, face.problem, look)


def paint_beside(painter: QPainter, face: Face, look: Look) -> None:
    """Draw the volume to the right of a card whose body has its upper left corner at the origin."""
    if face.shape is not None:
        color = look.families[face.family]
        paint_volume(painter, face.shape, CARD_WIDTH + 14, HEAD_HEIGHT / 2, color, look.ground)


def _paint_body(painter: QPainter, kind: Kind, face: Face, height: float, look: Look, stance: Stance) -> None:
    tokens = look.tokens
    whole, inner, shadow = _body(height)
    fill = tokens.accent_wash if stance.selected and not stance.ghost else tokens.card
    edge = tokens.error if face.problem == "error" else look.families[face.family]
    if kind is Kind.BLOCK:
        # A folded block is a small stack, so that it is no layer even without colour.
        painter.setPen(look.pens["card"])
        painter.setBrush(look.ground)
        painter.drawRoundedRect(QRectF(6, 6, CARD_WIDTH - 12, height - 2), RADIUS, RADIUS)
        fill = mixed(tokens.accent, fill, 0.05)
    elif kind is Kind.BAR:
        fill = look.washes[face.family]
    elif not tokens.dark and not look.vector and not stance.ghost:
        # Opaque on purpose: a translucent fill of this size takes longer than all the rest of the card.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.shadow)
        painter.drawPath(shadow)
    if stance.selected:
        ring = QColor(tokens.accent)
        ring.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ring)
        painter.drawRoundedRect(QRectF(-3, -3, CARD_WIDTH + 6, height + 6), RADIUS + 3, RADIUS + 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(edge)
    painter.drawPath(whole)
    painter.setBrush(fill)
    painter.drawPath(inner)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_border(kind, face, look, stance))
    painter.drawPath(whole)


def _border(kind: Kind, face: Face, look: Look, stance: Stance) -> QPen:
    if stance.ghost == "added":
        return dashed(look.tokens.accent, 1.5)
    if face.problem == "error":
        return look.pens["error"]
    if stance.selected:
        return look.pens["selected"]
    if stance.holds:
        return QPen(look.tokens.accent, 1.5)
    if stance.hovered:
        return QPen(look.tokens.muted, 1.2)
    if kind is Kind.BLOCK or face.quiet:
        return dashed(look.tokens.muted, 1)
    return look.pens["card"]


def _first_line(painter: QPainter, face: Face, look: Look, stance: Stance, top: float) -> None:
    tokens = look.tokens
    changed = stance.ghost in ("changed", "added")
    size_color = tokens.accent if changed else _size_color(face, look, tokens.text)
    size = look.elided(face.size, "size", TEXT_ROOM * 0.75)
    room = TEXT_ROOM - look.width(size, "size") - 10
    times = f" ×{face.copies}" if face.copies > 1 else ""
    name = look.elided(face.name, "name", room - look.width(times, "name"))
    look.write(painter, name, INSET, top, "name", tokens.text)
    if times:
        look.write(painter, times, INSET + look.width(name, "name"), top, "name", tokens.accent)
    look.write(painter, size, CARD_WIDTH - INSET_RIGHT, top, "size", size_color, right=True)


def _size_color(face: Face, look: Look, usual: QColor) -> QColor:
    """Unknown is red where the cause is, and quiet on everything that only follows from it."""
    if face.size != UNKNOWN:
        return usual
    return look.tokens.error if face.problem == "error" else look.tokens.muted


def _paint_riders(painter: QPainter, face: Face, look: Look, stance: Stance) -> None:
    tokens = look.tokens
    whole = stance.selected and len(stance.riders) == len(face.lines)  # one outline says that
    for index, line in enumerate(face.lines):
        top = rider_top(index)
        chosen = index in stance.riders and not whole
        if chosen or index == stance.rider:
            painter.setPen(cosmetic(tokens.accent, 1.5) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(
                tokens.accent_wash if chosen else tokens.card if stance.selected else tokens.hover
            )
            painter.drawRoundedRect(QRectF(EDGE + 4, top + 1, CARD_WIDTH - EDGE - 8, RIDER_HEIGHT - 2), 4, 4)
        painter.setPen(look.pens["line"])
        if whole or not {index, index - 1} & set(stance.riders):
            painter.drawLine(QLineF(INSET, top, CARD_WIDTH - INSET_RIGHT, top))
        wrong = line.problem == "error"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.error if wrong else look.families[line.family])
        painter.drawEllipse(QPointF(INSET + 3, top + RIDER_HEIGHT / 2), 3, 3)
        count = look.width(line.count, "label")
        text = look.elided(line.text, "label", TEXT_ROOM - 14 - count - 8)
        color = tokens.error if wrong else tokens.text if chosen else tokens.muted
        look.write(painter, text, INSET + 14, top + 3.5, "label", color)
        if line.count:
            look.write(
                painter, line.count, CARD_WIDTH - INSET_RIGHT, top + 3.5, "label", tokens.muted, right=True
            )


def _paint_gauge(painter: QPainter, share: float, look: Look) -> None:
    """How large a training's figure is, as a thin bar under the second line."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.tokens.line)
    painter.drawRoundedRect(QRectF(INSET, 46, TEXT_ROOM, 3), 1.5, 1.5)
    painter.setBrush(look.tokens.accent)
    painter.drawRoundedRect(QRectF(INSET, 46, max(3.0, share * TEXT_ROOM), 3), 1.5, 1.5)


def _paint_content(painter: QPainter, face: Face, look: Look) -> None:
    """What is in a folded block: a small bar for each layer, in the order of the flow."""
    layers = len(face.content)
    words = f"{layers:,} layer{'s' * (layers != 1)}"
    look.write(painter, words, CARD_WIDTH - INSET_RIGHT, 52, "label", look.tokens.muted, right=True)
    room = TEXT_ROOM - look.width(words, "label") - 10
    if not layers:
        return
    shown = face.content[:: -(-layers // int(room // 5))]
    pitch = min(7.0, room / len(shown))
    painter.setPen(Qt.PenStyle.NoPen)
    for index, family in enumerate(shown):
        painter.setBrush(look.families[family])
        painter.drawRect(QRectF(INSET + index * pitch, 54, pitch - 2, 10))


def _paint_middle(painter: QPainter, face: Face, height: float, look: Look, block: bool) -> None:
    """The name, large; the size beside or below it where both fit; riders as thin strips of their colour."""
    name = f"{face.name} ×{face.copies}" if face.copies > 1 else face.name
    shown = look.elided(name, "far", TEXT_ROOM)
    strips = 0 if block else min(len(face.lines), 4)
    size = "×".join(face.size.split(" × "))
    room = height - strips * 6
    beside = look.width(shown, "far") + look.width(size, "far") + 16 <= TEXT_ROOM
    below = not beside and room >= 2 * _FAR_LINE + 4 and look.width(size, "far") <= TEXT_ROOM
    top = (room - _FAR_LINE * (1 + below)) / 2
    color = look.tokens.error if face.problem == "error" else look.tokens.text
    look.write(painter, shown, INSET, top, "far", color)
    if beside:
        look.write(painter, size, CARD_WIDTH - INSET_RIGHT, top, "far", look.tokens.muted, right=True)
    elif below:
        look.write(painter, size, INSET, top + _FAR_LINE, "far", look.tokens.muted)
    painter.setPen(Qt.PenStyle.NoPen)
    for index in range(strips):
        painter.setBrush(look.families[face.lines[index].family])
        y = height - 6 - 6 * (strips - 1 - index) - 2
        painter.drawRect(QRectF(INSET, y, TEXT_ROOM, 3))


def _paint_dot(painter: QPainter, face: Face, look: Look, level: Level, stance: Stance) -> None:
    tokens = look.tokens
    middle, radius = QPointF(DOT / 2, DOT / 2), DOT / 2 - 1
    color = tokens.error if face.problem == "error" else look.families[face.family]
    if stance.selected:
        ring = QColor(tokens.accent)
        ring.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ring)
        painter.drawEllipse(middle, radius + 5, radius + 5)
    painter.setBrush(tokens.accent_wash if stance.selected else tokens.card)
    pen = dashed(tokens.accent, 2) if stance.ghost == "added" else QPen(color, 2)
    painter.setPen(pen if not stance.selected else look.pens["selected"])
    painter.drawEllipse(middle, radius, radius)
    painter.setPen(QPen(color, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    arm = 5.5 if face.sign == "+" else 4.2
    lines = (
        ((0, -arm, 0, arm), (-arm, 0, arm, 0))
        if face.sign == "+"
        else ((-arm, -arm, arm, arm), (-arm, arm, arm, -arm))
    )
    for x1, y1, x2, y2 in lines:
        painter.drawLine(QPointF(middle.x() + x1, middle.y() + y1), QPointF(middle.x() + x2, middle.y() + y2))
    if level is Level.NEAR:
        _paint_dot_label(painter, face, look, stance)
    if face.problem in ("error", "warning"):
        _paint_badge(painter, face.problem, look)


def _paint_dot_label(painter: QPainter, face: Face, look: Look, stance: Stance) -> None:
    """Left of the dot: its name, and below it what rides on it and the size."""
    tokens = look.tokens
    end = -float(GAP)
    riders = ", ".join(line.text.split(" · ")[0] for line in face.lines)
    size_color = tokens.accent if stance.ghost else _size_color(face, look, tokens.muted)
    name = look.elided(f"{face.name}, then {riders}" if riders else face.name, "value", LABEL_WIDTH)
    look.write(painter, name, end, -2, "value", tokens.text, right=True)
    look.write(
        painter, look.elided(face.size, "label", LABEL_WIDTH), end, 14, "label", size_color, right=True
    )


def _paint_badge(painter: QPainter, severity: str, look: Look) -> None:
    """A sign at the corner: a problem is told by more than its colour."""
    color = look.tokens.error if severity == "error" else look.tokens.warning
    painter.setPen(QPen(look.ground, 2))
    painter.setBrush(QBrush(color))
    painter.drawEllipse(QPointF(2, 2), 8, 8)
    ground = look.tokens.on_accent if look.tokens.dark else QColor("#FFFFFF")
    painter.setPen(QPen(ground, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(2, -2), QPointF(2, 2.5))
    painter.drawPoint(QPointF(2, 6))
