"""The left side of Invariance: which networks, the picture, and a slider for each way to distort it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QSlider

from explorer.imaging.distortions import KINDS, Kind
from explorer.learning.samples import FASHION_CLASSES
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.filters.invariance.contenders import PAIRS
from explorer.ui.workspaces.filters.invariance.model import MANY, InvarianceModel

STEPS = 100


class Sliders(ScrollPanel):
    """Follows the model by itself."""

    def __init__(self, model: InvarianceModel) -> None:
        super().__init__("panel", 12, 8)
        self._model = model
        self.sliders: dict[str, QSlider] = {}
        self.values: dict[str, Label] = {}
        self.names: dict[str, Button] = {}
        self._build()
        model.distortion_changed.connect(self.follow)
        model.picture_changed.connect(self.follow)
        model.contenders_changed.connect(self.follow)
        self.follow()

    def _build(self) -> None:
        self.column.addWidget(Heading("Compare"))
        self.pair = Choice([*PAIRS, ("your own choice", None)], "Which two networks")
        self.pair.chosen.connect(self._choose_pair)
        self.column.addWidget(self.pair)
        self.column.addWidget(Heading("Picture"))
        items = [(name, place) for place, name in enumerate(FASHION_CLASSES)]
        self.picture = Choice([*items, ("the picture above", None)], "Picture")
        self.picture.chosen.connect(self._model.choose_picture)
        self.other = IconButton("repeat", "Another picture of this class")
        self.other.clicked.connect(self._model.next_picture)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.picture, 1)
        row.addWidget(self.other)
        self.column.addLayout(row)
        self.column.addWidget(Heading("Distort it"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        self._group = QButtonGroup(self)
        for place, kind in enumerate(KINDS):
            self._add(grid, place, kind)
        self.column.addLayout(grid)
        self.reset = Button("As it was")
        self.reset.clicked.connect(self._model.reset)
        self.column.addWidget(self.reset)
        self.over_heading = Heading("Curves over")
        self.over = Choice(((f"{MANY} pictures", True), ("this picture", False)), "Curves over")
        self.over.chosen.connect(self._model.set_many)
        self.column.addWidget(self.over_heading)
        self.column.addWidget(self.over)
        self.column.addStretch(1)

    def _add(self, grid: QGridLayout, place: int, kind: Kind) -> None:
        name = Button(kind.title, "quiet")
        name.setCheckable(True)
        name.setToolTip(f"Curves against {kind.title.lower()}")
        name.clicked.connect(lambda: self._model.set_kind(kind.name))
        self._group.addButton(name)
        value = Label("", "value")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, STEPS)
        slider.setAccessibleName(kind.title)
        slider.valueChanged.connect(partial(self._move, kind))
        self.sliders[kind.name], self.values[kind.name], self.names[kind.name] = slider, value, name
        grid.addWidget(name, 2 * place, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(value, 2 * place, 1)
        grid.addWidget(slider, 2 * place + 1, 0, 1, 2)

    def _choose_pair(self, keys: tuple[str, str] | None) -> None:
        if keys is not None:
            self._model.choose_pair(keys)
        self.follow()

    def _move(self, kind: Kind, step: int) -> None:
        self._model.set_amount(kind.name, amount_of(kind, step))

    def follow(self) -> None:
        """Show what the model has."""
        model = self._model
        for kind in KINDS:
            amount = getattr(model.distortion, kind.name)
            self.values[kind.name].setText(kind.told(amount))
            slider = self.sliders[kind.name]
            slider.blockSignals(True)
            slider.setValue(step_of(kind, amount))
            slider.blockSignals(False)
            slider.setAccessibleDescription(kind.told(amount))
        self.names[model.kind.name].setChecked(True)
        self.reset.setEnabled(not model.distortion.neutral)
        known = [keys for _, keys in PAIRS]
        self.pair.setCurrentIndex(known.index(model.keys) if model.keys in known else len(known))
        self.picture.set_value(model.label)
        self.other.setEnabled(model.label is not None)
        self.over.set_value(model.many)
        for widget in (self.over_heading, self.over):
            widget.setVisible(model.label is not None)


def amount_of(kind: Kind, step: int) -> float:
    """The amount at a step of the slider; exactly neutral where it is meant to be."""
    at = step_of(kind, kind.neutral)
    if step == at:
        return kind.neutral
    return round(kind.low + (kind.high - kind.low) * step / STEPS, 4)


def step_of(kind: Kind, amount: float) -> int:
    """The step of the slider that is nearest to an amount."""
    return round((amount - kind.low) / (kind.high - kind.low) * STEPS)
