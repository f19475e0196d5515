"""How the kernel is applied: stride, padding, dilation, channels, ReLU, pooling, scale and offset."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from explorer.imaging.filtering import Filter, Padding, Pooling
from explorer.ui.widgets.fields import Choice, NumberField, Switch
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.filters.model import Lab

_PADDING = (("valid: none", "valid"), ("same size", "same"), ("by pixels", "pixels"))
_BORDER = (("zero", "zero"), ("reflected", "reflect"), ("replicated", "replicate"))
_CHANNELS = (("each colour", "each"), ("grey", "grey"), ("summed", "sum"))
_POOLING = (("none", None), ("max", "max"), ("average", "average"))
MOST_PADDING = 200


class SettingsForm(QWidget):
    """Follows the lab, and changes it; a number that is dragged is one step of the history."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.stride = self._number("stride", 1, 64)
        self.padding = Choice(_PADDING, "padding")
        self.pixels = NumberField(1, 0, MOST_PADDING, name="padding in pixels")
        self._add("padding", self.padding)
        self._pixels_label = self._add("pixels", self.pixels)
        self.border = Choice(_BORDER, "what the padding is")
        self._border_label = self._add("padded with", self.border)
        self.dilation = self._number("dilation", 1, 64)
        self.channels = Choice(_CHANNELS, "channels")
        self.channels.setToolTip(
            "Each colour by itself, the grey picture, or all summed into one map, as a convolution does"
        )
        self._add("channels", self.channels)
        self.bias = self._number("bias", -10_000, 10_000, decimals=2, step=1)
        self.bias.setToolTip("Added to the sum of the products, before ReLU and pooling")
        self.relu = Switch("negatives become 0", "ReLU")
        self._add("ReLU", self.relu)
        self.pooling = Choice(_POOLING, "pooling")
        self.pool_size = NumberField(2, 1, 32, name="pooling size")
        self.pool_stride = NumberField(2, 1, 32, name="pooling stride")
        self.pool_size.setToolTip("pooling size")
        self.pool_stride.setToolTip("pooling stride")
        self._add("pooling", self.pooling)
        self._pool = self._pair(self.pool_size, Label("stride", "muted"), self.pool_stride)
        self._pool_label = self._add("over", self._pool)
        self.scale = self._number("scale", -1000, 1000, decimals=4, step=0.1)
        self.offset = self._number("offset", -1000, 1000, decimals=2, step=1)
        self.scale.setToolTip("What is shown is the result · scale + offset, clipped to 0 to 255")
        self.offset.setToolTip(self.scale.toolTip())
        self._connect()
        lab.recipe_changed.connect(self.follow)
        self.follow()

    def _number(
        self, name: str, least: float, most: float, *, decimals: int = 0, step: float = 1
    ) -> NumberField:
        field = NumberField(least, least, most, decimals=decimals, step=step, name=name)
        self._add(name, field)
        self._follow_number(field, name)
        return field

    def _follow_number(self, field: NumberField, name: str) -> None:
        field.changing.connect(lambda value: self._lab.change(name, name, **{name: value}))
        field.settled.connect(lambda value: self._lab.past.seal())

    def _add(self, name: str, field: QWidget) -> Label:
        row = self._grid.rowCount()
        label = Label(name, "muted")
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        return label

    def _pair(self, *fields: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for field in fields:
            row.addWidget(field, 0 if isinstance(field, Label) else 1)
        return holder

    def _connect(self) -> None:
        change = self._lab.change
        self.padding.chosen.connect(self._set_padding)
        self.pixels.changing.connect(lambda value: change("padding", "padding", padding=int(value)))
        self.pixels.settled.connect(lambda value: self._lab.past.seal())
        self.border.chosen.connect(lambda value: change("padding", border=value))
        self.channels.chosen.connect(lambda value: change("channels", channels=value))
        self.relu.clicked.connect(lambda on: change("ReLU", relu=on))
        self.pooling.chosen.connect(self._set_pooling)
        for field in (self.pool_size, self.pool_stride):
            field.changing.connect(self._change_pooling)
            field.settled.connect(lambda value: self._lab.past.seal())

    def _set_padding(self, choice: str) -> None:
        before = self._lab.filter.padding
        padding: Padding
        if choice == "pixels":
            padding = before if isinstance(before, int) else max(self._lab.filter.pads[0])
        else:
            padding = "same" if choice == "same" else "valid"
        self._lab.change("padding", padding=padding)

    def _set_pooling(self, kind: str | None) -> None:
        self._lab.change("pooling", pooling=self._pooling(kind))

    def _change_pooling(self, value: float) -> None:
        self._lab.change("pooling", "pooling", pooling=self._pooling(self.pooling.currentData()))

    def _pooling(self, kind: str | None) -> Pooling | None:
        if kind is None:
            return None
        size, stride = int(self.pool_size.value), int(self.pool_stride.value)
        return Pooling("max" if kind == "max" else "average", size, stride)

    def follow(self) -> None:
        """Show the filter that is looked at."""
        now: Filter = self._lab.filter
        by_pixels = isinstance(now.padding, int)
        self.stride.set_value(now.stride)
        self.padding.set_value("pixels" if by_pixels else now.padding)
        self.pixels.setVisible(by_pixels)
        self._pixels_label.setVisible(by_pixels)
        if isinstance(now.padding, int):
            self.pixels.set_value(now.padding)
        self.border.set_value(now.border)
        self.border.setEnabled(now.padding not in ("valid", 0))
        self._border_label.setEnabled(self.border.isEnabled())
        self.dilation.set_value(now.dilation)
        self.channels.set_value(now.channels)
        self.bias.set_value(now.bias)
        self.relu.setChecked(now.relu)
        self.pooling.set_value(now.pooling.kind if now.pooling else None)
        for part in (self._pool, self._pool_label):
            part.setVisible(now.pooling is not None)
        if now.pooling is not None:
            self.pool_size.set_value(now.pooling.size)
            self.pool_stride.set_value(now.pooling.stride)
        self.scale.set_value(now.scale)
        self.offset.set_value(now.offset)
