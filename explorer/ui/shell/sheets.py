"""Two sheets of the Help menu: every shortcut, made from the actions, and what this program is."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from explorer.ui.actions import Actions, shortcut_text
from explorer.ui.icons import paint_icon
from explorer.ui.shell.overlay import Overlay
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Line, ScrollPanel


class Sheet(Overlay):
    """A sheet with a title and a scrolling body that is made anew at each opening."""

    def __init__(self, window: QWidget, width: int, title: str) -> None:
        super().__init__(window, width, title)
        head = Label(title, "heading")
        head.setContentsMargins(20, 16, 20, 12)
        self.body = ScrollPanel("none", margins=20, spacing=8)
        self._close = Button("Close")
        self._close.clicked.connect(self.close_sheet)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addStretch(1)
        foot.addWidget(self._close)
        self.column.addWidget(head)
        self.column.addWidget(Line())
        self.column.addWidget(self.body, 1)
        self.column.addWidget(Line())
        self.column.addLayout(foot)

    def card_height(self, width: int) -> int:
        content = self.body.content
        wanted = content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()
        return wanted + theme().tokens.px(110)

    def open(self) -> None:
        super().open()
        self._close.setFocus()


class Shortcuts(Sheet):
    """Every action that has a shortcut, by menu, and what else `keys` tells, in two columns."""

    def __init__(
        self, window: QWidget, actions: Actions, keys: Callable[[], tuple[str, Sequence[tuple[str, str]]]]
    ) -> None:
        super().__init__(window, 680, "Keyboard shortcuts")
        self._actions = actions
        self._keys = keys
        self._grid: QWidget | None = None

    def open(self) -> None:
        if self._grid is not None:
            self._grid.deleteLater()
        self._grid = QWidget()
        self.body.column.addWidget(self._grid)
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        groups: dict[str, list[tuple[str, str]]] = {}
        for action in self._actions.all():
            if keys := shortcut_text(action):
                groups.setdefault(action.heading, []).append((action.plain, keys))
        where, more = self._keys()
        if more:
            groups[where] = list(more)
        columns = [0, 0]
        for heading, entries in groups.items():
            side = 0 if columns[0] <= columns[1] else 1
            row = columns[side]
            grid.addWidget(Heading(heading), row, side * 2, 1, 2)
            for offset, (text, keys) in enumerate(entries, 1):
                name = Label(text)
                name.setMinimumHeight(theme().tokens.px(20))
                grid.addWidget(name, row + offset, side * 2)
                shown = Label(keys, "note")
                grid.addWidget(shown, row + offset, side * 2 + 1, Qt.AlignmentFlag.AlignRight)
            columns[side] += len(entries) + 1
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(max(columns), 1)
        super().open()


class About(Sheet):
    """Name, version, licences, and where its files are."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, 440, "About ConvNet Explorer")
        from PySide6.QtCore import qVersion

        from explorer.folders import settings_folder, state_folder

        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(_Mark())
        row.addWidget(Label(f"Version {installed_version()}", "strong"), 1)
        self.body.column.addLayout(row)
        lines = (
            "A workshop for convolutional networks. It needs no connection and sends nothing anywhere.",
            f"Free software under the MIT licence. Made with Qt {qVersion()} and Python "
            f"{platform.python_version()}; the licences of what it contains are in assets/LICENSES.md.",
            f"Settings: {settings_folder()}",
            f"Copies and log: {state_folder()}",
        )
        for text in lines:
            label = Label(text, "note")
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.column.addWidget(label)
        self.body.column.addStretch(1)


class _Mark(QWidget):
    def sizeHint(self) -> QSize:
        side = theme().tokens.px(48)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme().tokens.px(48)
        box = QRect(0, (self.height() - side) // 2, side, side)
        paint_icon(QPainter(self), "app", box, theme().tokens.text)


def installed_version() -> str:
    """The version of the installed package, or that of a checkout that was never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("convnet-explorer")
    except PackageNotFoundError:
        return "of this checkout"
