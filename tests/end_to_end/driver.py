"""Runs the real `main()` and uses it like a person: with the X server's own mouse and keys, through xdotool.

    python -m tests.end_to_end.driver STORY FILE

The program runs in the main thread with its own event loop. A second thread tells the story: it asks the main
thread where things are on the screen, moves the real pointer there, and looks at what came of it. The process
ends with the program's own exit code, or with 70 and a traceback if the story took another turn.
"""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from explorer.ui.window import Window

if TYPE_CHECKING:
    from explorer.network.graph import Network
    from explorer.network.layer import Layer
    from explorer.session.session import OpenNetwork
    from explorer.ui.canvas.view import CanvasView

Found = TypeVar("Found")
Widget = TypeVar("Widget", bound=QWidget)
Made = TypeVar("Made", bound="Layer")
PATIENCE = 15.0
SOON_ENOUGH = 60
"""Seconds; a program that hangs longer says where."""
OTHER_TURN = 70


class _Main(QObject):
    """Lets the telling thread call something in the main thread and wait for what it gives."""

    asked = Signal(object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)  # which keeps it alive for what is asked last
        self.asked.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def soon(self, act: Callable[[], object]) -> None:
        """Call in the main thread without waiting, e.g. what opens a dialog that holds it."""
        self.asked.emit(act)

    def __call__(self, ask: Callable[[], Found]) -> Found:
        answer: Future[Found] = Future()

        def call() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)

        self.asked.emit(call)
        return answer.result(PATIENCE)


