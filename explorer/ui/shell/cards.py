"""The cards of the start page: a network as a small picture with its name, in a grid that fits the width."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.shell.silhouette import Volume, paint_silhouette
from explorer.ui.theme import theme

CARD_WIDTH = 208
CARD_HEIGHT = 136
GAP = 12


class Card(QAbstractButton):
    """A picture of volumes, a title and a quiet second line; `missing` says that its file is gone."""

    def __init__(self, title: str, note: str, tip: str = "") -> None:
        super().__init__()
        self.setText(title)
        self._note = note
        self._volumes: tuple[Volume, ...] = ()
        self._missing = False
        self.setAccessibleName(f"{title}, {note}")
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def missing(self) -> bool:
        """Whether the file it stands for is gone."""
        return self._missing

    @property
    def pictured(self) -> bool:
        """Whether its volumes are known."""
        return bool(self._volumes)

    def show_volumes(self, volumes: tuple[Volume, ...]) -> None:
        """Draw these."""
        self._volumes = volumes
        self.update()

    def show_missing(self) -> None:
        """Say that the file is not there."""
        self._missing = True
        self._note = "File not found"
        self.setAccessibleName(f"{self.text()}, file not found")
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(CARD_WIDTH), px(CARD_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(120), px(CARD_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A button of Qt would take the arrows as Tab; the grid knows what lies above and below.
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hot, focus = self.underMouse(), self.hasFocus()
        edge = tokens.accent if focus else tokens.line_strong if hot else tokens.line
        inset = 1.0 if focus else 0.5
        pen = QPen(edge, 2 if focus else 1)
        if self._missing and not focus:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if self._missing else tokens.card)
        box = self.rect().toRectF().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, px(8), px(8))
        words = px(48)
        picture = QRectF(px(16), px(12), self.width() - px(32), self.height() - words - px(20))
        if self._missing:
            side = px(28)
            place = QRect(
                round(picture.center().x() - side / 2), round(picture.center().y() - side / 2), side, side
            )
            paint_icon(painter, "file-missing", place, tokens.muted)
        else:
            paint_silhouette(painter, picture, self._volumes, tokens)
        left = QRect(px(12), self.height() - words, self.width() - px(24), px(20))
        painter.setPen(tokens.muted if self._missing else tokens.text)
        font = theme().font("body", strong=True)
        painter.setFont(font)
        middle = Qt.AlignmentFlag.AlignVCenter
        metrics = painter.fontMetrics()
        painter.drawText(
            left, middle, metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, left.width())
        )
        painter.setPen(tokens.muted)
        painter.setFont(theme().font("value"))
        below = left.translated(0, px(20))
        metrics = painter.fontMetrics()
        painter.drawText(
            below, middle, metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, below.width())
        )


class CardGrid(QWidget):
    """Cards in equal columns, as many as fit; arrow keys move between them."""

    removed = Signal(object)

    def __init__(self, spread: bool = False) -> None:
        """With `spread`, few cards share the whole width, in rows as even as can be."""
        super().__init__()
        self.cards: list[Card] = []
        self._spread = spread
        self._columns = 0
        self._fillers: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        theme().changed.connect(self._arrange)

    def show_cards(self, cards: list[Card]) -> None:
        """Show these and no others."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = cards
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
        }.get(Qt.Key(event.key()))
        at = next((i for i, card in enumerate(self.cards) if card.hasFocus()), None)
        if at is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.cards[at].click()
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.cards[at])
        elif step is not None and 0 <= at + step < len(self.cards):
            self.cards[at + step].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        px = theme().tokens.px
        gap = px(GAP)
        columns = max(1, (self.width() + gap) // (px(CARD_WIDTH) + gap))
        if self._spread:
            rows = max(1, -(-len(self.cards) // columns))
            columns = max(1, -(-len(self.cards) // rows))
        self._grid.setSpacing(gap)
        if columns == self._columns:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        # A column without a widget would lose its gap, and its neighbours would be wider than other grids'.
        fill = [QWidget() for _ in range(columns - len(self.cards))]
        for filler in self._fillers:
            filler.deleteLater()
        self._fillers = fill
        for index, widget in enumerate([*self.cards, *fill]):
            self._grid.addWidget(widget, index // columns, index % columns)
