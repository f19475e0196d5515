"""At the right of the distances: all of them on the same held-out pairs, and how firmly weights are held."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QProgressBar, QSlider

from explorer.faces.distances import Kind
from explorer.faces.held_out import HOLDS
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Panel, ScrollPanel
from explorer.ui.workspaces.faces.distances_learning import LEARNED, START, Learning
from explorer.ui.workspaces.faces.threshold_text import between, percent

FEW = 100
COLUMNS = ("", "accuracy", "EER", "TAR")


class ComparedPanel(ScrollPanel):
    """`held(hold)` when another regularisation is chosen."""

    held = Signal(float)

    def __init__(self, learning: Learning) -> None:
        super().__init__("panel", 16, 8)
        self.learning = learning
        self.hold = HOLDS[START]
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(HOLDS) - 1)
        self.slider.setValue(START)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName("How firmly the weights are held together")
        self.slider.valueChanged.connect(self._slid)
        self.words = Label("", "note")
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximum(100)
        self.bar.setAccessibleName("How far learning is")
        self.few = Label("", "strong")
        self.few.setWordWrap(True)
        self.method = Label("", "note")
        self.method.setWordWrap(True)
        self._cells: dict[tuple[Kind, int, bool], Label] = {}
        self._intervals: dict[Kind, Label] = {}
        self._build()

    def _build(self) -> None:
        column = self.column
        column.addWidget(Heading("On pairs held out"))
        column.addWidget(self._table(True))
        column.addWidget(self.few)
        column.addWidget(Heading("On the pairs they learned from"))
        column.addWidget(self._table(False))
        column.addWidget(Heading("Regularisation: weights are held together"))
        column.addWidget(self.slider)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        column.addWidget(self.method)
        column.addStretch(1)

    def _table(self, held_out: bool) -> Panel:
        well = Panel("well", 12, 4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for place, name in enumerate(COLUMNS):
            head = Label(name, "label")
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, place)
        row = 1
        for kind in Kind if held_out else LEARNED:
            grid.addWidget(Label(kind.value, "note"), row, 0)
            for place in (1, 2, 3):
                cell = Label("–", "figure" if held_out else "value")
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(cell, row, place)
                self._cells[kind, place, held_out] = cell
            row += 1
            if held_out:
                interval = Label("", "label")
                interval.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(interval, row, 0, 1, 2)
                self._intervals[kind] = interval
                row += 1
        well.column.addLayout(grid)
        return well

    def _slid(self, place: int) -> None:
        self.hold = HOLDS[place]
        self.show_results()
        self.held.emit(self.hold)

    def show_results(self) -> None:
        """What is learned by now."""
        learning = self.learning
        for kind in Kind:
            found = learning.result(kind, self.hold)
            for held_out in (True, False):
                score = None if found is None else found.held_out if held_out else found.learned
                values = ("–",) * 3 if score is None else tuple(
                    percent(value) for value in (score.accuracy, score.eer, score.accepts)
                )  # fmt: skip
                for place, text in enumerate(values, start=1):
                    cell = self._cells.get((kind, place, held_out))
                    if cell is not None:
                        cell.setText(text)
                        cell.setAccessibleName(f"{kind.value}, {COLUMNS[place]}: {text}")
            words = "" if found is None else f"accuracy 95 %: {between(found.interval)}"
            self._intervals[kind].setText(words)
        self._say()

    def _say(self) -> None:
        learning = self.learning
        free = "free: each weight for itself" if self.hold == 0 else f"strength {self.hold:g}"
        self.words.setText(free + (", all but equal" if self.hold >= 0.1 else ""))
        self.bar.setVisible(learning.running)
        self.bar.setValue(round(100 * learning.fraction))
        base = learning.result(Kind.SQUARED_L2, self.hold)
        if base is None:
            self.few.setVisible(bool(learning.trouble))
            self.few.setText(learning.trouble)
            self.method.setText("")
            return
        near = int(base.same.sum())
        self.few.setVisible(near < FEW)
        self.few.setText(f"{near} held-out pairs of one person are too few to rank distances.")
        faces = learning.faces
        dealt = "people" if faces is not None and faces.people is not None else "pairs"
        self.method.setText(
            f"The {dealt} are dealt to {learning.folds} folds; each fold is judged by weights learned on the "
            "others (cross-entropy, equal at the start). Both kinds of pairs weigh alike. TAR: at FAR 1 %."
        )
