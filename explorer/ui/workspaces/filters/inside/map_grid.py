"""A page of feature maps as small pictures; the unit under the pointer, and the one that was clicked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme
from explorer.ui.workspaces.filters.images import image_of
from explorer.ui.workspaces.filters.inside.jobs import Page, Unit

SMALLEST, LARGEST, CAPTION, GAP, INSET = 56, 320, 16, 8, 6
EVEN = 0.8
"""As small tiles may be, of the largest, for the sake of even rows."""
ENOUGH = 24
"""Maps that a page shows at least, where there are so many and there is room for them."""
_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class MapGrid(QWidget):
    """`hovered(Unit | None)` with the pointer, `picked(Unit)` with a click or the arrow keys.

    `room_changed(count)` says how many maps fit; `turned(pages)` comes with the wheel and the page keys.
    """

    hovered = Signal(object)
    picked = Signal(object)
    turned = Signal(int)
    room_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._page: Page | None = None
        self._images: list[QImage] = []
        self._unit: Unit | None = None
        self._pinned: Unit | None = None
        self._words = ""
        self._turn = 0
        self._count = 0
        self.setAccessibleName("Feature maps")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._measure)

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(480), theme().tokens.px(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(160), theme().tokens.px(160))

    # -- what is shown -----------------------------------------------------------------------------------

    def show_page(self, page: Page | None) -> None:
        """Another page, or none."""
        self._page = page
        self._images = [image_of(one) for one in page.tiles] if page is not None else []
        if page is not None:
            strongest = ", ".join(str(one) for one in page.channels[:6])
            self.setAccessibleDescription(f"Maps {strongest} of {len(page.order)}")
        self._measure()
        self.update()

    def show_units(self, unit: Unit | None, pinned: Unit | None) -> None:
        """Which units are marked."""
        if (unit, pinned) != (self._unit, self._pinned):
            self._unit, self._pinned = unit, pinned
            self.update()

    def show_words(self, words: str) -> None:
        """A sentence where there are no maps."""
        if words != self._words:
            self._words = words
            self.update()

    # -- geometry ----------------------------------------------------------------------------------------

    @property
    def side(self) -> int:
        """The longer side of a tile: as large as leaves room for enough of them, no larger than helps."""
        px = theme().tokens.px
        longest = max(self._page.size) if self._page is not None else 28
        maps = len(self._page.order) if self._page is not None else ENOUGH
        least, side = px(SMALLEST), px(min(LARGEST, max(SMALLEST, 32 * longest)))
        wanted = min(maps, ENOUGH)
        while side > least and self._fitting(side) < wanted:
            side -= px(4)
        largest = side
        while maps <= ENOUGH and side > least and side > EVEN * largest and self._ragged(side, maps):
            side -= px(4)
        return int(max(least, largest if self._ragged(side, maps) else side))

    def _ragged(self, side: int, maps: int) -> bool:
        """Whether the last row would stand nearly empty below others."""
        across = self._across(side)
        return maps > across and 0 < maps % across < across / 2

    def _across(self, side: int) -> int:
        px = theme().tokens.px
        return int(max(1, (self.width() - 2 * px(INSET) + px(GAP)) // (side + px(GAP))))

    def _fitting(self, side: int) -> int:
        """How many tiles of that side there is room for."""
        px = theme().tokens.px
        down = max(1, (self.height() - 2 * px(INSET) + px(GAP)) // (side + px(CAPTION) + px(GAP)))
        return int(self._across(side) * down)

    def _columns(self) -> int:
        return self._across(self.side)

    def _pitch(self) -> int:
        px = theme().tokens.px
        return self.side + px(CAPTION) + px(GAP)

    def _measure(self) -> None:
        count = self._fitting(self.side)
        if count != self._count:
            self._count = count
            self.room_changed.emit(count)
        self.update()

    def tile_rect(self, place: int) -> QRectF:
        """Where the map of a tile lies, with the proportions of the layer's maps."""
        gap = theme().tokens.px(GAP)
        row, column = divmod(place, self._columns())
        side = self.side
        rows, columns = self._page.size if self._page is not None else (1, 1)
        scale = side / max(rows, columns)
        width, height = columns * scale, rows * scale
        inset = theme().tokens.px(INSET)
        left, top = inset + column * (side + gap), inset + row * self._pitch()
        return QRectF(left + (side - width) / 2, top + (side - height) / 2, width, height)

    def unit_at(self, position: QPointF) -> Unit | None:
        """The unit under a point."""
        if self._page is None:
            return None
        for place, channel in enumerate(self._page.channels):
            box = self.tile_rect(place)
            if box.contains(position):
                rows, columns = self._page.size
                row = min(rows - 1, int((position.y() - box.top()) / box.height() * rows))
                column = min(columns - 1, int((position.x() - box.left()) / box.width() * columns))
                return Unit(self._page.node, channel, row, column)
        return None

    # -- mouse and keys ----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(None if unit == self._pinned else unit)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turn += event.angleDelta().y()
        steps = int(self._turn / 120)
        if steps:
            self._turn -= steps * 120
            self.turned.emit(-steps)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Escape and self._pinned is not None:
            self.picked.emit(None)
        elif key in _ARROWS and self._page is not None and self._page.channels:
            self._step(*_ARROWS[key], bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            super().keyPressEvent(event)

    def _step(self, rows: int, columns: int, whole: bool) -> None:
        """One unit on; with Ctrl one map on."""
        assert self._page is not None
        height, width = self._page.size
        now = self._pinned
        if now is None or now.node != self._page.node or now.channel not in self._page.channels:
            self.picked.emit(Unit(self._page.node, self._page.channels[0], height // 2, width // 2))
            return
        if whole or height * width == 1:
            place = self._page.channels.index(now.channel) + rows * self._columns() + columns
            place = max(0, min(len(self._page.channels) - 1, place))
            self.picked.emit(Unit(now.node, self._page.channels[place], now.row, now.column))
            return
        row, column = max(0, min(height - 1, now.row + rows)), max(0, min(width - 1, now.column + columns))
        self.picked.emit(Unit(now.node, now.channel, row, column))

    # -- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        if self._page is None or not self._images:
            painter.setPen(tokens.muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._words)
            return
        dead = set(self._page.statistics.dead)
        painter.setFont(theme().font("label"))
        for place, (channel, image) in enumerate(zip(self._page.channels, self._images, strict=True)):
            self._paint_tile(painter, place, channel, image, channel in dead)
        for unit, strong in ((self._pinned, True), (self._unit, False)):
            if unit is not None and unit.node == self._page.node and unit.channel in self._page.channels:
                self._paint_unit(painter, unit, strong)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.accent, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_tile(self, painter: QPainter, place: int, channel: int, image: QImage, dead: bool) -> None:
        tokens = theme().tokens
        px = tokens.px
        box = self.tile_rect(place)
        smooth = image.width() > box.width() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(box, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tokens.line_strong, 1))
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        left = px(INSET) + place % self._columns() * (self.side + px(GAP))
        below = px(INSET) + place // self._columns() * self._pitch() + self.side
        caption = QRectF(left, below, self.side, px(CAPTION))
        painter.setPen(tokens.warning if dead else tokens.muted)
        words = f"{channel} · dead" if dead else str(channel)
        painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_unit(self, painter: QPainter, unit: Unit, strong: bool) -> None:
        """Blue on white, as in the other pictures; never smaller than can be seen."""
        assert self._page is not None
        box = self.tile_rect(self._page.channels.index(unit.channel))
        rows, columns = self._page.size
        width, height = box.width() / columns, box.height() / rows
        cell = QRectF(box.left() + unit.column * width, box.top() + unit.row * height, width, height)
        short = max(0.0, 7 - min(width, height)) / 2
        cell.adjust(-short, -short, short, short)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(Qt.GlobalColor.white, 4 if strong else 2.5))
        painter.drawRect(cell)
        painter.setPen(QPen(QColor("#2F62E0"), 2 if strong else 1))
        painter.drawRect(cell)
