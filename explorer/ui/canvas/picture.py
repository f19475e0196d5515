"""The whole network as a picture: SVG and PDF with selectable text, or PNG. Works without a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QFontDatabase,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator

from explorer.network import atomic
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.numerals import compact
from explorer.ui.canvas.block_item import paint_region
from explorer.ui.canvas.card_painting import Stance, paint_beside, paint_card
from explorer.ui.canvas.face import Facts, face_of
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.link_item import paint_wire
from explorer.ui.canvas.look import Look
from explorer.ui.canvas.metrics import GAP, LABEL_WIDTH, VOLUME_ROOM
from explorer.ui.canvas.outline import Kind, Outline
from explorer.ui.canvas.outliner import outline_of
from explorer.ui.canvas.placement import Placement, place
from explorer.ui.canvas.wire_path import arrow_at, path_along
from explorer.ui.theme import DARK, LIGHT

Format = Literal["svg", "pdf", "png"]
Ground = Literal["light", "dark"]

_MARGIN = 32.0
_HEADING = 60.0
_MOST_PIXELS = 100_000_000
_LONGEST_IMAGE = 16_000
_LONGEST_PAGE = 14_000.0
"""In points; PDF readers refuse pages of more than 14,400."""
_POINT = 0.75
"""Points in a unit of the scene: a card in print is as large as on a screen at 96 dpi."""

_application: QGuiApplication | None = None


@dataclass(frozen=True)
class _Sheet:
    """All that is painted, and how much room it takes."""

    title: str
    subtitle: str
    outline: Outline
    placement: Placement
    facts: Facts
    bounds: QRectF


def export(
    network: Network, path: Path, theme: Ground = "light", kind: Format | None = None, scale: float = 2.0
) -> Path:
    """Write the network, folded as it is, to `path`; the kind comes from its ending if none is given.

    `scale` is for PNG: pixels per unit, less where the picture would be too large for anyone to open.
    Raises UserError for another ending, or where the file cannot be written.
    """
    chosen = kind or path.suffix.lower().removeprefix(".")
    writers: dict[str, Callable[[_Sheet, Look], bytes]] = {
        "svg": _svg,
        "pdf": _pdf,
        "png": lambda sheet, look: _png(sheet, look, scale),
    }
    if chosen not in writers:
        raise UserError(
            f"{path.name}: a picture is written as .svg, .pdf or .png; choose one of these endings."
        )
    ensure_application()
    look = Look(DARK if theme == "dark" else LIGHT, _family(), vector=chosen != "png")
    atomic.write(path, writers[chosen](_sheet(network), look))
    return path


def ensure_application() -> None:
    """Fonts and painters need a QGuiApplication: make one without a screen if there is none."""
    global _application
    if QGuiApplication.instance() is None:
        if sys.platform not in ("win32", "darwin"):
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _application = QGuiApplication(["explorer"])


def _family() -> str:
    if QFontDatabase.hasFamily("Inter"):
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def _sheet(network: Network) -> _Sheet:
    inference = infer(network)
    facts = Facts(network, inference, {})
    outline = outline_of(network)
    placement = place(outline, network)
    bounds = QRectF(*placement.bounds)
    for key, card in outline.cards.items():
        body = placement.bodies[key]
        left = GAP + LABEL_WIDTH if card.kind is Kind.DOT else 0
        right = VOLUME_ROOM if card.trunk and card.kind in (Kind.LAYER, Kind.BLOCK) else 0
        bounds |= QRectF(body.x - left, body.y, body.width + left + right, body.height)
    bounds.adjust(-_MARGIN, -_MARGIN - _HEADING, _MARGIN, _MARGIN)
    if bounds.width() < 360:
        bounds.adjust(-(360 - bounds.width()) / 2, 0, (360 - bounds.width()) / 2, 0)
    totals = inference.totals
    parameters, macs = compact(totals.parameters, totals.exact), compact(totals.macs, totals.exact)
    return _Sheet(network.name, f"{parameters} parameters · {macs} MACs", outline, placement, facts, bounds)


def _svg(sheet: _Sheet, look: Look) -> bytes:
    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(sheet.title)
    generator.setDescription(sheet.subtitle)
    generator.setResolution(96)
    size = sheet.bounds.size()
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    _paint(painter, sheet, look)
    painter.end()
    return bytes(buffer.data().data())


def _pdf(sheet: _Sheet, look: Look) -> bytes:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(sheet.title)
    writer.setCreator("ConvNet Explorer")
    longest = max(sheet.bounds.width(), sheet.bounds.height()) * _POINT
    points = _POINT * min(1.0, _LONGEST_PAGE / longest)
    page = QPageSize(
        QSizeF(sheet.bounds.width() * points, sheet.bounds.height() * points), QPageSize.Unit.Point
    )
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(1200)
    painter = QPainter(writer)
    dots = 1200 / 72 * points
    painter.scale(dots, dots)
    _paint(painter, sheet, look)
    painter.end()
    return bytes(buffer.data().data())


def _png(sheet: _Sheet, look: Look, scale: float) -> bytes:
    width, height = sheet.bounds.width(), sheet.bounds.height()
    scale = min(scale, _LONGEST_IMAGE / max(width, height), (_MOST_PIXELS / (width * height)) ** 0.5)
    image = QImage(QSize(round(width * scale), round(height * scale)), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    _paint(painter, sheet, look)
    painter.end()
    buffer = _buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    return buffer


def _paint(painter: QPainter, sheet: _Sheet, look: Look) -> None:
    bounds = sheet.bounds
    painter.fillRect(QRectF(0, 0, bounds.width(), bounds.height()), look.ground)
    painter.translate(-bounds.x(), -bounds.y())
    left = bounds.x() + _MARGIN
    look.write(painter, sheet.title, left, bounds.y() + _MARGIN - 6, "title", look.tokens.text)
    look.write(painter, sheet.subtitle, left, bounds.y() + _MARGIN + 24, "value", look.tokens.muted)
    blocks = sheet.facts.network.blocks
    for block, region in sheet.outline.regions.items():
        area = sheet.placement.regions[block]
        painter.translate(area.x, area.y)
        paint_region(painter, blocks[block], region.copies, area, look, Level.NEAR)
        painter.translate(-area.x, -area.y)
    for wire in sorted(sheet.outline.wires.values(), key=lambda wire: not wire.shortcut):
        route = sheet.placement.routes[wire.key]
        paint_wire(painter, path_along(route), arrow_at(route), look, wire.shortcut)
    for key, card in sheet.outline.cards.items():
        body, face = sheet.placement.bodies[key], face_of(card, sheet.facts)
        painter.translate(body.x, body.y)
        paint_card(painter, card.kind, face, body.height, look, Level.NEAR, Stance())
        if card.trunk and face.changes_shape and card.kind in (Kind.LAYER, Kind.BLOCK):
            paint_beside(painter, face, look)
        painter.translate(-body.x, -body.y)
