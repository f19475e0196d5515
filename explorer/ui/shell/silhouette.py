"""A network as a small picture: its volumes in a row, as the papers draw them, scaled from their sizes."""

from __future__ import annotations

from math import log2
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.ui.theme import Tokens

MOST = 18
GAP = 3.0
SLANT = 0.32


class Volume(NamedTuple):
    """One feature map or vector of the main path; a vector has height 1."""

    family: str
    channels: int
    height: int


def volumes(network: Network) -> tuple[Volume, ...]:
    """The volumes worth drawing, in order of evaluation: one wherever family or size changes, few in all."""
    inference = infer(network)
    found: list[Volume] = []
    for node in network.topology.order:
        family = str(network.nodes[node].layer.family)
        shape = inference.results[node].output
        if shape is None or family not in ("boundary", "convolution", "pooling", "dense", "merge"):
            continue
        if family == "boundary" and found:
            continue
        volume = Volume(
            "convolution" if family == "merge" else family, shape[0], shape[1] if len(shape) > 1 else 1
        )
        if not found or found[-1] != volume:
            found.append(volume)
    return _thinned(found)


def _thinned(found: list[Volume]) -> tuple[Volume, ...]:
    """At most `MOST`: runs of one height keep their first and widest, then even steps are taken."""
    if len(found) <= MOST:
        return tuple(found)
    kept: list[Volume] = []
    for volume in found:
        run = [other for other in kept if other.height == volume.height and volume.height > 1]
        if len(run) < 3 or volume.channels > max(other.channels for other in run):
            kept.append(volume)
    if len(kept) > MOST:
        kept = [kept[round(i * (len(kept) - 1) / (MOST - 1))] for i in range(MOST)]
    return tuple(kept)


def paint_silhouette(painter: QPainter, box: QRectF, shown: tuple[Volume, ...], tokens: Tokens) -> None:
    """Draw the volumes in a row, centred in `box`, as large as they fit."""
    if not shown:
        return
    sizes = [_extent(volume) for volume in shown]
    depths = [tall * SLANT for _, tall in sizes]
    width = sum(wide for wide, _ in sizes) + GAP * (len(sizes) - 1) + depths[-1]
    width += sum(max(0.0, depth * 0.55 - GAP) for depth in depths[:-1])
    height = max(tall + depth for (_, tall), depth in zip(sizes, depths, strict=True))
    scale = min(box.width() / width, box.height() / height, 1.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x = box.center().x() - width * scale / 2
    middle = box.center().y()
    for volume, (wide, tall), depth in zip(shown, sizes, depths, strict=True):
        rect = QRectF(x, middle - (tall - depth) * scale / 2, wide * scale, tall * scale)
        _paint_box(painter, rect, depth * scale, tokens.family(volume.family), tokens)
        x += (wide + GAP + max(0.0, depth * 0.55 - GAP)) * scale
    painter.restore()


def _extent(volume: Volume) -> tuple[float, float]:
    """Width and height in the picture's own units, both on a log scale."""
    if volume.height == 1:
        return 4.0, 10.0 + 3.2 * log2(1 + volume.channels)
    return 3.0 + 2.0 * log2(1 + volume.channels), 6.0 + 8.0 * log2(1 + volume.height) - 8.0


def _paint_box(painter: QPainter, front: QRectF, depth: float, color: QColor, tokens: Tokens) -> None:
    across = QPointF(depth * 0.7, -depth)
    a, b = front.topLeft(), front.topRight()
    c, d = front.bottomRight(), front.bottomLeft()
    painter.setPen(QPen(color, 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for face, share in (([a, b, b + across, a + across], 0.34), ([b, c, c + across, b + across], 0.5)):
        painter.setBrush(_mixed(color, tokens.card, share))
        painter.drawPolygon(QPolygonF(face))
    painter.setBrush(_mixed(color, tokens.card, 0.2))
    painter.drawPolygon(QPolygonF([a, b, c, d]))


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    def channel(ours: float, theirs: float) -> float:
        return ours * share + theirs * (1 - share)

    return QColor.fromRgbF(
        channel(color.redF(), ground.redF()),
        channel(color.greenF(), ground.greenF()),
        channel(color.blueF(), ground.blueF()),
    )
