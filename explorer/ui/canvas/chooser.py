"""A small searchable list of layers that opens on the canvas, where a wire was let go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from explorer.network.layer import Family, Layer
from explorer.network.layers import LAYERS, Output
from explorer.ui.canvas.item_mime import Item
from explorer.ui.canvas.library_item import COMMON
from explorer.ui.shell.matching import best
from explorer.ui.theme import theme

_WIDTH, _HEIGHT = 232, 260
_WALKING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class LayerChooser(QFrame):
    """Typing narrows the list; Return or a click takes a layer, Escape or a click elsewhere none."""

    def __init__(self, parent: QWidget, at: QPoint, done: Callable[[Item], object], sources: bool) -> None:
        """`at` is in pixels of `parent`; with `sources` also layers that take no input, such as Input."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._done = done
        fitting = (layer for layer in LAYERS if (layer is not Output if sources else layer.arity[1] != 0))
        self._layers = sorted(fitting, key=_rank)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Choose a layer")
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(6), px(6), px(6), px(6))
        column.setSpacing(px(4))
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Which layer?")
        self.field.setAccessibleName("Search layers")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Layers")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.resize(px(_WIDTH), px(_HEIGHT))
        self._narrow("")
        room = parent.rect().adjusted(4, 4, -4 - self.width(), -4 - self.height())
        x, y = min(at.x(), room.right()), min(at.y(), room.bottom())
        self.move(parent.mapToGlobal(QPoint(max(x, room.left()), max(y, room.top()))))
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _narrow(self, query: str) -> None:
        self.list.clear()
        candidates = [(layer.title, f"{layer.__name__} {layer.keywords}") for layer in self._layers]
        order = [index for index, _ in best(query, candidates)] if query.strip() else range(len(candidates))
        for index in order:
            layer = self._layers[index]
            row = QListWidgetItem(layer.title, self.list)
            row.setSizeHint(QSize(0, theme().tokens.px(26)))
            row.setIcon(_square(layer.family.value))
            row.setData(Qt.ItemDataRole.UserRole, layer.__name__)
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _WALKING:
                self.list.event(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _take(self, row: QListWidgetItem | None) -> None:
        if row is not None:
            name = str(row.data(Qt.ItemDataRole.UserRole))
            self.close()
            self._done(Item("layer", name))


def _rank(layer: type[Layer]) -> tuple[bool, int]:
    """What is wanted most comes first, where a network begins and ends last; else as they are declared."""
    wanted = COMMON.index(layer.__name__) if layer.__name__ in COMMON else len(COMMON)
    return layer.family is Family.BOUNDARY, wanted


def _square(family: str) -> QIcon:
    """The small square in the family's colour, as the library has it."""
    side = theme().tokens.px(9)
    picture = QPixmap(side, side)
    picture.fill(theme().tokens.family(family))
    return QIcon(picture)
