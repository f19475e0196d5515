"""A card in the scene: one painted item, with its riders, its volume and its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from explorer.ui.canvas.card_painting import Stance, paint_beside, paint_card
from explorer.ui.canvas.face import Face, Facts, face_of
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.metrics import CARD_WIDTH, GAP, LABEL_WIDTH, VOLUME_ROOM, rider_top
from explorer.ui.canvas.outline import Card, Kind
from explorer.ui.canvas.placement import Area, Point
from explorer.ui.canvas.ports import PORT_RADIUS, ports_of

if TYPE_CHECKING:
    from explorer.ui.canvas.scene import CanvasScene

_MARGIN = 14.0


class NodeItem(QGraphicsItem):
    """Draws one card. It handles no events: gestures belong to the view."""

    def __init__(self, card: Card, body: Area, facts: Facts) -> None:
        super().__init__()
        self.card = card
        self.facts = facts
        self.stance = Stance()
        self.area = body
        self._face: Face | None = None
        self._bounds = _bounds(card, body)
        self.setPos(body.x, body.y)
        self.setZValue(2)

    @property
    def face(self) -> Face:
        """What is written on it, worked out when first needed."""
        if self._face is None:
            self._face = face_of(self.card, self.facts)
        return self._face

    @property
    def covers(self) -> Area:
        """The body, and what is drawn beside it."""
        x, y, width, height = self.area
        if self.card.kind is Kind.DOT:
            return Area(x - GAP - LABEL_WIDTH, y - 4, width + GAP + LABEL_WIDTH, height + 8)
        return Area(x, y, width + (VOLUME_ROOM if self.card.trunk else 0), height)

    def take(self, card: Card, body: Area, facts: Facts) -> None:
        """Show another state of the same card; repaints only what looks different."""
        if card != self.card or body[2:] != self.area[2:]:
            self.prepareGeometryChange()
            self._bounds = _bounds(card, body)
            self.card = card
            self._face = None
            self.update()
        if body[:2] != self.area[:2]:
            self.setPos(body.x, body.y)
        self.area = body
        self.learn(facts)

    def learn(self, facts: Facts) -> None:
        """Take new numbers; nothing happens while they are the same as before."""
        if _differs(self.card, self.facts, facts):
            self._face = None
            self.update()
        self.facts = facts

    def move_to(self, place: Point) -> None:
        """Follow a drag."""
        self.area = Area(place[0], place[1], self.area.width, self.area.height)
        self.setPos(*place)

    def set_stance(self, stance: Stance) -> None:
        """How the person stands to it: selected, hovered, a ghost."""
        if stance != self.stance:
            self.stance = stance
            self.setZValue(3 if stance.hovered or stance.selected else 2)
            self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        scene: CanvasScene = self.scene()  # type: ignore[assignment]
        look, level, face, card = scene.look, scene.level, self.face, self.card
        paint_card(painter, card.kind, face, self.area.height, look, level, self.stance)
        if card.trunk and face.changes_shape and card.kind in (Kind.LAYER, Kind.BLOCK):
            paint_beside(painter, face, look)
        if self.stance.hovered and level is Level.NEAR and not self.stance.ghost:
            self._paint_ports(painter, scene)

    def _paint_ports(self, painter: QPainter, scene: CanvasScene) -> None:
        tokens = scene.look.tokens
        painter.setPen(QPen(tokens.accent, 1.6))
        for port in ports_of(self.card, self.facts):
            hot = port == scene.hot_port
            painter.setBrush(tokens.accent if hot else tokens.card)
            radius = PORT_RADIUS + 1.5 if hot else PORT_RADIUS
            painter.drawEllipse(QPointF(port.x, port.y), radius, radius)


def _bounds(card: Card, body: Area) -> QRectF:
    left = GAP + LABEL_WIDTH + 4 if card.kind is Kind.DOT else 0
    right = VOLUME_ROOM if card.trunk else 0
    return QRectF(
        -_MARGIN - left, -_MARGIN, body.width + left + right + 2 * _MARGIN, body.height + 2 * _MARGIN
    )


def _differs(card: Card, before: Facts, after: Facts) -> bool:
    old, new = before.inference.results, after.inference.results
    nodes, changed = before.network.nodes, after.network.nodes
    if card.block is not None and before.network.blocks.get(card.block) is not after.network.blocks.get(
        card.block
    ):
        return True
    return any(
        node not in old
        or old[node] is not new[node]
        or nodes[node] is not changed[node]
        or before.worst(node) != after.worst(node)
        or before.marks.get(node) != after.marks.get(node)
        or (node in before.random) != (node in after.random)
        for node in card.nodes
    )


def rider_at(card: Card, y: float) -> int:
    """The index of the rider at a height below the card's top, -1 for none."""
    for index in range(len(card.riders)):
        if rider_top(index) <= y < rider_top(index + 1):
            return index
    return -1


def inside_card(kind: Kind, x: float, y: float, height: float) -> bool:
    """Whether a point relative to a card's corner lies on its body."""
    if kind is Kind.DOT:
        return (x - height / 2) ** 2 + (y - height / 2) ** 2 <= (height / 2 + 3) ** 2
    return 0 <= x <= CARD_WIDTH and 0 <= y <= height
