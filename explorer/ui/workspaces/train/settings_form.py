"""The settings of a training as fields, made from what `TrainSettings` declares of itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

import msgspec
from msgspec import inspect
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from explorer.learning.settings import LEARNING_RATES, Optimizer, Schedule, TrainSettings
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice, NumberField, Switch
from explorer.ui.widgets.labels import Label

FIRST = ("optimizer", "lr", "momentum", "schedule", "step_epochs", "step_factor",
         "batch_size", "epochs", "seed", "device")  # fmt: skip
"""What is always on show; the rest is behind "More settings"."""
TITLES = {"lr": "learning rate", "batch_size": "batch", "clip": "clip gradient", "step_epochs": "falls every",
          "step_factor": "falls to", "augment": "augment", "mixed_precision": "bfloat16"}  # fmt: skip
WORDS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}
PLAIN_DEVICES: tuple[tuple[str, Any], ...] = (("automatic", "auto"), ("CPU", "cpu"))
DECIMALS = 6
NEAR = 1e-6
"""What stands in for a bound that is itself not allowed."""
MATTERS: dict[str, Callable[[TrainSettings], bool]] = {
    "momentum": lambda s: s.optimizer in (Optimizer.SGD, Optimizer.RMSPROP),
    "nesterov": lambda s: s.optimizer is Optimizer.SGD and s.momentum > 0,
    "step_epochs": lambda s: s.schedule is Schedule.STEP,
    "step_factor": lambda s: s.schedule is Schedule.STEP,
}
"""Settings that do nothing unless another one has a certain value: only then are they shown."""


class SettingsForm(QWidget):
    """`changed` with every new value; `settings` is what the fields say."""

    changed = Signal()

    def __init__(self, settings: TrainSettings) -> None:
        super().__init__()
        self.settings = settings
        self.fields: dict[str, QWidget] = {}
        self._labels: dict[str, Label] = {}
        self._kinds: dict[str, Any] = {}
        self._busy = False
        self.more = Button("More settings", "link")
        self.more.setCheckable(True)
        self.more.toggled.connect(lambda _: self._follow())
        self._build()
        self.show_settings(settings)

    def _build(self) -> None:
        info = inspect.type_info(TrainSettings)
        assert isinstance(info, inspect.StructType)
        declared = {field.name: field for field in info.fields}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 88)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate((*FIRST, *(name for name in declared if name not in FIRST))):
            self._add(grid, row, name, declared[name].type)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(grid)
        line = QHBoxLayout()
        line.addWidget(self.more)
        line.addStretch(1)
        column.addLayout(line)

    def _add(self, grid: QGridLayout, row: int, name: str, kind: inspect.Type) -> None:
        described = ""
        while isinstance(kind, inspect.Metadata):
            described = (kind.extra_json_schema or {}).get("description", described)
            kind = kind.type
        title = TITLES.get(name, name.replace("_", " "))
        field = self._field(name, title, kind)
        field.setToolTip(described)
        label = Label(title, "note")
        label.setToolTip(described)
        label.setBuddy(field)
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
        self.fields[name], self._labels[name], self._kinds[name] = field, label, kind

    def _field(self, name: str, title: str, kind: inspect.Type) -> QWidget:
        match kind:
            case inspect.BoolType():
                switch = Switch("", title)
                switch.clicked.connect(partial(self._take, name))
                return switch
            case inspect.IntType() | inspect.FloatType():
                real = isinstance(kind, inspect.FloatType)
                step = 0.1 if name in ("momentum", "label_smoothing", "warmup") else 0.01
                number = NumberField(
                    0, *_bounds(kind), decimals=DECIMALS if real else 0, step=step if real else 1, name=title
                )
                number.changing.connect(partial(self._take, name))
                return number
            case inspect.EnumType():
                return self._choice(name, title, [(_word(value), value) for value in kind.cls])
            case inspect.VarTupleType(item_type=inspect.EnumType(cls=cls)):
                return _Several(cls, partial(self._take, name))
            case inspect.VarTupleType(item_type=inspect.StrType()):
                words = QLineEdit()
                words.setAccessibleName(title)
                words.setPlaceholderText("nothing")
                words.textEdited.connect(lambda text: self._take(name, tuple(text.replace(",", " ").split())))
                return words
            case inspect.StrType():
                return self._choice(name, title, list(PLAIN_DEVICES))
        raise TypeError(f"no field is known for {kind!r}")

    def _choice(self, name: str, title: str, items: list[tuple[str, Any]]) -> Choice:
        choice = Choice(items, title)
        choice.chosen.connect(partial(self._take, name))
        return choice

    def show_settings(self, settings: TrainSettings) -> None:
        """Put these into the fields."""
        self.settings = settings
        for name, field in self.fields.items():
            value = getattr(settings, name)
            if isinstance(field, NumberField | Choice):
                field.set_value(value)
            elif isinstance(field, Switch):
                field.setChecked(value)
            elif isinstance(field, _Several):
                field.set_value(value)
            elif isinstance(field, QLineEdit):
                field.setText(" ".join(value))
        self._follow()

    def set_busy(self, busy: bool) -> None:
        """While a training runs its settings are what they are."""
        if busy != self._busy:
            self._busy = busy
            for field in self.fields.values():
                field.setEnabled(not busy)

    def know_devices(self) -> None:
        """Offer what torch found; for after a training, when torch is loaded."""
        device = self.fields["device"]
        assert isinstance(device, Choice)
        found = _devices()
        if device.count() != len(found):
            device.clear()
            for text, value in found:
                device.addItem(text, value)
            device.set_value(self.settings.device)

    def _take(self, name: str, value: Any) -> None:
        kind = self._kinds[name]
        if isinstance(kind, inspect.EnumType):
            value = kind.cls(value)  # Qt gives enumerations of texts back as plain texts
        elif isinstance(kind, inspect.FloatType):
            value = float(value)
        elif isinstance(kind, inspect.IntType):
            value = int(value)
        before = self.settings
        self.settings = msgspec.structs.replace(before, **{name: value})
        usual = name == "optimizer" and before.lr == LEARNING_RATES[before.optimizer]
        if usual:  # nobody chose a rate: take the one that suits
            self.settings = msgspec.structs.replace(self.settings, lr=LEARNING_RATES[value])
            rate = self.fields["lr"]
            assert isinstance(rate, NumberField)
            rate.set_value(self.settings.lr)
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        opened = self.more.isChecked()
        self.more.setText("Fewer settings" if opened else "More settings")
        for name, field in self.fields.items():
            shown = (opened or name in FIRST) and MATTERS.get(name, _always)(self.settings)
            field.setVisible(shown)
            self._labels[name].setVisible(shown)


class _Several(QWidget):
    """Any number of a few words."""

    def __init__(self, words: Any, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._words = tuple(words)
        self._take = take
        self._switches = [Switch(_word(word)) for word in self._words]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for switch in self._switches:
            switch.clicked.connect(lambda _: self._tell())
            row.addWidget(switch)
        row.addStretch(1)

    def set_value(self, value: tuple[Any, ...]) -> None:
        """Show these as ticked."""
        for word, switch in zip(self._words, self._switches, strict=True):
            switch.setChecked(word in value)

    def _tell(self) -> None:
        pairs = zip(self._words, self._switches, strict=True)
        self._take(tuple(word for word, switch in pairs if switch.isChecked()))


def _always(settings: TrainSettings) -> bool:
    return True


def _word(value: Enum) -> str:
    return WORDS.get(str(value.value), str(value.value))


def _bounds(kind: inspect.IntType | inspect.FloatType) -> tuple[float | None, float | None]:
    near = NEAR if isinstance(kind, inspect.FloatType) else 1
    low = kind.ge if kind.gt is None else kind.gt + near
    high = kind.le if kind.lt is None else kind.lt - near
    return low, high


def _devices() -> list[tuple[str, Any]]:
    """What torch found here. Asked only after a training: until then torch may be half loaded."""
    found = list(PLAIN_DEVICES)
    torch = sys.modules.get("torch")
    if torch is not None:
        if torch.cuda.is_available():
            found += [(f"CUDA {at}", f"cuda:{at}") for at in range(torch.cuda.device_count())]
        if torch.backends.mps.is_available():
            found.append(("MPS", "mps"))
    return found
