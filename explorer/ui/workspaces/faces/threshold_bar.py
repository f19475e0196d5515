"""The line above the plots: where the faces come from, what they are, how far reading is."""

from __future__ import annotations

from math import exp
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.tasks.job import Progress
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.workspaces.faces.button_row import ButtonRow
from explorer.ui.workspaces.faces.threshold_source import FaceSource, Kind
from explorer.ui.workspaces.faces.threshold_text import summary

FOLDER_KEY = "faces/measured-folder"
SHORTER = {Kind.GALLERY: "Gallery", Kind.BUNDLED: "Bundled", Kind.FOLDER: "Folder", Kind.PAIRS: "Pairs"}
WIDTH = 400
"""Of the words where nothing is measured yet."""


class SourceBar(QWidget):
    """Four sources to choose from; below them what was read, or progress with a way to stop."""

    def __init__(self, source: FaceSource) -> None:
        super().__init__()
        self.source = source
        self.buttons: dict[Kind, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for kind in Kind:
            button = QPushButton(kind.value)
            button.setProperty("kind", "quiet")
            button.setCheckable(True)
            button.setAccessibleName(f"Measure on: {kind.value}")
            button.clicked.connect(lambda _=False, kind=kind: choose(self, self.source, kind))
            self._group.addButton(button)
            self.buttons[kind] = button
            row.addWidget(button)
        row.addStretch(1)
        self.said = ElidedLabel("", "note")
        self.stop = Button("Stop", "link")
        self.stop.setToolTip("Stop reading and measure what has been read")
        self.stop.clicked.connect(source.stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.bar.setAccessibleName("How far reading is")
        told = QHBoxLayout()
        told.setContentsMargins(4, 0, 4, 0)
        told.setSpacing(8)
        told.addWidget(self.said, 1)
        told.addWidget(self.bar, 1)
        told.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(told)
        theme().changed.connect(self._fit)
        source.changed.connect(self._show)
        source.progressed.connect(self._progress)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Whole words where there is room for all, else the first that tells them apart."""
        for shorter in (False, True):
            for kind, button in self.buttons.items():
                words = SHORTER[kind] if shorter else kind.value
                button.setText(words + ("…" if kind in (Kind.FOLDER, Kind.PAIRS) else ""))
            if sum(button.sizeHint().width() + 4 for button in self.buttons.values()) <= self.width():
                break

    def _show(self) -> None:
        source = self.source
        self.bar.setVisible(source.reading)
        self.stop.setVisible(source.reading)
        self._group.setExclusive(False)
        for kind, button in self.buttons.items():
            button.setChecked(kind is source.kind)
        self._group.setExclusive(source.kind is not None)
        if source.reading:
            self.bar.setMaximum(0)
            self.said.setText("Reading…")
        elif source.trouble:
            self.said.setText(source.trouble)
        elif source.faces is not None:
            title = "" if source.faces.title in self._titles() else f"{source.faces.title}: "
            self.said.setText(title + summary(source.faces))
        else:
            self.said.setText("")

    def _titles(self) -> set[str]:
        return {kind.value for kind in Kind}

    def _progress(self, progress: Progress) -> None:
        self.bar.setMaximum(0 if progress.fraction is None else 1000)
        if progress.fraction is not None:
            self.bar.setValue(round(progress.fraction * 1000))
        self.said.setText(progress.message)


class NothingMeasured(QWidget):
    """What stands where the plots will: why there is nothing yet, and the quickest way to something."""

    def __init__(self, source: FaceSource, title: str, text: str) -> None:
        super().__init__()
        self._source = source
        self._why = Label("", "error")
        self._why.setWordWrap(True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.try_it = Button("Try it with bundled faces", "primary")
        self.try_it.clicked.connect(source.use_bundled)
        folder = Button("Folder of people…")
        folder.clicked.connect(lambda: choose(self, source, Kind.FOLDER))
        pairs = Button("Pairs file…")
        pairs.clicked.connect(lambda: choose(self, source, Kind.PAIRS))
        self._words: list[Label] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(_Sketch(), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for words, role in ((title, "heading"), (text, "muted")):
            label = Label(words, role)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._words.append(label)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._why)
        column.addSpacing(8)
        column.addWidget(ButtonRow((self.try_it, folder, pairs)))
        column.addStretch(3)
        source.changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for label in self._words:
            label.setFixedWidth(max(1, min(theme().tokens.px(WIDTH), self.width() - 2 * 24)))
            # a wrapping label in the middle of a column is not asked how high it is at its width
            label.setMinimumHeight(label.heightForWidth(label.width()))

    def _show(self) -> None:
        self._why.setText(self._source.trouble)
        self._why.setVisible(bool(self._source.trouble))
        self.try_it.setEnabled(not self._source.reading)


class _Sketch(QWidget):
    """Two hills, one of each kind of pairs, and a line between them."""

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(168), px(64))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = self.width(), self.height() - 2.0
        for middle, color, style in (
            (0.3, tokens.ok, Qt.PenStyle.SolidLine),
            (0.7, tokens.error, Qt.PenStyle.DashLine),
        ):
            hill = QPolygonF()
            for x in range(wide + 1):
                hill.append(QPointF(x, high - 0.8 * high * exp(-(((x / wide - middle) / 0.13) ** 2))))
            wash = QColor(color)
            wash.setAlpha(40)
            path = QPainterPath()
            path.addPolygon(hill)
            painter.fillPath(path, wash)
            painter.setPen(QPen(color, 1, style))
            painter.drawPolyline(hill)
        painter.setPen(QPen(tokens.text, 1))
        painter.drawLine(QPointF(wide / 2, 0), QPointF(wide / 2, high))


def choose(parent: QWidget, source: FaceSource, kind: Kind) -> None:
    """Read a source, asking for the folder or the file where one is needed."""
    settings = source.model.surroundings.settings
    if kind is Kind.GALLERY:
        source.use_gallery()
    elif kind is Kind.BUNDLED:
        source.use_bundled()
    else:
        words = settings.words(FOLDER_KEY)
        before = words[0] if words and Path(words[0]).is_dir() else str(Path.home())
        if kind is Kind.FOLDER:
            title = "A folder with one folder a person"
            path = QFileDialog.getExistingDirectory(parent, title, before)
        else:
            title = "A CSV file with the columns a, b, same"
            path = QFileDialog.getOpenFileName(parent, title, before, "Pairs (*.csv);;All files (*)")[0]
        if path:
            settings.set_words(FOLDER_KEY, [str(Path(path).parent)])
            (source.use_folder if kind is Kind.FOLDER else source.use_pairs)(Path(path))
        else:
            source.changed.emit()  # the button that was pressed is let go again
