"""What a workspace imports is imported beside the window when a person nears it: a click then finds it done.

Imports are most of what a workspace takes when it is first shown: pyqtgraph, OpenCV, its own hundred files.
All of it from the start would cost memory for what may never be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Runner
from explorer.ui.workspace import Entry


class Warming(QObject):
    """Starts one Job for each workspace, at most; what can't be imported is told when it is opened."""

    def __init__(self, entries: Sequence[Entry], parent: QObject) -> None:
        super().__init__(parent)
        self._runner = Runner(self)  # of its own: this is not worth a word in the status line
        self._wanted = {entry.name: entry.imports for entry in entries if entry.imports}
        self._watched: dict[QObject, str] = {}

    def watch(self, widget: QWidget, name: str) -> None:
        """Begin when the pointer comes over the widget, or the keyboard to it."""
        self._watched[widget] = name
        widget.installEventFilter(self)

    def begin(self, name: str) -> None:
        """Import what a workspace needs; nothing where that was begun before."""
        modules = self._wanted.pop(name, ())
        if modules:
            self._runner.start(Work("Getting ready", partial(_import, modules)))

    def close(self) -> None:
        """Begin nothing more; an import that runs is waited for."""
        self._wanted.clear()
        self._runner.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self.begin(self._watched.get(watched, ""))
        return False


def _import(modules: Sequence[str], context: Context) -> None:
    for module in modules:
        context.check()
        import_module(module)
