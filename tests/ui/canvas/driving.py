"""A canvas on the offscreen screen, and a person's hands: mouse, keys, and drags from the library."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.network.graph import Network
from explorer.session.session import OpenNetwork, Session
from explorer.ui.canvas.canvas import Canvas
from explorer.ui.canvas.item_mime import Item, encode
from explorer.ui.canvas.ports import Port, ports_of

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


class Driver:
    """One canvas with one open network."""

    def __init__(self, network: Network, size: tuple[int, int] = (1280, 800)) -> None:
        self.canvas = Canvas()
        self.canvas.resize(*size)
        self.canvas.show()
        self.session = Session()
        self.tab: OpenNetwork = self.session.open(network)
        self.messages: list[str] = []
        self.canvas.message.connect(self.messages.append)
        self.canvas.show_network(self.tab)
        self.view = self.canvas.view
        self.scene = self.canvas.scene
        self.settle()

    @property
    def network(self) -> Network:
        return self.tab.document.network

    def close(self) -> None:
        self.canvas.show_network(None)
        self.canvas.close()
        self.canvas.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def settle(self) -> None:
        QApplication.processEvents()

    def at(self, x: float, y: float) -> QPoint:
        return self.view.mapFromScene(QPointF(x, y))

    def middle(self, key: str) -> QPoint:
        """The head of a card, clear of its ports and riders."""
        area = self.scene.nodes[key].area
        return self.at(area.x + area.width / 3, area.y + min(area.height / 2, 24))

    def port(self, key: str, output: bool, node: str = "") -> QPoint:
        """A port of a card; `node` chooses among the outputs beside riders."""
        item = self.scene.nodes[key]
        fitting = [
            port
            for port in ports_of(item.card, self.scene.facts)
            if port.output == output and (not node or port.node == node)
        ]
        found: Port = fitting[0]
        return self.at(item.area.x + found.x, item.area.y + found.y)

    def hover(self, at: QPoint) -> None:
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)

    def click(self, at: QPoint, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, held, at)

    def press(self, at: QPoint, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NO_KEY) -> None:
        self._mouse(QEvent.Type.MouseButtonPress, at, button, button, held)

    def move(self, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button)

    def release(self, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        self._mouse(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton)

    def drag(
        self, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        """Press, move in a few steps, let go."""
        self.hover(start)
        self.press(start, button, held)
        for share in (0.1, 0.4, 0.8, 1.0):
            self.move(start + (end - start) * share, button)
        self.release(end, button)
        self.settle()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.keyClick(self.view, key, held)
        self.settle()

    def drag_over(self, item: Item, *places: QPoint) -> None:
        """Bring something from the library over the canvas and hold it there."""
        self._mime = encode(item)
        copy, port = Qt.DropAction.CopyAction, self.view.viewport()
        QApplication.sendEvent(port, QDragEnterEvent(places[0], copy, self._mime, LEFT, NO_KEY))
        for place in places:
            QApplication.sendEvent(port, QDragMoveEvent(place, copy, self._mime, LEFT, NO_KEY))
        self.settle()

    def drop(self, item: Item, at: QPoint) -> None:
        """Drag something from the library and let it go."""
        self.drag_over(item, at)
        event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, self._mime, LEFT, NO_KEY)
        QApplication.sendEvent(self.view.viewport(), event)
        self.settle()

    def drag_away(self) -> None:
        QApplication.sendEvent(self.view.viewport(), QDragLeaveEvent())

    def _mouse(
        self,
        kind: QEvent.Type,
        at: QPoint,
        button: Qt.MouseButton,
        buttons: Qt.MouseButton,
        held: Qt.KeyboardModifier = NO_KEY,
    ) -> None:
        port = self.view.viewport()
        event = QMouseEvent(kind, QPointF(at), QPointF(port.mapToGlobal(at)), button, buttons, held)
        QApplication.sendEvent(port, event)