class _Flashes(QObject):
    """Notes widgets that show up as windows of their own although nobody asked for a window."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            wanted = watched.windowType() != Qt.WindowType.Window or isinstance(watched, (Window, QDialog))
            if not wanted:
                self.seen.append(type(watched).__name__)
        return False


class Person:
    """Eyes and hands in front of the window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.ask = _Main(window)

    def activate(self, window: QWidget) -> None:
        """What a window manager does with a new window, which a bare X server has not."""
        self.ask(window.activateWindow)
        self.wait("the focus", window.isActiveWindow)

    # -- hands ------------------------------------------------------------------------------------

    def _hand(self, *words: object) -> None:
        subprocess.run(["xdotool", *[str(word) for word in words]], check=True, timeout=PATIENCE)

    def move(self, to: QPoint) -> None:
        self._hand("mousemove", to.x(), to.y())

    def click(self, at: QPoint, times: int = 1) -> None:
        self.move(at)
        time.sleep(0.05)
        self._hand("click", "--repeat", times, "--delay", 60, 1)

    def drag(self, begin: QPoint, end: QPoint, steps: int = 12) -> None:
        """Press, move in several steps as a hand does, rest, let go."""
        self.move(begin)
        time.sleep(0.1)
        self._hand("mousedown", 1)
        for step in range(1, steps + 1):
            way = end - begin
            self.move(QPoint(begin.x() + way.x() * step // steps, begin.y() + way.y() * step // steps))
            time.sleep(0.02)
        time.sleep(0.1)
        self._hand("mouseup", 1)

    def press(self, *keys: str) -> None:
        """Keys or chords, as xdotool names them: `ctrl+s`."""
        for key in keys:
            self._hand("key", "--clearmodifiers", key)
            time.sleep(0.03)

    def write(self, text: str) -> None:
        self._hand("type", "--delay", 8, text)

    # -- eyes -------------------------------------------------------------------------------------

    def wait(self, what: str, until: Callable[[], Found | None]) -> Found:
        """Look until something is so; the story ends badly if it never is."""
        end = time.monotonic() + PATIENCE
        while True:
            seen = self.ask(until)
            if seen:
                return seen
            if time.monotonic() > end:
                raise AssertionError(f"This never came: {what}. {self.ask(self._view)}")
            time.sleep(0.03)

    def _view(self) -> str:
        """What is on the screen, for whoever reads of a story's end."""
        tab = self.window.session.active
        nodes = [] if tab is None else [node.name for node in tab.document.network.nodes.values()]
        shown = [message.text for message in self.window.toasts.shown]
        focus = QApplication.focusWidget()
        return f"Open: {nodes}; messages: {shown}; focus: {focus and type(focus).__name__}."

    def middle_of(self, widget: QWidget) -> QPoint:
        """The middle of a widget on the screen."""
        return self.ask(lambda: widget.mapToGlobal(widget.rect().center()))

    def find(self, kind: type[Widget], name: str = "", where: QWidget | None = None) -> Widget:
        """The widget of a class that is to be seen, by its accessible name or its text if given."""

        def look() -> Widget | None:
            for found in (where or self.window).findChildren(kind):
                names = (found.accessibleName(), getattr(found, "text", str)())
                if found.isVisible() and (not name or name in names):
                    return found
            return None

        return self.wait(f"a {kind.__name__} {name}", look)

    def dialog(self, kind: type[Widget]) -> Widget:
        """The question that holds the window now."""

        def look() -> Widget | None:
            shown = QApplication.activeModalWidget()
            return shown if isinstance(shown, kind) and shown.isVisible() else None

        found = self.wait(f"a {kind.__name__}", look)
        self.activate(found)
        return found

    @property
    def tab(self) -> OpenNetwork:
        """The open network."""
        return self.wait("an open network", lambda: self.window.session.active)

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.tab.document.network

    def layer(self, kind: type[Made]) -> tuple[str, Made]:
        """The one layer of a kind: its node's id, and the layer as it is now."""

        def look() -> tuple[str, Made] | None:
            tab = self.window.session.active
            nodes = tab.document.network.nodes.values() if tab else ()
            return next(((node.id, node.layer) for node in nodes if isinstance(node.layer, kind)), None)

        return self.wait(f"a {kind.__name__} in the network", look)

    def wait_for_total(self, parameters: int) -> None:
        """Look until the status line counts so many parameters."""
        exact = f"{parameters:,} parameters"

        def look() -> bool:
            labels = self.window.status.findChildren(QWidget)
            return any(label.isVisible() and label.toolTip() == exact for label in labels)

        self.wait(exact, look)

    def table_row(self, title: str) -> QPoint:
        """Where a row of the table is on the screen."""
        from explorer.ui.workspaces.build.table_view import TableView

        view = self.find(TableView)

        def look() -> QPoint | None:
            model = view.model()
            role, how = Qt.ItemDataRole.DisplayRole, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
            for index in model.match(model.index(0, 0), role, title, 1, how):
                view.scrollTo(index)
                middle = view.visualRect(index).center()
                return view.viewport().mapToGlobal(middle) if view.indexAt(middle) == index else None
            return None

        return self.wait(f"{title} in the table", look)

    # -- the canvas -------------------------------------------------------------------------------

    @cached_property
    def canvas(self) -> CanvasView:
        """The view that the network is drawn in."""
        from explorer.ui.canvas.view import CanvasView

        return self.find(CanvasView)

    def card(self, node: str) -> QRect:
        """Where a node's card is on the screen, once it is there and at rest."""
        view, seen = self.canvas, [QRect()]

        def look() -> QRect | None:
            area = view.canvas_scene.area_of(view.card_of(node))
            if area is None:
                return None
            place = view.on_screen(area)
            place.moveTopLeft(view.viewport().mapToGlobal(place.topLeft()))
            at_rest = place == seen[0]
            seen[0] = place
            return place if at_rest else None

        return self.wait(f"the card of {node}", look)

    def size_on(self, node: str) -> str:
        """The output size that is written on the card of a node."""
        from explorer.ui.canvas.face import face_of

        view = self.canvas

        def look() -> str:
            item = view.canvas_scene.nodes.get(view.card_of(node))
            return "" if item is None else face_of(item.card, view.canvas_scene.facts).size

        return self.ask(look)

    def wait_for_size(self, node: str, size: str) -> None:
        """Look until the card of a node says `size`."""
        end = time.monotonic() + PATIENCE
        while (seen := self.size_on(node)) != size:
            assert time.monotonic() < end, f"The card says {seen!r}, not {size!r}."
            time.sleep(0.03)

    def library_row(self, title: str) -> QPoint:
        """Where a row of the library is on the screen, scrolled to where it can be seen."""
        from explorer.ui.workspaces.build.library_view import LibraryView

        view = self.find(LibraryView)

        def look() -> QPoint | None:
            model = view.model()
            for row in range(model.rowCount()):
                index = model.index(row, 0)
                if index.data() == title and index.flags() & Qt.ItemFlag.ItemIsDragEnabled:
                    view.scrollTo(index)
                    return view.viewport().mapToGlobal(view.visualRect(index).center())
            return None

        found = self.wait(f"{title} in the library", look)
        assert found is not None
        return found


def tell(story: Callable[[Person], None], arguments: list[str], hands: type[Person]) -> int:
    """Run the program with `arguments` and tell the story once its window is painted; the exit code.

    `hands` is the kind of person: with real hands, or one who works by events.
    """
    from explorer.__main__ import main

    begun = Window.after_first_paint

    def after_first_paint(window: Window) -> None:
        begun(window)
        flashes = _Flashes(window)
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(flashes)
        app.aboutToQuit.connect(lambda: app.removeEventFilter(flashes))
        person = hands(window)

        def run() -> None:
            try:
                person.activate(window)
                story(person)
                assert not flashes.seen, f"These flashed up as windows: {flashes.seen}"
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
                os._exit(OTHER_TURN)

        threading.Thread(target=run, daemon=True).start()

    faulthandler.dump_traceback_later(SOON_ENOUGH, exit=True)
    Window.after_first_paint = after_first_paint  # type: ignore[assignment, method-assign]
    return main(arguments)


if __name__ == "__main__":
    from tests.end_to_end import offscreen, stories
    from tests.end_to_end.driver import Person as RealPerson

    name, file = sys.argv[1:]
    told, words = stories.STORIES[name](Path(file))
    unseen = os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    sys.exit(tell(told, words, offscreen.OffscreenPerson if unseen else RealPerson))
