"""Panels: side columns that scroll by themselves, split by hairlines, and hairlines alone."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QPoint, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QSplitterHandle, QVBoxLayout, QWidget

from explorer.ui.theme import theme

GRIP = 7
"""How wide the invisible part of a splitter's hairline is that the pointer can take, in pixels."""


class Line(QFrame):
    """A hairline, horizontal unless asked for otherwise."""

    def __init__(self, vertical: bool = False) -> None:
        super().__init__()
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().tokens.line)


class Panel(QFrame):
    """A ground ("panel", "window", "canvas", "card", "well") with a column layout on the 4 px grid."""

    def __init__(self, ground: str = "panel", margins: int = 12, spacing: int = 8) -> None:
        super().__init__()
        self.setProperty("ground", ground)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margins, margins, margins, margins)
        self.column.setSpacing(spacing)


class ScrollPanel(QScrollArea):
    """A panel that scrolls when its content is taller; add to `.column`."""

    def __init__(self, ground: str = "panel", margins: int = 12, spacing: int = 8) -> None:
        super().__init__()
        self.content = Panel(ground, margins, spacing)
        self.column = self.content.column
        self.setProperty("ground", ground)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.content)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.content.minimumSizeHint().width(), theme().tokens.px(80))


class Splitter(QSplitter):
    """Panels with a 1 px line between them that is wider to the pointer than to the eye."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(orientation)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)

    def childEvent(self, event: QChildEvent) -> None:
        # A splitter takes every child that is a widget for a panel; the grips are none.
        if not isinstance(event.child(), _Grip):
            super().childEvent(event)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Add a panel that takes `stretch` parts of the room left over."""
        self.addWidget(widget)
        self.setStretchFactor(self.count() - 1, stretch)


class _Handle(QSplitterHandle):
    """The line; a transparent grip above it, a few pixels to both sides, takes the mouse."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self._grip: _Grip | None = None

    def showEvent(self, event: object) -> None:
        if self._grip is None:
            self._grip = _Grip(self)
        self._place()
        self._grip.show()

    def hideEvent(self, event: object) -> None:
        if self._grip is not None:
            self._grip.hide()

    def moveEvent(self, event: object) -> None:
        self._place()

    def resizeEvent(self, event: object) -> None:
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().tokens.line)

    def _place(self) -> None:
        if self._grip is not None:
            reach = GRIP // 2
            across = self.orientation() == Qt.Orientation.Horizontal
            sides = (-reach, 0, reach, 0) if across else (0, -reach, 0, reach)
            self._grip.setGeometry(self.geometry().adjusted(*sides))
            self._grip.raise_()

    def drag(self, position: QPoint) -> None:
        """Move the line to a position in the splitter."""
        across = self.orientation() == Qt.Orientation.Horizontal
        self.moveSplitter(position.x() if across else position.y())


class _Grip(QWidget):
    def __init__(self, handle: _Handle) -> None:
        super().__init__()
        self._handle = handle
        self.setParent(handle.splitter())  # now, when the splitter can see what it gets
        across = handle.orientation() == Qt.Orientation.Horizontal
        self.setCursor(Qt.CursorShape.SplitHCursor if across else Qt.CursorShape.SplitVCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._handle.drag(self.mapToParent(event.position().toPoint()))
