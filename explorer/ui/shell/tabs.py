"""The open networks as tabs; with one network there is nothing to choose, and no tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QWidget

from explorer.session.session import OpenNetwork, Session
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.panels import Line, Panel


class Tabs(Panel):
    """Follows the session; asks for closing, because that may have to ask the person."""

    close_asked = Signal(object)
    new_asked = Signal()
    show_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("window", margins=0, spacing=0)
        self._session = session
        self.bar = _Bar()
        self.bar.setAccessibleName("Open networks")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.installEventFilter(self)
        self._plus = IconButton("plus", "New network", "Ctrl+T")
        self._plus.clicked.connect(self.new_asked)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.bar)
        row.addWidget(self._plus, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(Line())
        self._filling = False
        self.bar.tabBarClicked.connect(lambda index: self.show_asked.emit())
        self.bar.currentChanged.connect(self._chosen)
        session.opened.connect(self._follow)
        session.closed.connect(self._follow)
        session.activated.connect(self._follow)
        session.retitled.connect(self._follow)
        self._follow()

    def _follow(self, _tab: OpenNetwork | None = None) -> None:
        """Make the bar equal to the session."""
        self._filling = True
        tabs = self._session.tabs
        while self.bar.count() > len(tabs):
            self.bar.removeTab(self.bar.count() - 1)
        while self.bar.count() < len(tabs):
            self._add_close(self.bar.addTab(""))
        for index, (tab, name) in enumerate(zip(tabs, told_apart([tab.title for tab in tabs]), strict=True)):
            title = f"{name} •" if tab.modified else name
            if self.bar.tabText(index) != title:
                self.bar.setTabText(index, title.replace("&", "&&"))
            where = str(tab.path) if tab.path else "Not saved to a file yet"
            self.bar.setTabToolTip(index, where)
            self.bar.setAccessibleTabName(index, f"{name}, edited" if tab.modified else name)
        if self._session.active in tabs:
            self.bar.setCurrentIndex(tabs.index(self._session.active))
        self.setVisible(len(tabs) > 1)
        self._filling = False

    def _add_close(self, index: int) -> None:
        button = IconButton("close", "Close this network", "Ctrl+W")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = theme().tokens.px(20)
        button.setFixedSize(QSize(side, side))
        button.setStyleSheet("padding: 0px;")  # or little is left of the cross
        button.clicked.connect(lambda: self._ask_close(button))
        self.bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)

    def _ask_close(self, button: QWidget) -> None:
        for index in range(self.bar.count()):
            if self.bar.tabButton(index, QTabBar.ButtonPosition.RightSide) is button:
                self.close_asked.emit(self._session.tabs[index])
                return

    def _chosen(self, index: int) -> None:
        if not self._filling and 0 <= index < len(self._session.tabs):
            self._session.activate(self._session.tabs[index])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            and event.button() == Qt.MouseButton.MiddleButton
        ):
            index = self.bar.tabAt(event.position().toPoint())
            if index >= 0:
                self.close_asked.emit(self._session.tabs[index])
                return True
        return False


class _Bar(QTabBar):
    """A tab bar that outlines the current tab while it has the keyboard."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().tokens.accent, 2))
            box = self.tabRect(self.currentIndex()).toRectF().adjusted(2, 2, -2, -2)
            painter.drawRoundedRect(box, 4, 4)


def told_apart(titles: Sequence[str]) -> list[str]:
    """The titles, the second and later of the same ones numbered."""
    seen: Counter[str] = Counter()
    found = []
    for title in titles:
        seen[title] += 1
        found.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return found
