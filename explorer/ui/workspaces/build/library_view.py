"""The list of the library: drawn calmly, dragged from, walked through by keys."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFontMetrics, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.ui.canvas.item_mime import MIME_TYPE, Item, encode
from explorer.ui.theme import theme
from explorer.ui.workspaces.build.library_rows import LibraryRow

Index = QModelIndex | QPersistentModelIndex
MARK = 26
"""Side of what hangs at the pointer."""
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_SPOKEN = {"layer": "layer", "block": "block", "saved": "saved block", "network": "network"}


class LibraryModel(QAbstractListModel):
    """The rows. Headings cannot be selected, so keys pass over them."""

    renamed = Signal(str, str)
    """A saved block's name, and the one that was typed for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LibraryRow] = []

    def show_rows(self, rows: list[LibraryRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.rows[index.row()]
        if row.kind == "heading":
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if row.kind == "saved":
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if row.is_item else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = [row.title, _SPOKEN.get(row.kind, ""), row.detail and f"{row.detail} parameters"]
            return ", ".join(word for word in words if word)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not str(value).strip() or str(value) == row.name:
            return False
        self.renamed.emit(row.name, str(value))
        return True

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Any) -> QMimeData:
        row = self.rows[next(iter(indexes)).row()]
        return mime_of(row)


def mime_of(row: LibraryRow) -> QMimeData:
    """What a drag of an item carries."""
    return encode(Item(row.kind, row.name))  # type: ignore[arg-type]  # headings are not dragged


class LibraryDelegate(QStyledItemDelegate):
    """A heading, or an item with its family's square and, at the right, its detail."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: LibraryRow = index.data(ROW_ROLE)
        px = theme().tokens.px
        if row.kind == "heading":
            return QSize(px(120), px(30) if row.level == 0 and index.row() else px(24))
        return QSize(px(120), px(27))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: LibraryRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        state = option.state
        tokens = theme().tokens
        px = tokens.px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.kind == "heading":
            painter.setFont(theme().font("label", strong=row.level == 0))
            painter.setPen(tokens.muted)
            inner = rect.adjusted(px(12), 0, -px(8), -px(4))
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), row.title)
            painter.restore()
            return
        ground = QRectF(rect).adjusted(px(6), 1, -px(6), -1)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.accent_wash)
            painter.drawRoundedRect(ground, px(6), px(6))
            if state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QPen(tokens.accent, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.hover)
            painter.drawRoundedRect(ground, px(6), px(6))
        paint_item(painter, row, rect.adjusted(px(14), 0, -px(14), 0))
        painter.restore()


def paint_item(painter: QPainter, row: LibraryRow, rect: QRect) -> None:
    """Mark, title and detail of an item, for the list and for what hangs at the pointer."""
    tokens = theme().tokens
    px = tokens.px
    left = rect.left()
    side = px(8)
    box = QRectF(left, rect.center().y() - side / 2 + 0.5, side, side)
    if row.kind in ("layer", "block", "saved"):
        paint_mark(painter, row, box)
        left += px(16)
    right = rect.right()
    if row.detail:
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        width = QFontMetrics(painter.font()).horizontalAdvance(row.detail)
        painter.drawText(
            QRect(right - width, rect.top(), width + 1, rect.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
            row.detail,
        )
        right -= width + px(8)
    painter.setFont(theme().font("body"))
    painter.setPen(tokens.accent if row.kind == "more" else tokens.text)
    text = QFontMetrics(painter.font()).elidedText(row.title, Qt.TextElideMode.ElideRight, right - left)
    painter.drawText(QRect(left, rect.top(), right - left + 1, rect.height()), _MIDDLE, text)


def paint_mark(painter: QPainter, row: LibraryRow, box: QRectF) -> None:
    """The square of a layer in its family's colour, or the empty one of a block."""
    tokens = theme().tokens
    if row.kind == "layer":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.family(row.family))
        painter.drawRoundedRect(box, 2, 2)
    else:
        painter.setPen(QPen(tokens.muted, 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def ghost(row: LibraryRow, density: float) -> QPixmap:
    """What hangs at the pointer while an item is dragged: of a network a card with its name, else the mark
    alone, as the canvas draws the card to be, with its name, and would be covered.
    """
    tokens = theme().tokens
    px = tokens.px
    named = row.kind == "network"
    width = QFontMetrics(theme().font("body")).horizontalAdvance(row.title) + px(56)
    size = QSize(min(max(width, px(140)), px(280)), px(38)) if named else QSize(px(MARK), px(MARK))
    pixmap = QPixmap(size * density)
    pixmap.setDevicePixelRatio(density)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.94)
    painter.setPen(QPen(tokens.accent, 1.5))
    painter.setBrush(tokens.card)
    painter.drawRoundedRect(QRectF(1, 1, size.width() - 2, size.height() - 2), px(8), px(8))
    if named:
        paint_item(painter, row, QRect(px(12), 0, size.width() - px(24), size.height()))
    else:
        painter.setOpacity(1.0)
        paint_mark(painter, row, QRectF(px(8), px(8), size.width() - px(16), size.height() - px(16)))
    painter.end()
    return pixmap


class LibraryView(QListView):
    """`chosen` comes with a double click or Enter, `removing` with Delete on one's own; F2 renames those."""

    chosen = Signal(object)
    removing = Signal(object)
    left_at_top = Signal()

    def __init__(self, model: LibraryModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(LibraryDelegate(self))
        self.setAccessibleName("Library")
        self.setAccessibleDescription("Enter puts an item after the selected layer; networks open in a tab")
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.doubleClicked.connect(self._choose)
        self.clicked.connect(self._open_more)
        theme().changed.connect(self.doItemsLayout)

    def current_row(self) -> LibraryRow | None:
        """The row under the keyboard, if it is not a heading."""
        index = self.currentIndex()
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, LibraryRow) and row.kind != "heading" else None

    def select_first(self) -> None:
        """Put the keyboard on the first item."""
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            if index.flags() & Qt.ItemFlag.ItemIsSelectable:
                self.setCurrentIndex(index)
                return

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, LibraryRow) and row.is_item:
            self.chosen.emit(row)

    def _open_more(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, LibraryRow) and row.kind == "more":
            self.chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row()
        key = event.key()
        if row is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(row)
        elif row is not None and row.kind == "saved" and key == Qt.Key.Key_Delete:
            self.removing.emit(row)
        elif row is not None and row.kind == "saved" and key == Qt.Key.Key_F2:
            self.edit(self.currentIndex())
        elif key == Qt.Key.Key_Up and self._is_first():
            self.left_at_top.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: Any) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.ShortcutOverride:
            row = self.current_row()
            plain = not event.modifiers()
            # Delete in this list never means the layers that are selected on the canvas.
            own = event.key() == Qt.Key.Key_Delete or (row is not None and row.kind == "saved")
            if plain and ((event.text().isprintable() and event.text()) or own):
                event.accept()
        return super().event(event)

    def _is_first(self) -> bool:
        above = range(self.currentIndex().row())
        selectable = Qt.ItemFlag.ItemIsSelectable
        return not any(self.model().index(row, 0).flags() & selectable for row in above)

    def startDrag(self, actions: Qt.DropAction) -> None:
        row = self.current_row()
        if row is None or not row.is_item:
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of(row))
        picture = ghost(row, self.devicePixelRatioF())
        drag.setPixmap(picture)
        px = theme().tokens.px
        drag.setHotSpot(QPoint(px(16), px(19)) if row.kind == "network" else QPoint(-px(8), px(MARK + 4)))
        drag.exec(Qt.DropAction.CopyAction)
