"""The line above the picture: the tabs, and at its right end where the pictures come from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from explorer.ui.icons import icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.workspaces.faces.sources import SourceButton

GAP = 4


class Strip(QWidget):
    """Tabs side by side. Where there is no room for all, the last ones wait in a menu; none is cut off."""

    chosen = Signal(int)

    def __init__(self, titles: Sequence[str], source: SourceButton) -> None:
        super().__init__()
        self.source = source
        source.setParent(self)
        self._current = 0
        self._with_source = True
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buttons: list[Button] = []
        for index, title in enumerate(titles):
            button = Button(title, "quiet", parent=self)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, index=index: self.chosen.emit(index))
            self.buttons.append(button)
        self.more = IconButton("more", "More tabs", parent=self)
        self.more.clicked.connect(self.open_more)
        source.resized.connect(self._place)
        theme().changed.connect(self._place)

    def show_current(self, index: int, with_source: bool) -> None:
        """Tick a tab, and say whether it looks through a source."""
        self._current, self._with_source = index, with_source
        for place, button in enumerate(self.buttons):
            button.setChecked(place == index)
        self._place()

    def open_more(self) -> QMenu:
        """The tabs for which there is no room."""
        menu = QMenu(self)
        menu.setAccessibleName("More tabs")
        for index, button in enumerate(self.buttons):
            if button.isHidden():
                action = menu.addAction(icon("blank"), button.text())
                action.triggered.connect(lambda _=False, index=index: self.chosen.emit(index))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))
        return menu

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(480), theme().tokens.px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(200), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        """The source first, without its name where that would cost a tab; then as many tabs as fit."""
        gap = theme().tokens.px(GAP)
        widths = [button.sizeHint().width() for button in self.buttons]
        room = self.width()
        self.source.setVisible(self._with_source)
        if self._with_source:
            whole = sum(widths) + gap * len(widths)
            self.source.show_name(whole + self.source.whole_width() <= self.width())
            wide = self.source.sizeHint().width()
            self._put(self.source, self.width() - wide, wide)
            room -= wide + gap
        shown = self._fitting(widths, room, gap)
        left = 0
        for index, button in enumerate(self.buttons):
            button.setVisible(index in shown)
            if index in shown:
                self._put(button, left, widths[index])
                left += widths[index] + gap
        rest = len(shown) < len(self.buttons)
        self.more.setVisible(rest)
        if rest:
            self._put(self.more, left, self.more.sizeHint().width())

    def _fitting(self, widths: list[int], room: int, gap: int) -> set[int]:
        """Which tabs are shown: from the left, and in any case the current one."""
        if sum(widths) + gap * (len(widths) - 1) <= room:
            return set(range(len(widths)))
        room -= self.more.sizeHint().width() + widths[self._current] + 2 * gap
        shown = {self._current}
        for index, width in enumerate(widths):
            if index == self._current:
                continue
            if width + gap > room:
                break
            room -= width + gap
            shown.add(index)
        return shown

    def _put(self, widget: QWidget, left: int, width: int) -> None:
        height = widget.sizeHint().height()
        widget.setGeometry(left, (self.height() - height) // 2, width, height)
