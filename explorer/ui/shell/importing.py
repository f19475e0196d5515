"""Networks from outside in the window: asked for where they run code, read beside it, told of afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.interop import sources
from explorer.interop.apart import Brought, reading
from explorer.network.errors import UserError
from explorer.session.session import Session
from explorer.tasks.qt import Runner
from explorer.ui.shell.import_sheet import ImportSheet
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.question import Question
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label

ENDINGS = (".onnx", ".pt2", ".py")
RUN = "Run and import"


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
        if path.suffix.lower() == ".onnx":
            self.start(str(path))
            return True
        asked = self._ask(path)
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

    def _ask(self, path: Path) -> str | None:
        """The source that is to be run, None for not at all."""
        python = path.suffix.lower() == ".py"
        makers = sources.makers(path) if python else []
        choice = Choice([(name, name) for name in makers]) if len(makers) > 1 else None
        what = (
            "Opening it runs the Python in it" if python else "Opening it unpickles, which can run code in it"
        )
        answer = Question(
            self._window,
            f"Run the code in “{path.name}”?",
            f"{what}, in a process of its own but with all that you may do on this computer. "
            "Go on only if you trust where it comes from.",
            [("Cancel", ""), (RUN, "primary")],
            None if choice is None else _labelled("What makes the network", choice),
        ).ask()
        if answer != RUN:
            return None
        name = choice.currentData() if choice is not None else makers[0] if makers else ""
        return f"{path}:{name}" if name else str(path)

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


def _labelled(text: str, widget: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(Label(text))
    layout.addWidget(widget, 1)
    return row
