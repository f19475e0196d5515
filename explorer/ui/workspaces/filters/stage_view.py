"""The middle: input and output side by side, the sweep below them, and the pixel that is explained."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.imaging.explanation import Explanation
from explorer.imaging.filtering import Filter
from explorer.imaging.sweep import Sight
from explorer.media.sources import FeedState
from explorer.network.errors import UserError
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.workspaces.filters.explanation_view import ExplanationView
from explorer.ui.workspaces.filters.lens import Lens
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.picture_view import PictureView
from explorer.ui.workspaces.filters.sweep_bar import SweepBar

TELL_MS = 250
"""How often the pixel is explained anew while frames come."""


class StageView(QWidget):
    """Follows the lab by itself."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._told = QElapsedTimer()
        self.lens = Lens()
        self.input = PictureView("Input", self.lens)
        self.output = PictureView("Output", self.lens)
        self.input_caption = ElidedLabel("", "label")
        self.output_caption = ElidedLabel("", "label")
        self.note = Label("", "note")
        self.note.setWordWrap(True)
        self.sweep = SweepBar(lab)
        self.explanation = ExplanationView(lab)
        self.retry = Button("Try again")
        self.fault = Label("", "error")
        self.fault.setWordWrap(True)
        self._build()
        self._connect()
        self.follow()

    def _build(self) -> None:
        self.closer = IconButton("zoom-in", "Zoom to the pixels", "double click")
        self.fit = IconButton("fit", "Show the whole picture", "0")
        captions = QHBoxLayout()
        captions.setSpacing(4)
        captions.addWidget(self.output_caption, 1)
        captions.addWidget(self.closer)
        captions.addWidget(self.fit)
        pair = QGridLayout()
        pair.setHorizontalSpacing(16)
        pair.setVerticalSpacing(4)
        pair.addWidget(self.input_caption, 0, 0)
        pair.addLayout(captions, 0, 1)
        pair.addWidget(self.input, 1, 0)
        pair.addWidget(self.output, 1, 1)
        pair.setColumnStretch(0, 1)
        pair.setColumnStretch(1, 1)
        pair.setRowStretch(1, 1)
        trouble = QHBoxLayout()
        trouble.setSpacing(12)
        trouble.addWidget(self.fault, 1)
        trouble.addWidget(self.retry)
        self.fault.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(pair, 1)
        column.addLayout(trouble)
        column.addWidget(self.note)
        column.addWidget(self.sweep)
        column.addWidget(self.explanation)

    def _connect(self) -> None:
        lab = self._lab
        self.output.picked.connect(lambda row, column: self._pick(row, column))
        self.input.picked.connect(self._pick_by_input)
        for view in (self.input, self.output):
            view.stepped.connect(self._move)
            view.resized.connect(self.tell_rooms)
            view.play_asked.connect(self.sweep.toggle)
        self.closer.clicked.connect(self.zoom_to_pixels)
        self.fit.clicked.connect(self.lens.fit)
        self.retry.clicked.connect(lab.retry)
        self.sweep.playing_changed.connect(self._reveal)
        lab.result_changed.connect(self.follow)
        lab.recipe_changed.connect(self.sweep.stop)
        lab.pixel_changed.connect(self._follow_pixel)
        lab.source_changed.connect(self._follow_source)
        lab.feed_changed.connect(self._tell_trouble)

    # -- following ---------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Show the newest result."""
        lab = self._lab
        result, stage = lab.result, lab.stage
        current = result if result is not None and result.at == lab.recipe.at else None
        self.input.show_picture(current.seen if current else None)
        self.output.show_picture(current.shown if current else None)
        if current is not None:
            height, width = current.seen.size
            self.input_caption.setText(f"input {width} × {height}")
        else:
            self.input_caption.setText("input")
        self.output_caption.setText(_caption(lab.filter, lab.out) if stage is not None else "output")
        working = lab.computing and (stage is None)
        self.output.show_words("Filtering …" if working else "")
        self._tell_trouble()
        self._show_pixel()

    def _follow_source(self) -> None:
        self.sweep.stop()
        self.lens.fit()
        self.note.setText(self._lab.note)
        self.note.setVisible(bool(self._lab.note))
        self.follow()

    def _tell_trouble(self) -> None:
        lab = self._lab
        status = lab.status if lab.live else None
        lost = status is not None and status.state.stopped
        self.retry.setVisible(lost)
        if status is not None and not status.state.running:
            waiting = status.state in (FeedState.OPENING, FeedState.IDLE)
            words = f"{status.sentence} {status.advice}".strip()
            self.input.show_words(status.sentence if waiting and lab.result is None else "")
            self.fault.setText("" if waiting else words)
        else:
            self.input.show_words("")
            black = status is not None and status.state is FeedState.BLACK
            fault = lab.result.chain.fault if lab.result is not None else ""
            self.fault.setText(f"{status.sentence} {status.advice}" if black and status else fault)
        self.fault.setVisible(bool(self.fault.text()))

    def _follow_pixel(self) -> None:
        self._told.invalidate()
        self._show_pixel()

    def tell_rooms(self) -> None:
        """What the pictures are made ready for, beside the window."""
        self._lab.set_rooms((self.input.room, self.output.room))

    def _show_pixel(self) -> None:
        lab = self._lab
        if lab.live and self._told.isValid() and self._told.elapsed() < TELL_MS:
            return  # numbers that change with every frame cannot be read
        self._told.start()
        try:
            found = lab.explanation()
        except (UserError, IndexError):  # the picture has just become another one
            found = None
        self.explanation.show_explanation(found)
        if found is None:
            self.input.show_marks()
            self.output.show_marks()
            return
        row, column = lab.pixel
        self.output.setAccessibleDescription(f"row {row}, column {column}: {found.shown}")
        self.output.show_marks((QRectF(column, row, 1, 1), True))
        self.input.show_marks(*_windows(found))
        if self.lens.zoom > 1 and not self.input.underMouse() and not self.output.underMouse():
            self.output.keep_in_view(row, column)
        self._reveal()

    def _reveal(self) -> None:
        self.output.reveal(self._lab.pixel if self.sweep.playing else None)

    # -- the pixel ---------------------------------------------------------------------------------------

    def _pick(self, row: int, column: int) -> None:
        self.sweep.stop()
        self._lab.set_pixel(row, column)

    def _pick_by_input(self, row: int, column: int) -> None:
        """The output pixel whose window lies around a pixel of the input."""
        now = self._lab.filter
        (top, _), (left, _) = now.pads
        step = now.stride * (now.pooling.stride if now.pooling else 1)
        rows, columns = now.spans
        self._pick(round((row + top - rows // 2) / step), round((column + left - columns // 2) / step))

    def _move(self, rows: int, columns: int) -> None:
        row, column = self._lab.pixel
        self._pick(row + rows, column + columns)
        self.output.keep_in_view(*self._lab.pixel)

    def zoom_to_pixels(self) -> None:
        """Both views so near that the values can be read, at the chosen pixel."""
        self.output.show_pixels(*self._lab.pixel)


def _caption(now: Filter, out: tuple[int, int]) -> str:
    padding = f"{now.padding} pixels" if isinstance(now.padding, int) else now.padding
    border = {"zero": "zero", "reflect": "reflected", "replicate": "replicated"}[now.border]
    padded = padding if now.padding in ("valid", 0) else f"{padding}, {border}"
    stride = f", stride {now.stride}" if now.stride > 1 else ""
    return f"output {out[1]} × {out[0]}, {padded}{stride}"


def _windows(found: Explanation) -> list[tuple[QRectF, bool]]:
    marks = []
    if len(found.windows) > 1:
        first, last = _box(found.windows[0]), _box(found.windows[-1])
        marks.append((first.united(last), False))
    return [*marks, (_box(found.sight), True)]


def _box(sight: Sight) -> QRectF:
    rows, columns = sight.rows, sight.columns
    return QRectF(columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
