"""A slider over the epochs of a kept run: to look inside the network of then, or to take its weights."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.folding import FoldingRow
from explorer.ui.widgets.labels import ElidedLabel, Label


class Scrubber(QWidget):
    """`scrubbed(epoch)` when a person moves it; `looking()`, `applying()` for the weights it stands at."""

    scrubbed = Signal(int)
    looking = Signal()
    applying = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._epochs: tuple[int, ...] = ()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Epoch")
        self.slider.setMinimumWidth(120)
        self.slider.valueChanged.connect(self._moved)
        self.words = ElidedLabel("", "note")
        self.look = Button("Look inside")
        self.look.setToolTip(
            "What each layer made of a picture then: in a tab of its own, with these weights"
        )
        self.look.clicked.connect(self.looking)
        self.apply = Button("Apply weights")
        self.apply.setToolTip(
            "The open network takes the weights after this epoch: one step that can be undone"
        )
        self.apply.clicked.connect(self.applying)
        where, what = QWidget(), QWidget()
        for group, parts in (
            (where, ((Label("Epoch", "note"), 0), (self.slider, 2), (self.words, 3))),
            (what, ((self.look, 0), (self.apply, 0))),
        ):
            row = QHBoxLayout(group)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            for part, stretch in parts:
                row.addWidget(part, stretch)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(FoldingRow(where, what, wide=where))
        self.hide()

    @property
    def epoch(self) -> int | None:
        """Where it stands."""
        return self._epochs[self.slider.value()] if self._epochs else None

    def show_epochs(self, epochs: Sequence[int], at: int | None, words: str) -> None:
        """These can be gone to; emits nothing."""
        self._epochs = tuple(epochs)
        self.setVisible(bool(epochs))
        if epochs:
            before = self.slider.blockSignals(True)
            self.slider.setRange(0, len(epochs) - 1)
            self.slider.setValue(self._epochs.index(at) if at in self._epochs else len(epochs) - 1)
            self.slider.blockSignals(before)
        self.words.setText(words)

    def _moved(self, value: int) -> None:
        self.scrubbed.emit(self._epochs[value])
