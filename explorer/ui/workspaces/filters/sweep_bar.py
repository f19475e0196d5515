"""The sweep: the window goes over the picture, pixel by pixel, while the result fills."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from explorer.ui.icons import icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.filters.model import Lab

TICK_MS = 33
NARROW = 520
"""Width below which the place is left out; the explanation names it, too."""
SPEEDS = (("2 a second", 2.0), ("10 a second", 10.0), ("60 a second", 60.0), ("in 10 seconds", 0.0))
"""Pixels a second; 0 for the whole picture in `WHOLE` seconds."""
WHOLE = 10.0


class SweepBar(QWidget):
    """Play, the place, and the speed. `playing_changed` comes with the start, every step, and the end."""

    playing_changed = Signal()

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._began = (0.0, 0)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._step)
        self.button = Button("Play the sweep", "primary", "play")
        self.button.clicked.connect(self.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Pixel of the result")
        self.slider.valueChanged.connect(self._go)
        self.place = Label("", "muted")
        self.speed = Choice(SPEEDS, "speed of the sweep")
        self.speed.setMinimumContentsLength(10)
        self.speed.set_value(0.0)
        self.speed.chosen.connect(lambda value: self._restart())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.place)
        row.addWidget(self.speed)
        lab.pixel_changed.connect(self.follow)
        lab.result_changed.connect(self.follow)
        theme().changed.connect(self._fit)
        self._fit()
        self.follow()

    def _fit(self) -> None:
        self.place.setMinimumWidth(theme().tokens.px(120))
        self.button.setMinimumWidth(theme().tokens.px(132))
        self.slider.setMinimumWidth(theme().tokens.px(64))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.place.setVisible(event.size().width() > theme().tokens.px(NARROW))

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, or stop; from the beginning where it is at the end."""
        if self.playing:
            self.stop()
            return
        if not self._count():
            return
        if self._index() >= self._count() - 1:
            self._lab.set_pixel(0, 0)
        self._restart()
        self._timer.start()
        self._show()

    def stop(self) -> None:
        """Stay where it is."""
        if self.playing:
            self._timer.stop()
            self._show()

    def _show(self) -> None:
        self.button.setText("Stop" if self.playing else "Play the sweep")
        self.button.setAccessibleName(self.button.text())
        self.button.setIcon(icon("stop" if self.playing else "play", theme().tokens.on_accent))
        self.playing_changed.emit()

    def _restart(self) -> None:
        self._began = time.monotonic(), self._index()

    def _count(self) -> int:
        rows, columns = self._lab.out
        return rows * columns

    def _index(self) -> int:
        return self._lab.pixel[0] * self._lab.out[1] + self._lab.pixel[1]

    def _step(self) -> None:
        self.advance(time.monotonic() - self._began[0])

    def advance(self, seconds: float) -> None:
        """To where the sweep is after so many seconds of playing."""
        count = self._count()
        rate = float(self.speed.currentData()) or count / WHOLE
        index = self._began[1] + int(seconds * rate)
        if not count or index >= count - 1:
            self._to(max(0, count - 1))
            self.stop()
        else:
            self._to(index)
            self.playing_changed.emit()

    def _to(self, index: int) -> None:
        columns = max(1, self._lab.out[1])
        self._lab.set_pixel(index // columns, index % columns)

    def _go(self, index: int) -> None:
        self._to(index)
        self._restart()

    def follow(self) -> None:
        """Show where the pixel is."""
        count = self._count()
        self.setEnabled(count > 0)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, min(count - 1, 2**31 - 1)))
        self.slider.setPageStep(max(1, self._lab.out[1]))
        self.slider.setValue(self._index())
        self.slider.blockSignals(False)
        row, column = self._lab.pixel
        self.place.setText(f"row {row}, column {column}" if count else "")
