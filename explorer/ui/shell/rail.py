"""The rail: which workspace is shown. Arrow keys move along it, Enter or Space shows one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.workspace import Entry

WIDTH = 64


class Rail(QFrame):
    """One button for each workspace there is."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAccessibleName("Workspaces")
        self._column = QVBoxLayout(self)
        self.buttons: dict[str, RailButton] = {}
        for number, entry in enumerate(entries, 1):
            button = RailButton(entry, f"Alt+{number}")
            button.clicked.connect(lambda _=False, name=entry.name: self.chosen.emit(name))
            self.buttons[entry.name] = button
            self._column.addWidget(button)
        self._column.addStretch(1)
        theme().changed.connect(self._fit)
        self._fit()

    def show_chosen(self, name: str) -> None:
        """Mark one as shown; "" marks none."""
        for key, button in self.buttons.items():
            button.setChecked(key == name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        order = list(self.buttons.values())
        at = next((i for i, button in enumerate(order) if button.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
            return
        order[(at + step) % len(order)].setFocus(Qt.FocusReason.TabFocusReason)

    def _fit(self) -> None:
        px = theme().tokens.px
        self.setFixedWidth(px(WIDTH))
        self._column.setContentsMargins(px(4), px(8), px(4), px(8))
        self._column.setSpacing(px(4))


class RailButton(QAbstractButton):
    """An icon over a word."""

    def __init__(self, entry: Entry, shortcut: str) -> None:
        super().__init__()
        self._icon = entry.icon
        self.setText(entry.title)
        self.setCheckable(True)
        self.setAccessibleName(entry.title)
        self.setToolTip(f"{entry.title} ({shortcut})")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(56), px(56))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A button of Qt would take the arrows as Tab, and leave the rail with them.
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def nextCheckState(self) -> None:
        """The rail decides which one is checked, not the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().toRectF()
        on = self.isChecked()
        if on or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.accent_wash if on else tokens.hover)
            painter.drawRoundedRect(box, px(6), px(6))
        if self.hasFocus():
            painter.setPen(QPen(tokens.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), px(6), px(6))
        color = tokens.accent if on else tokens.text if self.underMouse() else tokens.muted
        side = px(22)
        paint_icon(painter, self._icon, QRect((self.width() - side) // 2, px(8), side, side), color)
        painter.setPen(color)
        painter.setFont(theme().font("label", strong=on))
        painter.drawText(QRect(0, px(32), self.width(), px(18)), Qt.AlignmentFlag.AlignCenter, self.text())
