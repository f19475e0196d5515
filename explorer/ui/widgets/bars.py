"""Bars with a name before and a value behind each: gradients by layer, classes by probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.theme import theme

ROW, NAME_WIDTH, VALUE_WIDTH, THICK = 18, 84, 46, 7
MOST_NAME = 0.4
"""Part of the width that long names may take."""


@dataclass(frozen=True)
class Bar:
    """`share` in [0, 1] is the length; `value` the words after it; `story` the tooltip."""

    name: str
    share: float
    value: str
    color: str = "accent"
    story: str = ""


class LayerBars(QWidget):
    """Names, bars and values below each other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._bars: Sequence[Bar] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme().changed.connect(self.updateGeometry)

    @property
    def bars(self) -> Sequence[Bar]:
        """What is shown."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """These in place of those before."""
        other_count = len(bars) != len(self._bars)
        self._bars = bars
        self.setAccessibleDescription("; ".join(f"{bar.name} {bar.value}" for bar in bars))
        if other_count:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(240), px(ROW) * len(self._bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(180), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("label"))
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0) + px(10)
        left = max(px(NAME_WIDTH), min(widest, round(MOST_NAME * self.width())))
        right = self.width() - px(VALUE_WIDTH)
        middle = Qt.AlignmentFlag.AlignVCenter
        for at, bar in enumerate(self._bars):
            top = at * px(ROW)
            if not event.rect().intersects(QRectF(0, top, self.width(), px(ROW)).toRect()):
                continue
            shown = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, left - px(8))
            painter.setPen(tokens.text)
            painter.drawText(QRectF(0, top, left, px(ROW)), middle | Qt.AlignmentFlag.AlignLeft, shown)
            y = top + (px(ROW) - px(THICK)) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.hover)
            painter.drawRoundedRect(QRectF(left, y, right - left, px(THICK)), 3, 3)
            length = max(0.0, min(1.0, bar.share)) * (right - left)
            if length > 0:
                painter.setBrush(getattr(tokens, bar.color))
                painter.drawRoundedRect(QRectF(left, y, max(length, px(3)), px(THICK)), 3, 3)
            painter.setPen(tokens.muted)
            value = QRectF(right, top, px(VALUE_WIDTH), px(ROW))
            painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, bar.value)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = event.pos().y() // max(1, theme().tokens.px(ROW))
            story = self._bars[at].story if 0 <= at < len(self._bars) else ""
            QToolTip.showText(event.globalPos(), story, self)
            return True
        return super().event(event)
