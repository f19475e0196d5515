"""Networks from outside in the window: asked for where they run code, read beside it, told of afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from explorer.interop import sources
from explorer.interop.apart import Brought, reading
from explorer.network.errors import UserError
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.import_sheet import ImportSheet
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.trust import ask_to_run, runs_code

ENDINGS = (".onnx", ".pt2", ".py")


class Importer(QObject):
    """Reads `.onnx`, `.pt2` and `.py` files and torchvision's models, each into a tab of its own."""

    def __init__(self, window: QWidget, session: Session, runner: Runner, messages: Messages) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._runner = runner
        self._messages = messages
        self._sheet: ImportSheet | None = None

    def takes(self, path: Path) -> bool:
        """Whether this file is one to import; if so it is asked for or read."""
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            return False
        asked = ask_to_run(self._window, path) if runs_code(path) else str(path)
        if asked is not None:
            self.start(asked)
        return True

    def start(self, text: str) -> None:
        """Read a source; whoever calls has asked where it runs code."""
        try:
            source = sources.parse(text)
        except UserError as error:
            self._messages.error(error)
            return
        if source is None:
            self._messages.error(UserError(f"“{text}” names no network."))
            return
        self._runner.start(reading(source), on_done=self._show)

    def _show(self, brought: Brought) -> None:
        self._session.open(brought.network)
        report = brought.report
        counts = "all counts are torch's" if report.exact else "not all counts are torch's"
        opaque = f", {len(report.opaque)} of them opaque" if report.opaque else ""
        text = f"Imported “{brought.network.name}”: {report.layers:,} layers{opaque}; {counts}."
        kind = "ok" if report.exact else "warning"
        self._messages.ask(text, ("What is what", lambda: self._tell(brought)), kind=kind)  # type: ignore[arg-type]

    def _tell(self, brought: Brought) -> None:
        if self._sheet is not None:
            self._sheet.deleteLater()
        self._sheet = ImportSheet(self._window, brought.network.name, brought.report)
        self._sheet.open()
