"""The kernels to choose from: searched, grouped, the lecture's four first, random ones last."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from explorer.imaging.kernels import KERNELS, Kernel, random_kernel
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import SearchField
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Panel
from explorer.ui.workspaces.filters.images import image_of

_KERNEL = Qt.ItemDataRole.UserRole
_OFFER = Qt.ItemDataRole.UserRole + 1


class KernelList(Panel):
    """`chosen(kernel)` with every click, and with the arrow keys as they go along."""

    chosen = Signal(object)
    filters_wanted = Signal()
    """The filters of the open network's first layer are to be listed."""

    def __init__(self) -> None:
        super().__init__("panel", 12, 8)
        self.search = SearchField("Search kernels")
        self.list = _List()
        self.list.setAccessibleName("Kernels")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setMouseTracking(True)
        self.random = Button("Random kernel", "", "repeat")
        self.random.setToolTip("Values as a fresh convolution has them; each click draws others")
        self.nothing = Label("No kernel is called that.", "muted")
        self.nothing.setWordWrap(True)
        self.column.addWidget(self.search)
        self.column.addWidget(self.nothing)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.random)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._take_first)
        self.search.left_with_arrow.connect(self._go_down)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.random.clicked.connect(self._draw_random)
        theme().changed.connect(self._fit)
        self._quiet = False
        self._offered = ""
        self._filters: tuple[Kernel, ...] = ()
        self._fill()

    def show_kernel(self, kernel: Kernel) -> None:
        """Mark the kernel in use; none where it is one's own."""
        self._quiet = True
        found = next((item for item in self._items() if item.data(_KERNEL) == kernel), None)
        self.list.setCurrentRow(self.list.row(found) if found is not None else -1)
        self._quiet = False

    def show_network(self, offered: str, filters: Sequence[Kernel] = ()) -> None:
        """Filters of a network below all others, or an offer to list them; "" for none."""
        if (offered, tuple(filters)) == (self._offered, self._filters):
            return
        self._offered, self._filters = offered, tuple(filters)
        current = self.list.currentItem()
        before = current.data(_KERNEL) if self.list.currentRow() >= 0 else None
        self._quiet = True
        self.list.clear()
        self._fill()
        self._quiet = False
        if before is not None:
            self.show_kernel(before)

    def _fill(self) -> None:
        group = ""
        for kernel in (*KERNELS, *self._filters):
            if kernel.group != group:
                group = kernel.group
                heading = QListWidgetItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(heading)
            item = QListWidgetItem(kernel.title)
            item.setData(_KERNEL, kernel)
            rows, columns = kernel.size
            item.setToolTip(f"{rows}×{columns}" + (f", {kernel.note}" if kernel.note else ""))
            if kernel in self._filters:
                item.setIcon(QIcon(_picture(kernel)))
            self.list.addItem(item)
        if self._offered and not self._filters:
            heading = QListWidgetItem("Of the open network")
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            offer = QListWidgetItem(self._offered)
            offer.setData(_OFFER, True)
            offer.setToolTip("List the filters of its first convolution, to lay them over the picture")
            self.list.addItem(heading)
            self.list.addItem(offer)
        self._fit()
        self._filter("")

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _fit(self) -> None:
        px = theme().tokens.px
        for item in self._items():
            heading = not item.flags() & Qt.ItemFlag.ItemIsSelectable
            item.setFont(theme().font("label" if heading else "body"))
            item.setForeground(theme().tokens.muted if heading else theme().tokens.text)
            item.setSizeHint(QSize(px(80), px(26)))

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        shown = 0
        heading: QListWidgetItem | None = None
        for item in self._items():
            kernel = item.data(_KERNEL)
            if kernel is None and not item.data(_OFFER):
                heading = item
                item.setHidden(True)
                continue
            known = _known(kernel) if kernel is not None else item.text().lower()
            hidden = not all(word in known for word in words)
            item.setHidden(hidden)
            if not hidden:
                shown += 1
                if heading is not None:
                    heading.setHidden(False)
        self.nothing.setVisible(not shown)

    def _shown(self) -> list[QListWidgetItem]:
        return [one for one in self._items() if not one.isHidden() and one.data(_KERNEL) is not None]

    def _take_first(self) -> None:
        for item in self._shown()[:1]:
            self.list.setCurrentItem(item)

    def _go_down(self) -> None:
        self.list.setFocus()
        if self.list.currentItem() is None or self.list.currentItem().isHidden():
            self._take_first()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_OFFER) and not self._quiet:
            self.filters_wanted.emit()
            return
        kernel = item.data(_KERNEL) if item is not None else None
        if kernel is not None and not self._quiet:
            self.chosen.emit(kernel)

    def _draw_random(self) -> None:
        self.chosen.emit(random_kernel(random.randrange(1000)))


def _known(kernel: Kernel) -> str:
    """What a kernel is found by."""
    rows, columns = kernel.size
    return f"{kernel.title} {kernel.group} {kernel.name} {rows}x{columns} {kernel.note}".lower()


def _picture(kernel: Kernel) -> QPixmap:
    """The values from black to white, each colour by its own kernel."""
    values = np.array(kernel.colors or (kernel.rows,) * 3).transpose(1, 2, 0)
    low, high = float(values.min()), float(values.max())
    scaled = np.rint((values - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
    side = theme().tokens.px(16)
    return QPixmap.fromImage(image_of(scaled)).scaled(side, side)


class _Row(QStyledItemDelegate):
    """A heading, or a kernel: its picture, if it has one, and its name on a ground with room around it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme().tokens
        px = tokens.px
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = box.left()
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            left += px(8)
            if chosen or state & QStyle.StateFlag.State_MouseOver:
                focus = chosen and state & QStyle.StateFlag.State_HasFocus
                painter.setPen(QPen(tokens.accent, 1) if focus else Qt.PenStyle.NoPen)
                painter.setBrush(tokens.accent_wash if chosen else tokens.hover)
                painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QIcon):
            side = px(16)
            picture.paint(painter, QRect(left, box.center().y() - side // 2, side, side))
            left += side + px(8)
        painter.setFont(index.data(Qt.ItemDataRole.FontRole))
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole).color())
        room = QRect(left, box.top(), box.right() - px(4) - left, box.height())
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class _List(QListWidget):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentRow()
        super().keyPressEvent(event)
        row = self.currentRow()
        if row >= 0 and not self.item(row).flags() & Qt.ItemFlag.ItemIsSelectable:  # a heading is passed over
            step = 1 if self.currentRow() >= before else -1
            target = self.currentRow() + step
            self.setCurrentRow(target if 0 <= target < self.count() else before)
