"""What an empty canvas says instead of nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.canvas.look import dashed
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label


class EmptyHint(QWidget):
    """A place to drop on, a sentence, and the one thing to begin with."""

    def __init__(self, parent: QWidget, begin: Callable[[], object]) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 72, 32, 24)
        column.setSpacing(6)
        self._title = Label("Drag a layer here, or press Ctrl+K", "heading", self)
        self._text = Label("Sizes and counts appear as you build.", "muted", self)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addSpacing(10)
        self.button = Button("Start with an input", "primary", parent=self)
        self.button.clicked.connect(lambda: begin())
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._wanted = False
        self.hide()
        parent.installEventFilter(self)

    def want(self, wanted: bool) -> None:
        """Say it, or no longer."""
        self._wanted = wanted
        self.setVisible(wanted)
        self.place()

    def place(self) -> None:
        """Keep to the middle, a little above."""
        parent = self.parentWidget()
        if parent is not None:
            self.adjustSize()
            self.move(
                (parent.width() - self.width()) // 2, max(8, round((parent.height() - self.height()) * 0.42))
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        elif event.type() == QEvent.Type.DragEnter:
            self.hide()  # it would cover what is being dragged, and has been understood
        elif event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            QTimer.singleShot(0, self, lambda: self.setVisible(self._wanted))
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(dashed(tokens.line_strong, 1.4))
        painter.setBrush(tokens.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)
        side = tokens.px(32)
        paint_icon(painter, "build", QRectF(self.width() / 2 - side / 2, 26, side, side), tokens.muted)
