"""One editor for each kind of setting. All speak the same three signals, so the form knows only those."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.fields import LONG, Choice, NumberField, Switch

MIXED = "mixed"
"""What a field shows where the selected layers differ."""

Bounds = tuple[float | None, float | None]


class Editor(QWidget):
    """`changing(value)` with every new value, `settled` when a gesture ends, `complains(text)` while what is
    typed is not allowed, with "" when it is again.
    """

    changing = Signal(object)
    settled = Signal()
    complains = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(theme().tokens.px(4))

    def show_value(self, value: Any) -> None:
        """Show a value that comes from elsewhere; emits nothing."""
        raise NotImplementedError

    def show_mixed(self) -> None:
        """Show that the selected layers differ here."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Ctrl+Z takes back the last step of the network, not the last letter in a field: what was typed
        # has changed the network already.
        steps = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(watched, NumberField)
            and any(event.matches(key) for key in steps)
        ):
            watched.editingFinished.emit()
            event.ignore()
            return True
        return False

    def add_number(self, name: str, bounds: Bounds, decimals: int = 0, step: float = 1) -> NumberField:
        """A number in the row that complains with what is allowed."""
        least, most = bounds
        field = NumberField(least or 0, least, most, decimals=decimals, step=step, name=name)
        field.setMinimumWidth(theme().tokens.px(34))
        field.installEventFilter(self)
        field.textEdited.connect(lambda _: self.complains.emit(allowed(name, bounds, field)))
        field.editingFinished.connect(lambda: self.complains.emit(""))
        field.settled.connect(lambda _: self.settled.emit())
        self.row.addWidget(field, 1)
        return field


def allowed(name: str, bounds: Bounds, field: NumberField) -> str:
    """What a number may be, in words, if what stands in the field is not that; "" if it is."""
    if not field.property("invalid"):
        return ""
    least, most = (None if bound is None else _plain(bound) for bound in bounds)
    if least is not None and most is not None:
        return f"{name} can be {least} to {most}."
    if least is not None:
        return f"{name} can be {least} or more."
    return f"{name} can be at most {most}." if most is not None else f"{name} must be a number."


def _plain(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) and abs(bound) < LONG else f"{bound:g}"


def write_number(field: NumberField, value: float | None) -> None:
    """Show a number, or with None that there are several."""
    if value is None:
        if not field.hasFocus():
            field.setText("")
            field.setPlaceholderText(MIXED)
        return
    was_mixed = field.placeholderText() == MIXED
    field.setPlaceholderText("")
    field.set_value(value)
    if was_mixed and not field.hasFocus():
        field.setText(f"{value:g}")


class NumberEditor(Editor):
    """A whole number or a fraction."""

    def __init__(self, name: str, bounds: Bounds, decimals: int = 0, step: float = 1) -> None:
        super().__init__()
        self.field = self.add_number(name, bounds, decimals, step)
        self.field.changing.connect(self.changing)
        self.setFocusProxy(self.field)

    def show_value(self, value: Any) -> None:
        write_number(self.field, value)

    def show_mixed(self) -> None:
        write_number(self.field, None)


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.switch = Switch("", name)
        self.switch.clicked.connect(self._tell)
        self.row.addWidget(self.switch)
        self._words = QLabel()
        self._words.setProperty("role", "value")
        self.row.addWidget(self._words, 1)
        self._remark = ""
        self.setFocusProxy(self.switch)

    def show_value(self, value: Any) -> None:
        self.switch.setChecked(bool(value))
        self._words.setText(("on" if value else "off") + self._remark)

    def set_remark(self, remark: str) -> None:
        """Words behind on or off: what stands against it, or for it."""
        self._remark = f", {remark}" if remark else ""

    def show_mixed(self) -> None:
        self.switch.setChecked(False)
        self._words.setText(MIXED)

    def _tell(self, on: bool) -> None:
        self._words.setText(("on" if on else "off") + self._remark)
        self.changing.emit(on)
        self.settled.emit()


class ChoiceEditor(Editor):
    """One of a few words."""

    def __init__(self, name: str, choices: Sequence[Any]) -> None:
        super().__init__()
        self.choice = Choice([(str(choice), choice) for choice in choices], name)
        self.choice.chosen.connect(self._tell)
        self.row.addWidget(self.choice, 1)
        self.setFocusProxy(self.choice)

    def show_value(self, value: Any) -> None:
        self.choice.set_value(value)

    def show_mixed(self) -> None:
        self.choice.setPlaceholderText(MIXED)
        self.choice.setCurrentIndex(-1)

    def _tell(self, value: Any) -> None:
        self.changing.emit(value)
        self.settled.emit()


