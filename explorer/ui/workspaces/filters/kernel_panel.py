"""The panel at the right: the kernel, how it is applied, the result's size, what the kernel lets through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from explorer.imaging.explanation import CHANNELS
from explorer.imaging.filtering import dilated
from explorer.imaging.kernels import LARGEST, Kernel, Rows, parse, separated
from explorer.network.errors import UserError
from explorer.network.numerals import grouped
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.fields import Choice, NumberField, Switch
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Panel, ScrollPanel
from explorer.ui.workspaces.filters.kernel_grid import KernelGrid
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.response_map import ResponseMap
from explorer.ui.workspaces.filters.settings_form import SettingsForm
from explorer.ui.workspaces.filters.spelling import as_text, resized, spelled
from explorer.ui.workspaces.filters.weights_form import WeightsForm

CROSS = "Cross-correlation, as in convolutional networks."
TRUE = "Convolution in the mathematical sense: the kernel is turned by 180° before it is laid on the picture."


class KernelPanel(ScrollPanel):
    """Follows the lab by itself."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("panel", 12, 8)
        self._lab = lab
        self._build_kernel()
        self.form = SettingsForm(lab)
        self.column.addWidget(self.form)
        self._build_size()
        self._build_response()
        self.weights = WeightsForm()
        self.column.addWidget(self.weights)
        self.column.addStretch(1)
        lab.recipe_changed.connect(self.follow)
        lab.result_changed.connect(self._tell_size)
        lab.pixel_changed.connect(self._follow_color)
        self.follow()

    def _build_kernel(self) -> None:
        self.rows = NumberField(3, 1, LARGEST, name="kernel rows")
        self.columns = NumberField(3, 1, LARGEST, name="kernel columns")
        self.more = IconButton("more", "More to do with the kernel")
        self.more.clicked.connect(self.open_menu)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(Heading("Kernel"))
        row.addStretch(1)
        row.addWidget(self.rows)
        row.addWidget(Label("×", "muted"))
        row.addWidget(self.columns)
        row.addWidget(self.more)
        for field in (self.rows, self.columns):
            field.setMaximumWidth(theme().tokens.px(48))
            field.changing.connect(lambda value: self._resize())
            field.settled.connect(lambda value: self._lab.past.seal())
        self.grid = KernelGrid()
        self.grid.setToolTip("Type a value, drag to paint with it, turn the wheel to change it")
        self.grid.painted.connect(lambda rows: self._take(rows, "paint the kernel", "paint"))
        self.grid.settled.connect(self._lab.past.seal)
        self.flip = Switch("Flip the kernel")
        self.flip.clicked.connect(lambda on: self._lab.change("flip the kernel", flip=on))
        self.sense = Label("", "note")
        self.sense.setWordWrap(True)
        self.color = Choice(
            tuple((name, index) for index, name in enumerate(CHANNELS)), "Colour of the kernel"
        )
        self.color.setToolTip("Each colour has a kernel of its own; the results are summed")
        self.color.chosen.connect(self._lab.set_channel)
        for widget in (top, self.color, self.grid, self.flip, self.sense):
            self.column.addWidget(widget)

    def _build_size(self) -> None:
        self.column.addWidget(Heading("Output size"))
        well = Panel("well", 10, 4)
        self.size_text = Label("", "value")
        self.size_text.setWordWrap(True)
        self.size_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        well.column.addWidget(self.size_text)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.filters = NumberField(self._lab.filters, 1, 4096, name="filters")
        self.filters.setMaximumWidth(theme().tokens.px(56))
        self.filters.changing.connect(lambda value: self._lab.set_filters(int(value)))
        self.volume = Label("", "value")
        row.addWidget(Label("with", "note"))
        row.addWidget(self.filters)
        row.addWidget(Label("filters:", "note"))
        row.addStretch(1)
        well.column.addLayout(row)
        well.column.addWidget(self.volume)
        self.column.addWidget(well)

    def _build_response(self) -> None:
        self.column.addWidget(Heading("What it lets through"))
        self.response = ResponseMap()
        self.through = Label("", "note")
        self.separable = Label("", "note")
        for label in (self.through, self.separable):
            label.setWordWrap(True)
        for widget in (self.response, self.through, self.separable):
            self.column.addWidget(widget)

    # -- following ---------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Show the filter that is looked at."""
        now = self._lab.filter
        self.color.setVisible(now.deep)
        self._follow_color()
        rows, columns = now.kernel.size
        self.rows.set_value(rows)
        self.columns.set_value(columns)
        self.flip.setChecked(now.flip)
        self.sense.setText(TRUE if now.flip else CROSS)
        total = float(now.layers.sum(dtype=np.float64))
        ground = (
            "nothing of an even ground" if abs(total) < 1e-4 else f"an even ground times {spelled(total)}"
        )
        self.through.setText(f"Lets through {ground}, and at most {self.response.peak:.3g} times.")
        self.separable.setText("" if now.deep else separable_words(now.kernel))
        self.separable.setVisible(bool(self.separable.text()))
        self._tell_size()

    @property
    def _rows(self) -> Rows:
        """The kernel in the grid: of one colour, where each has its own."""
        now = self._lab.filter
        return now.kernel.colors[min(self._lab.channel, 2)] if now.deep else now.kernel.rows

    def _follow_color(self) -> None:
        now = self._lab.filter
        self.color.set_value(self._lab.channel)
        self.grid.show_rows(self._rows)
        shown = now.layers[..., min(self._lab.channel, now.layers.shape[2] - 1)]
        self.response.show_kernel(dilated(shown, now.dilation))

    def _tell_size(self) -> None:
        stage = self._lab.stage
        if stage is None:
            self.size_text.setText("No result.")
            self.volume.setText("")
            return
        lines = [stage.down.spelled]
        if stage.across.spelled != stage.down.spelled:
            lines = [f"rows: {stage.down.spelled}", f"columns: {stage.across.spelled}"]
        left_over = max(stage.down.dropped, stage.across.dropped)
        if left_over:
            lines.append(f"{left_over} {'row or column' if left_over == 1 else 'rows or columns'} not seen")
        pooling = stage.filter.pooling
        if pooling is not None:
            height, width = stage.shown.shape[:2]
            lines.append(f"pooled {pooling.size}×{pooling.size} / {pooling.stride}: {height} × {width}")
        self.size_text.setText("\n".join(lines))
        height, width = stage.shown.shape[:2]
        count = height * width * self._lab.filters
        self.volume.setText(f"{height} × {width} × {self._lab.filters} = {grouped(count)} values")

    # -- changing ----------------------------------------------------------------------------------------

    def _take(self, rows: Rows, title: str, merge: str | None = None) -> None:
        before = self._lab.filter.kernel
        colors: tuple[Rows, ...] = ()
        if self._lab.filter.deep:
            size, channel = (len(rows), len(rows[0])), self._lab.channel
            colors = tuple(
                rows if one == channel else resized(before.colors[one], *size) for one in range(len(CHANNELS))
            )
            mean = np.mean(np.array(colors), axis=0)
            rows = tuple(tuple(float(value) for value in row) for row in mean)
        own = Kernel("own", "Own", "Own", rows, before.scale, before.offset, colors=colors)
        self._lab.change(title, merge, kernel=own)

    def _resize(self) -> None:
        rows = resized(self._rows, int(self.rows.value), int(self.columns.value))
        self._take(rows, "resize the kernel", "resize")

    def open_menu(self) -> QMenu:
        """What else can be done with the kernel."""
        menu = QMenu(self)
        menu.setAccessibleName("Kernel")
        for text, run in (
            ("Turn by 90°", lambda: self._array(np.rot90, "turn the kernel")),
            ("Reverse the signs", lambda: self._array(np.negative, "reverse the signs")),
            ("Divide so that the sum is 1", self.normalize),
            ("Take the mean away", lambda: self._array(lambda v: v - v.mean(), "take the mean away")),
            ("All zeros", lambda: self._array(np.zeros_like, "clear the kernel")),
            ("", None),
            ("Copy as text", self.copy_text),
            ("Paste from text", self.paste_text),
        ):
            if run is None:
                menu.addSeparator()
            else:
                menu.addAction(text).triggered.connect(run)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        return menu

    def _array(self, work: Callable[[NDArray[np.float64]], NDArray[np.float64]], title: str) -> None:
        values = np.array(self._rows, dtype=np.float64)
        made = work(values)
        rows = tuple(tuple(round(float(value) + 0.0, 7) for value in row) for row in made)
        self._take(rows, title)

    def normalize(self) -> None:
        """Divide by the sum, where there is one."""
        total = sum(sum(row) for row in self._rows)
        if abs(total) > 1e-6:
            self._array(lambda values: values / total, "divide the kernel")

    def copy_text(self) -> None:
        """As `explorer filter` reads it."""
        QGuiApplication.clipboard().setText(as_text(self._rows))

    def paste_text(self) -> str:
        """Rows of numbers from the clipboard; what is wrong with them stands under the grid."""
        try:
            self._take(parse(QGuiApplication.clipboard().text().replace("\n", ";")), "paste a kernel")
        except UserError as error:
            self.sense.setText(str(error))
            return str(error)
        return ""


def separable_words(kernel: Kernel) -> str:
    """`Separable: column (1, 2, 1) × row (−1, 0, 1), 6 products a pixel instead of 9.`; empty if not."""
    rows, columns = kernel.size
    parts = separated(kernel.rows) if min(rows, columns) > 1 else None
    if parts is None:
        return ""
    column, row = parts
    # As whole as can be: what the column is divided by, the row is multiplied with.
    unit = min(abs(value) for value in column if abs(value) > 1e-6)
    left, right = [float(v) / unit for v in column], [float(v) * unit for v in row]
    shown = [", ".join(spelled(round(value, 4)) for value in one) for one in (left, right)]
    if max(rows, columns) > 9:
        return f"Separable: a column × a row, {rows + columns} products a pixel instead of {rows * columns}."
    return (
        f"Separable: column ({shown[0]}) × row ({shown[1]}), "
        f"{rows + columns} products a pixel instead of {rows * columns}."
    )
