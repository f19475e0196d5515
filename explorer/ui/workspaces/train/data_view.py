"""The chosen data before a start: its classes with pictures, what does not fit, and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from explorer.learning.matching import Mismatch
from explorer.network.layer import spell
from explorer.network.problems import Mend, Severity
from explorer.tasks.qt import Runner
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.widgets.wrapping import WrappingButton
from explorer.ui.workspaces.train.augment_preview import AugmentPreview
from explorer.ui.workspaces.train.class_rows import ClassRows
from explorer.ui.workspaces.train.data_source import DataSource

SPOKEN = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.NOTE: "Note"}
NAMED = 20
"""Files left out whose names the tooltip tells."""
WIDEST = 320
"""Of a mend's button, in pixels of the design."""


class DataView(ScrollPanel):
    """Follows a `DataSource`. `mending(mend)` when a mend was chosen."""

    mending = Signal(object)

    def __init__(self, source: DataSource, runner: Runner) -> None:
        super().__init__("window", 0, 8)
        self._source = source
        self.augmented = AugmentPreview(runner)
        self.title, self.about = Label("", "heading"), Label("", "note")
        self.about.setWordWrap(True)
        self.fetch = Button("Download", "primary", "download")
        self.here = Button("Files on this disk…", "", "folder")
        self.cancel = Button("Cancel")
        self.leave_out = Button("Leave unreadable files out")
        self.bar = QProgressBar()
        self.cards: list[MismatchCard] = []
        self._cards = QVBoxLayout()
        self.rows = ClassRows()
        self._build()
        source.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How far the reading is")
        self.bar.setMaximumWidth(280)
        self._cards.setSpacing(8)
        self.fetch.clicked.connect(self._source.load)
        self.here.clicked.connect(self._ask_for_files)
        self.cancel.clicked.connect(self._give_up)
        self.leave_out.clicked.connect(lambda: self._source.choose(self._source.name, True))
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.fetch, self.here, self.leave_out, self.bar, self.cancel):
            row.addWidget(widget)
        row.addStretch(1)
        self.column.addWidget(self.title)
        self.column.addWidget(self.about)
        self.column.addLayout(row)
        self.column.addLayout(self._cards)
        self.column.addWidget(self.augmented)
        self.column.addWidget(self.rows)
        self.column.addStretch(1)

    def refresh(self) -> None:
        """Show what is known of the data now."""
        source = self._source
        info, data = source.info, source.data
        name = source.name.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        self.title.setText(data.title if data is not None else info.title if info is not None else name)
        self.about.setText(self._about())
        self.about.setToolTip("" if data is None else "\n".join(data.skipped[:NAMED]))
        self.fetch.setVisible(not source.loading and info is not None and source.must_download)
        self.here.setVisible(self.fetch.isVisibleTo(self))
        if info is not None and not info.here:
            self.fetch.setText(f"Download {size(info.bytes)}")
        self.leave_out.setVisible(source.unreadable)
        self.cancel.setVisible(source.loading)
        self.bar.setVisible(source.loading)
        share = source.progress.fraction
        self.bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self.bar.setValue(round(1000 * share))
        self.rows.show_data(data)

    def _about(self) -> str:
        source = self._source
        info, data = source.info, source.data
        if source.trouble:
            return calm(source.trouble)
        if data is not None:
            count = len(data.skipped)
            left_out = " 1 file could not be read and is left out." if count == 1 else ""
            if count > 1:
                left_out = f" {count:,} files could not be read and are left out."
            return (
                f"{len(data.train):,} pictures to learn from and {len(data.validation):,} to judge by, "
                f"{len(data.classes)} classes, {spell(data.input)} each.{left_out}"
            )
        if source.loading:
            return source.progress.message or "Reading…"
        if info is not None:
            what = f"{info.pictures:,} pictures of {info.classes} classes, {spell(info.input)}"
            return f"{what}. Not on this computer yet."
        return "Choose a folder that has one folder of pictures a class."

    def show_mismatches(self, found: Sequence[Mismatch]) -> None:
        """What does not fit, in place of what did not before."""
        if [card.mismatch for card in self.cards] == list(found):
            return
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [MismatchCard(one, self.mending.emit) for one in found]
        for card in self.cards:
            self._cards.addWidget(card)

    def _ask_for_files(self) -> None:
        title = "The folder that has the set's files"
        folder = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if folder:
            self._source.look_in(Path(folder))

    def _give_up(self) -> None:
        self._source.stop()
        self._source.changed.emit()


class MismatchCard(QWidget):
    """One sentence and its mends as buttons."""

    def __init__(self, mismatch: Mismatch, mend: Callable[[Mend], object]) -> None:
        super().__init__()
        self.mismatch = mismatch
        self.setAccessibleName(f"{SPOKEN[mismatch.severity]}: {mismatch.message}")
        self.buttons: list[WrappingButton] = []
        words = Label(mismatch.message, "value")
        words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(words, 3)
        column = QVBoxLayout()
        column.setSpacing(4)
        for one in mismatch.mends:
            button = WrappingButton(one.title)
            button.setMaximumWidth(theme().tokens.px(WIDEST))
            button.clicked.connect(lambda _=False, one=one: mend(one))
            self.buttons.append(button)
            column.addWidget(button)
        if mismatch.mends:
            row.addLayout(column, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        error = self.mismatch.severity is Severity.ERROR
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.error if error else tokens.line, 1))
        painter.setBrush(tokens.error_wash if error else tokens.card)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if error:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.error)
            painter.drawRoundedRect(0, 8, 3, self.height() - 16, 1, 1)


def size(count: int) -> str:
    """Bytes as people say them, in powers of 1,000 as `explorer data` has them."""
    if count >= 10**9:
        return f"{count / 10**9:.1f} GB"
    return f"{count / 10**6:.0f} MB" if count >= 10**6 else f"{count / 1000:.0f} kB"


def calm(trouble: str) -> str:
    """An error of the engine as a sentence of the window."""
    words = trouble.rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
