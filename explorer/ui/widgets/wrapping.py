"""A button whose words go on a second line rather than being cut off."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button


class WrappingButton(Button):
    """As wide as it is given room for, and as high as its words then need."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self._words = text
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(theme().tokens.px(80))

    def _lines(self, width: int) -> str:
        return "\n".join(broken(self._words, self.fontMetrics(), width - theme().tokens.px(26)))

    def heightForWidth(self, width: int) -> int:
        lines = self._lines(width).count("\n") + 1
        return super().sizeHint().height() + self.fontMetrics().lineSpacing() * (lines - self._shown_lines())

    def _shown_lines(self) -> int:
        return self.text().count("\n") + 1

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lines = self._lines(self.width())
        if lines != self.text():
            self.setText(lines)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # its height was reckoned for the width before


def broken(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """The words of a text on lines of at most `width` pixels; a single longer word ends in dots."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, max(width, 1)) for line in lines]
