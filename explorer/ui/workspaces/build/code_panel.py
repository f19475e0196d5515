"""The network as PyTorch, live: of what is selected, or of the whole, to read and to copy."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.numerals import grouped
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Work
from explorer.tasks.qt import Runner
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Line
from explorer.ui.workspaces.build.code_colours import CodeColours

FOLLOW_MS = 120
"""How long the code waits behind a keystroke: it is written when a person pauses."""
AT_ONCE = 600
"""Up to so many layers are written at once, in some 20 ms; more are written beside the window."""
INDENT = 4
FITTING = 380
"""The bar is so wide that the number of lines has room."""


class CodePanel(QWidget):
    """What to show, copy and save above the code. Nothing is written while it is hidden."""

    exporting = Signal()

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tab: OpenNetwork | None = None
        self._disconnect: list[Callable[[], None]] = []
        self._shown: tuple[object, ...] | None = None
        self.what = Choice([("Selection", "selection"), ("Whole network", "whole")], "Code of")
        self.what.setMinimumContentsLength(13)
        self._whole = False
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setAccessibleName("PyTorch code")
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.view.setProperty("kind", "code")
        self._colours = CodeColours(self.view.document())
        self._count = Label("", "label")
        self._why = Label("", "label")
        self._why.setWordWrap(True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        theme().changed.connect(self._fit)
        self._fit()
        self.what.chosen.connect(self._choose)
        self._later = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._later.timeout.connect(self.flush)

    def _lay_out(self) -> None:
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(px(8), px(4), px(8), px(4))
        bar.setSpacing(px(8))
        bar.addWidget(Label("PyTorch", "heading"))
        bar.addWidget(self.what)
        bar.addWidget(self._count)
        bar.addStretch(1)
        self.copy_button = IconButton("copy", "Copy the code")
        self.copy_button.clicked.connect(self.copy)
        export = IconButton("export", "Save the code")
        export.clicked.connect(self.exporting)
        bar.addWidget(self.copy_button)
        bar.addWidget(export)
        column.addLayout(bar)
        column.addWidget(Line())
        column.addWidget(self.view, 1)
        column.addWidget(self._why, 1)

    def _fit(self) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setFixedPitch(True)
        font.setPixelSize(theme().tokens.px(12))
        font.setStyleHint(QFont.StyleHint.Monospace)
        self.view.setFont(font)
        self.view.setTabStopDistance(INDENT * self.view.fontMetrics().horizontalAdvance(" "))
        self.view.document().setDocumentMargin(theme().tokens.px(8))
        self._why.setMargin(theme().tokens.px(16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._count.setVisible(self.width() >= theme().tokens.px(FITTING))

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Show and follow another open network, or none."""
        for disconnect in self._disconnect:
            disconnect()
        self._disconnect.clear()
        self._tab = tab
        self._shown = None
        if tab is not None:
            self._disconnect = [
                tab.document.changed.connect(lambda _: self._follow()),
                tab.selection.changed.connect(self._follow),
            ]
        self._follow()

    def _follow(self) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.flush()

    def flush(self) -> None:
        """Write the code of the document as it is now."""
        self._later.stop()
        if self._tab is None:
            self._write("", "")
            return
        document = self._tab.document
        nodes = self._chosen()
        shown = (document.network, nodes)
        if self._shown is not None and self._shown == shown:
            return
        self._shown = shown
        network, inference = document.network, document.inference
        if len(network.nodes if nodes is None else nodes) <= AT_ONCE:
            self._write(*code_or_reason(network, inference, nodes))
            return

        def take(found: tuple[str, str]) -> None:
            if self._shown == shown:
                self._write(*found)

        work = Work("Writing the code", lambda context: code_or_reason(network, inference, nodes))
        self._runner.start(work, on_done=take)

    def _choose(self, what: str) -> None:
        self._whole = what == "whole"
        self.flush()

    def _chosen(self) -> frozenset[str] | None:
        """The selected nodes, those of selected blocks among them; None for the whole network."""
        assert self._tab is not None
        selection = self._tab.selection
        any_chosen = bool(selection.nodes or selection.blocks)
        whole = self._whole or not any_chosen
        self.what.setEnabled(any_chosen)
        self.what.set_value("whole" if whole else "selection")
        if whole:
            return None
        network = self._tab.document.network
        inside = {node for block in selection.blocks for node in network.nodes_within(block)}
        return frozenset(inside | set(selection.nodes))

    def _write(self, text: str, why: str) -> None:
        """Show other code where the old stands, or say why there is none."""
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.view.setVisible(not why)
        if text != self.view.toPlainText():
            across = self.view.horizontalScrollBar().value(), self.view.verticalScrollBar().value()
            self.view.setPlainText(text)
            self.view.horizontalScrollBar().setValue(across[0])
            self.view.verticalScrollBar().setValue(across[1])
        lines = len(text.splitlines())
        self._count.setText(f"{grouped(lines)} line{'s' * (lines != 1)}" if text else "")
        self.copy_button.setEnabled(bool(text))

    def text(self) -> str:
        """The code that is shown, of the document as it is now."""
        if self._later.isActive():
            self.flush()
        return self.view.toPlainText()

    def copy(self) -> None:
        """Put the code on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


def code_or_reason(network: Network, inference: Inference, nodes: frozenset[str] | None) -> tuple[str, str]:
    """The code of some nodes, or of the whole network, and else why there is none."""
    from explorer.interop.torch_code import generate
    from explorer.interop.torch_code.part import line, part

    try:
        if nodes is None:
            return generate(network, inference).text, ""
        if len(nodes) == 1:
            return line(network, inference, next(iter(nodes))), ""
        return generate(part(network, inference, nodes)).text, ""
    except UserError as error:
        return "", str(error)
