"""The release of PySide6 that is installed must not lose references to None.

6.12.0 on Python 3.11 does, one for each call of an overridden method that returns nothing, and aborts after a
while: `pyproject.toml` keeps to releases under which this test passes.
"""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, QObject, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

CALLS = 2000


class Counted(QObject):
    calls = 0

    def customEvent(self, event: QEvent) -> None:
        self.calls += 1


class Item(QGraphicsItem):
    calls = 0

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, 10, 10)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        type(self).calls += 1


def lost(before: int) -> int:
    return before - sys.getrefcount(None)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there")
def test_overridden_methods_keep_their_references_to_none(qapp: object) -> None:
    receiver = Counted()
    event = QEvent(QEvent.Type.User)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        receiver.event(event)
    assert receiver.calls == CALLS
    assert lost(before) < CALLS // 10

    scene = QGraphicsScene()
    scene.addItem(Item())
    picture = QImage(10, 10, QImage.Format.Format_RGB32)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter = QPainter(picture)
        scene.render(painter)
        painter.end()
    assert Item.calls == CALLS
    assert lost(before) < CALLS // 10
