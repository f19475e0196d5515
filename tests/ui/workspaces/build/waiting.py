"""Letting Qt's loop run until something has happened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer


def settle(milliseconds: int = 60) -> None:
    """Let what follows a change a moment later happen."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], bool], milliseconds: int = 60_000) -> bool:
    """Run the event loop until something holds; whether it came to."""
    timer = QElapsedTimer()
    timer.start()
    while not condition():
        if timer.elapsed() > milliseconds:
            return False
        settle(10)
    return True