class PairEditor(Editor):
    """Height and width; linked, one number is both."""

    def __init__(self, name: str, bounds: Bounds, real: bool = False) -> None:
        super().__init__()
        self._whole = not real
        decimals, step = (6, 0.5) if real else (0, 1)
        self.first = self.add_number(f"{name}, rows", bounds, decimals, step)
        self.second = self.add_number(f"{name}, columns", bounds, decimals, step)
        self.link = IconButton("link", f"{name}: rows and columns alike")
        self.link.setFixedSize(theme().tokens.px(24), theme().tokens.px(26))
        self.link.setCheckable(True)
        self.link.setChecked(True)
        self.link.toggled.connect(self._draw_link)
        self.row.addWidget(self.link)
        self.first.changing.connect(lambda value: self._tell(self.first, value))
        self.second.changing.connect(lambda value: self._tell(self.second, value))
        self._touched = False
        self._name = name
        self.setFocusProxy(self.first)

    def show_value(self, value: Any) -> None:
        rows, columns = value
        if rows != columns and self.link.isChecked():
            self.link.setChecked(False)
        elif rows == columns and not self.link.isChecked() and not self._touched:
            self.link.setChecked(True)
        write_number(self.first, rows)
        write_number(self.second, columns)

    def show_mixed(self) -> None:
        write_number(self.first, None)
        write_number(self.second, None)

    def _tell(self, field: NumberField, value: float) -> None:
        other = self.second if field is self.first else self.first
        if self.link.isChecked():
            write_number(other, value)
        pair = (self.first.value, self.second.value)
        self.changing.emit((int(pair[0]), int(pair[1])) if self._whole else pair)

    def _draw_link(self, linked: bool) -> None:
        words = "rows and columns alike" if linked else "rows and columns apart"
        self.link.set_symbol("link" if linked else "unlink", f"{self._name}: {words}")
        self._touched = not linked


class TupleEditor(Editor):
    """Several numbers in a row; how many may change if `lengths` allows it."""

    def __init__(
        self,
        name: str,
        bounds: Bounds,
        lengths: tuple[int, int],
        labels: Sequence[str] = (),
        real: bool = False,
    ) -> None:
        super().__init__()
        self._real = real
        self._name = name
        self._bounds = bounds
        self._lengths = lengths
        self._labels = labels
        self._fields: list[NumberField] = []
        self._less = self._button("minus", f"{name}: one number less", self._shorten)
        self._more = self._button("plus", f"{name}: one number more", self._lengthen)

    def _button(self, symbol: str, name: str, act: Callable[[], None]) -> IconButton:
        button = IconButton(symbol, name)
        button.clicked.connect(act)
        self.row.addWidget(button)  # first: shown without a parent it would be a window
        button.setVisible(self._lengths[0] < self._lengths[1])
        return button

    def show_value(self, value: Any) -> None:
        numbers = tuple(value)
        while len(self._fields) < len(numbers):
            self._grow()
        while len(self._fields) > len(numbers):
            gone = self._fields.pop()
            self.row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for field, number in zip(self._fields, numbers, strict=True):
            write_number(field, number)
        self._less.setEnabled(len(numbers) > self._lengths[0])
        self._more.setEnabled(len(numbers) < self._lengths[1])

    def show_mixed(self) -> None:
        for field in self._fields:
            write_number(field, None)

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(field.value if self._real else int(field.value) for field in self._fields)

    @property
    def fields(self) -> Sequence[NumberField]:
        return self._fields

    def _grow(self) -> None:
        place = len(self._fields)
        label = self._labels[place] if place < len(self._labels) else str(place + 1)
        field = self.add_number(f"{self._name}, {label}", self._bounds, 6 if self._real else 0)
        field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.row.removeWidget(field)
        self.row.insertWidget(place, field, 1)
        field.changing.connect(lambda _: self.changing.emit(self.values))
        self._fields.append(field)

    def _lengthen(self) -> None:
        self._tell((*self.values, self.values[-1] if self._fields else 1))

    def _shorten(self) -> None:
        self._tell(self.values[:-1])

    def _tell(self, values: tuple[float, ...]) -> None:
        self.changing.emit(values)
        self.settled.emit()
