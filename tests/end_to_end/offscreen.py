"""The hands of a person where there is no X server: Qt's own test events, in the real program."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.end_to_end.driver import Person

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class OffscreenPerson(Person):
    """Clicks and types by events; it does not drag."""

    def activate(self, window: QWidget) -> None:
        if window is self.window:
            self.ask(lambda: window.resize(1440, 900))  # the screen that Qt makes up is smaller
        super().activate(window)

    def click(self, at: QPoint, times: int = 1) -> None:
        def act() -> None:
            window = QApplication.activeModalWidget() or self.window
            widget = window.childAt(window.mapFromGlobal(at))
            assert widget is not None, f"nothing is at {at}"
            for _ in range(times):
                QTest.mouseClick(widget, LEFT, PLAIN, widget.mapFromGlobal(at))

        self.ask.soon(act)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.ask.soon(partial(_press, key))

    def write(self, text: str) -> None:
        self.ask(lambda: QTest.keyClicks(_focus(), text))


def _press(key: str) -> None:
    QTest.keySequence(_focus(), QKeySequence(key))


def _focus() -> QWidget:
    focus = QApplication.activePopupWidget() or QApplication.focusWidget() or QApplication.activeWindow()
    assert focus is not None
    return focus
