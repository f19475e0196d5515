"""The budget: what the open network costs, and how that follows batch, optimizer and input size."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.layers.boundary import Input
from explorer.network.operations import set_input_shape
from explorer.session.session import OpenNetwork
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice, NumberField
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.build.assumptions import (
    LARGEST_BATCH,
    SMALLEST_BATCH,
    Assumptions,
    Optimizer,
    training_memory,
)
from explorer.ui.workspaces.build.log_slider import LogSlider
from explorer.ui.workspaces.build.memory_bar import MemoryBar, Swatch
from explorer.ui.workspaces.build.table import FOLLOW_MS

SMALLEST_SIDE, LARGEST_SIDE = 8, 1024
_PARTS = ("Weights", "Gradients", "Optimizer", "Activations")


class BudgetPanel(QWidget):
    """Parameters, operations, memory; batch and input size as sliders."""

    failed = Signal(str)
    told = Signal(str)
    """What training needs, in a line."""

    def __init__(self, assumptions: Assumptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._assumptions = assumptions
        self._tab: OpenNetwork | None = None
        self._disconnect: Callable[[], None] | None = None
        self._began: dict[str, tuple[int, ...]] = {}
        self.parameters = _figure("Parameters")
        self.operations = _figure("Operations")
        self.unit = Choice([("MACs", False), ("FLOPs", True)], "Count operations as")
        self.batch = LogSlider(SMALLEST_BATCH, LARGEST_BATCH, "Batch size, slider")
        self.batch_field = NumberField(32, SMALLEST_BATCH, LARGEST_BATCH, name="Batch size")
        self.optimizer = Choice([(one.title, one) for one in Optimizer], "Optimizer")
        self.side = LogSlider(SMALLEST_SIDE, LARGEST_SIDE, "Input size, slider")
        self.side_field = NumberField(224, 1, 100_000, name="Input size, pixels a side")
        self.bar = MemoryBar()
        self.parts = [_figure(name) for name in _PARTS]
        self.training = _figure("To train", strong=True)
        self.note = Label("", "note")
        self.note.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._later = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._later.timeout.connect(self.flush)

    def _lay_out(self) -> None:
        px = theme().tokens.px
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(4))
        grid.setColumnStretch(1, 1)
        self.side_label = Label("Input size", "muted")
        rows: list[tuple[QWidget, QWidget, QWidget]] = [
            (Label("Parameters", "muted"), QWidget(), self.parameters),
            (Label("Operations", "muted"), self.unit, self.operations),
            (self.side_label, self.side, self.side_field),
            (Label("Batch", "muted"), self.batch, self.batch_field),
        ]
        for row, (title, middle, figure) in enumerate(rows):
            grid.addWidget(title, row, 0)
            grid.addWidget(middle, row, 1)
            grid.addWidget(figure, row, 2)
            grid.setRowMinimumHeight(row, px(28))
        for field in (self.batch_field, self.side_field):
            field.setFixedWidth(px(64))
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        grid.addWidget(Label("Optimizer", "muted"), 4, 0)
        grid.addWidget(self.optimizer, 4, 1, 1, 2)
        memory = QVBoxLayout()
        memory.setSpacing(px(4))
        memory.setContentsMargins(0, px(4), 0, 0)
        memory.addWidget(self.bar)
        for part, (name, value) in enumerate(zip(_PARTS, self.parts, strict=True)):
            memory.addLayout(_line(Swatch(part), Label(name, "muted"), value))
        memory.addLayout(_line(None, Label("To train", "strong"), self.training))
        memory.addWidget(self.note)
        grid.addLayout(memory, 5, 0, 1, 3)

    def _connect(self) -> None:
        self.batch.moved.connect(self._assumptions.set_batch)
        self.batch_field.changing.connect(lambda value: self._assumptions.set_batch(int(value)))
        self.optimizer.chosen.connect(self._assumptions.set_optimizer)
        self.unit.chosen.connect(self._assumptions.set_flops)
        self.side.moved.connect(self._set_side)
        self.side_field.changing.connect(lambda value: self._set_side(int(value)))
        self.side.settled.connect(self._seal)
        self.side_field.settled.connect(lambda _: self._seal())
        self._assumptions.changed.connect(self.flush)

    def show_network(self, tab: OpenNetwork | None) -> None:
        """Show and follow another open network, or none."""
        if self._disconnect is not None:
            self._disconnect()
            self._disconnect = None
        self._tab = tab
        if tab is not None:
            self._disconnect = tab.document.changed.connect(lambda _: self._follow_later())
        self.flush()

    def _follow_later(self) -> None:
        if not self._later.isActive():
            self._later.start()

    def flush(self) -> None:
        """Show the numbers as they are now."""
        self._later.stop()
        if self._tab is None:
            return
        totals = self._tab.document.inference.totals
        assumed = self._assumptions
        _write(self.parameters, numerals.compact(totals.parameters, totals.exact), totals.parameters)
        operations = totals.macs * (2 if assumed.flops else 1)
        unit = "FLOPs, two to a multiply-accumulate" if assumed.flops else "multiply-accumulates (MACs)"
        _write(self.operations, numerals.compact(operations, totals.exact), operations, f"{unit}, one image")
        self.unit.set_value(assumed.flops)
        self.batch.show_number(assumed.batch)
        self.batch_field.set_value(assumed.batch)
        self.optimizer.set_value(assumed.optimizer)
        memory = training_memory(totals, assumed.batch, assumed.optimizer)
        least = "" if totals.exact else "≥ "
        amounts = (memory.weights, memory.gradients, memory.optimizer, memory.activations)
        for label, amount in zip(self.parts, amounts, strict=True):
            _write(label, least + numerals.memory(amount), amount, "bytes")
        _write(self.training, least + numerals.memory(memory.training), memory.training, "bytes")
        said = ", ".join(
            f"{name.lower()} {numerals.share(amount, memory.training)}"
            for name, amount in zip(_PARTS, amounts, strict=True)
        )
        self.bar.show_parts(amounts, f"Training memory: {said}")
        note = "FLOP = 2 MAC. " if assumed.flops else "One MAC is a multiplication and an addition. "
        self.note.setText(f"{note}float32, every layer's output kept once for the backward pass.")
        self._show_size()
        known = totals.exact or memory.training
        self.told.emit(f"{self.training.text()} to train at batch {assumed.batch}" if known else "")

    def _show_size(self) -> None:
        shape = self._picture_shape()
        for widget in (self.side_label, self.side, self.side_field):
            widget.setVisible(shape is not None)
        if shape is not None:
            self.side.show_number(shape[-2])
            self.side_field.set_value(shape[-2])
            self.side_field.setToolTip(f"{numerals.shape(shape)}, channels × height × width")

    def _pictures(self) -> list[tuple[str, tuple[int, ...]]]:
        if self._tab is None:
            return []
        nodes = self._tab.document.network.nodes.values()
        return [
            (node.id, node.layer.shape)
            for node in nodes
            if isinstance(node.layer, Input) and len(node.layer.shape) == 3
        ]

    def _picture_shape(self) -> tuple[int, ...] | None:
        pictures = self._pictures()
        return pictures[0][1] if pictures else None

    def _set_side(self, side: int) -> None:
        """Make every picture that enters `side` pixels high, at its own ratio of height to width."""
        if self._tab is None:
            return
        document = self._tab.document
        done: set[str] = set()
        for node, now in self._pictures():
            if node in done:
                continue
            done.update(document.network.counterparts(node))
            # From where the gesture began, so that rounding does not add up while it lasts.
            channels, height, width = self._began.setdefault(node, now)
            shape = (channels, side, max(1, round(width * side / height)))
            try:
                change = set_input_shape(document.network, node, shape)
            except UserError as error:
                self.failed.emit(str(error))
                return
            document.apply("Change the input size", change.edits, merge_key="budget:input-size")
        self._show_size()

    def _seal(self) -> None:
        self._began.clear()
        if self._tab is not None:
            self._tab.document.seal()


def _figure(name: str, strong: bool = False) -> Label:
    label = Label("", "figure" if strong else "value")
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setAccessibleName(name)
    return label


def _write(label: Label, text: str, exact: int, unit: str = "") -> None:
    if label.text() != text:
        label.setText(text)
    label.setToolTip(f"{numerals.grouped(exact)} {unit}".strip())


def _line(mark: QWidget | None, name: QWidget, value: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme().tokens.px(8))
    if mark is not None:
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(name)
    row.addStretch(1)
    row.addWidget(value)
    return row
