"""The budget as a part of the right column that folds to one line."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.widgets.panels import Line, ScrollPanel
from explorer.ui.workspaces.build.budget import BudgetPanel


class FoldHeader(QWidget):
    """A line that opens and closes what is under it, by mouse, Space or Enter."""

    toggled = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._open = True
        self._title = title
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.summary = ElidedLabel("", "value")
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row = QHBoxLayout(self)
        self._row.addWidget(Label(title, "strong"))
        self._row.addWidget(self.summary, 1)
        self._measure()
        theme().changed.connect(self._measure)
        self.show_open(True)

    def _measure(self) -> None:
        px = theme().tokens.px
        self._row.setContentsMargins(px(30), px(8), px(12), px(8))

    def show_open(self, is_open: bool) -> None:
        """Draw it as open or closed."""
        self._open = is_open
        self.setAccessibleName(f"{self._title}, {'open' if is_open else 'closed'}")
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.toggled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggled.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), tokens.hover)
        side = tokens.px(14)
        box = self.rect().adjusted(tokens.px(10), 0, 0, 0)
        box.setWidth(side)
        paint_icon(painter, "chevron-down" if self._open else "chevron-right", box, tokens.muted)
        if self.hasFocus():
            painter.setPen(QPen(tokens.accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class BudgetSection(QWidget):
    """Header and panel; `toggled` when a person opens or closes it."""

    toggled = Signal()

    def __init__(self, panel: BudgetPanel) -> None:
        super().__init__()
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.panel = panel
        self.header = FoldHeader("Budget")
        self.header.toggled.connect(self.toggled)
        panel.told.connect(self.header.summary.setText)
        self._scroll = ScrollPanel("panel", margins=12, spacing=0)
        self._scroll.column.setContentsMargins(12, 0, 12, 12)
        self._scroll.column.addWidget(panel)
        self._scroll.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addWidget(self.header)
        column.addWidget(self._scroll, 1)

    @property
    def is_open(self) -> bool:
        return self._scroll.isVisibleTo(self)

    def set_open(self, is_open: bool) -> None:
        """Open or close; closed it is only as tall as its line."""
        self._scroll.setVisible(is_open)
        self.header.show_open(is_open)
        self.header.summary.setVisible(not is_open)
        vertical = QSizePolicy.Policy.Preferred if is_open else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.setMaximumHeight(16_777_215 if is_open else self.header.sizeHint().height() + 1)
