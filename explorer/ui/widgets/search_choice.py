"""One of many: a list that is searched by typing any part of a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QStyle, QStyleOptionComboBox, QStylePainter

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice

FEW = 12
"""So many can be looked through; there is nothing to type then."""


def style_suggestions(completer: QCompleter) -> None:
    """Make what a completer offers look like every other list that drops down."""
    popup = completer.popup()
    assert popup is not None
    popup.setProperty("kind", "suggestions")


class SearchChoice(Choice):
    """As `Choice`; with many items it can be typed into. What fits none, or several, changes nothing."""

    def set_items(self, items: Sequence[tuple[str, Any]]) -> None:
        """Show other items; emits nothing."""
        self.clear()
        for text, value in items:
            self.addItem(text, value)
        many = len(items) > FEW
        if many == self.isEditable():
            return  # as it is already, with its completer and connections
        self.setEditable(many)
        self.setToolTip("Type a part of its name" if many else "")
        line = self.lineEdit()
        if line is None:
            return
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line.setFrame(False)
        line.setAccessibleName(self.accessibleName())
        completer = self.completer()
        assert completer is not None  # an editable box has one
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        style_suggestions(completer)
        line.editingFinished.connect(self._take)

    def _take(self) -> None:
        """The item that is called what was typed, or the only one that has it in its name."""
        typed = self.currentText().strip().casefold()
        names = [self.itemText(index) for index in range(self.count())]
        exact = [index for index, name in enumerate(names) if name.casefold() == typed]
        within = [index for index, name in enumerate(names) if typed and typed in name.casefold()]
        found = exact or (within if len(within) == 1 else [])
        before = self.currentIndex()
        self.setCurrentIndex(found[0] if found else before)
        self.setEditText(self.itemText(self.currentIndex()))
        if found and found[0] != before:
            self.activated.emit(found[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isEditable():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        tokens = theme().tokens
        side = tokens.px(14)
        box = QRect(self.width() - side - tokens.px(8), (self.height() - side) // 2, side, side)
        paint_icon(painter, "chevron-down", box, tokens.muted if self.isEnabled() else tokens.line_strong)
