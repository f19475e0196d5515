"""The numbers beside the plots: what happens at τ, among K people, and how good the distance is at all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.faces.evaluation import AtThreshold, Interval
from explorer.faces.intervals import among, share
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import NumberField
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Line, Panel, ScrollPanel
from explorer.ui.workspaces.faces.threshold_source import Measured
from explorer.ui.workspaces.faces.threshold_text import between, cosine, missing, percent

HIGHEST = 4.0
PEOPLE = 20


class FiguresPanel(ScrollPanel):
    """At the right from top to bottom. `moved(τ)` when it is typed, `used(τ)` for the button."""

    moved = Signal(float)
    used = Signal(float)
    exporting = Signal()

    def __init__(self) -> None:
        super().__init__("panel", 16, 4)
        self._at: AtThreshold | None = None
        self.threshold = NumberField(1.2, 0, HIGHEST, decimals=3, step=0.005, name="Threshold τ, squared L2")
        self.threshold.changing.connect(lambda value: self.moved.emit(float(value)))
        self.cosine = Label("", "note")
        self.use = Button("Use this τ", "primary")
        self.use.clicked.connect(lambda: self.used.emit(self.threshold.value))
        self.in_use = Label("", "note")
        self.in_use.setWordWrap(True)
        self.people = NumberField(PEOPLE, 1, 1_000_000, name="People enrolled, K")
        self.people.changing.connect(lambda _: self._show_among())
        self.rates = _Table(("strangers let in", "people turned away"))
        self.among = _Table(("a stranger gets in",))
        self.judged = _Table(("accuracy", "precision"))
        self.overall = _Table(("equal error rate", "TAR at FAR 1 %", "TAR at FAR 0.1 %"))
        self.rough = Label("", "strong")
        self.rough.setWordWrap(True)
        self.missing = Label("", "note")
        self.missing.setWordWrap(True)
        self.method = Label("", "note")
        self.method.setWordWrap(True)
        self.export = Button("Export the curve as CSV…")
        self.export.clicked.connect(self.exporting)
        self._build()

    def _build(self) -> None:
        tau = Label("τ", "title")
        tau.setBuddy(self.threshold)
        self.threshold.setMaximumWidth(96)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(tau)
        row.addWidget(self.threshold)
        row.addWidget(self.cosine, 1)
        self.people.setMaximumWidth(96)
        crowd = QHBoxLayout()
        crowd.setSpacing(8)
        crowd.addWidget(Label("among K =", "note"))
        crowd.addWidget(self.people)
        crowd.addWidget(Label("people enrolled", "note"), 1)
        column = self.column
        column.addWidget(Heading("Same person if and only if distance ≤ τ"))
        column.addLayout(row)
        column.addWidget(self.use)
        column.addWidget(self.in_use)
        column.addWidget(self.rough)
        column.addWidget(Heading("At τ"))
        column.addWidget(_group(self.rates))
        column.addLayout(crowd)
        column.addWidget(_group(self.among))
        column.addWidget(Heading("All pairs, judged at τ"))
        column.addWidget(_group(self.judged))
        column.addWidget(Heading("Whatever τ is"))
        column.addWidget(_group(self.overall))
        for label in (self.method, self.missing):
            column.addWidget(label)
        column.addStretch(1)
        column.addWidget(Line())
        column.addWidget(self.export, 0, Qt.AlignmentFlag.AlignLeft)

    def show_measured(self, measured: Measured) -> None:
        """The figures that no τ changes."""
        figures = measured.figures
        self.overall.put(0, figures.eer)
        for place, interval in enumerate(figures.true_accepts.values(), start=1):
            self.overall.put(place, interval, "too few pairs")
        self.rough.setText(measured.rough)
        self.rough.setVisible(bool(measured.rough))
        drawn = "people drawn anew" if figures.over_people else "pairs drawn anew"
        self.method.setText(
            f"In brackets: 95 % intervals in per cent; of the last three by bootstrap, {drawn}."
        )
        words = missing(measured.faces)
        self.missing.setText(words)
        self.missing.setVisible(bool(words))

    def show_at(self, at: AtThreshold, in_use: float) -> None:
        """What happens at τ; `in_use` is the workspace's threshold."""
        self._at = at
        self.threshold.set_value(round(at.threshold, 3))
        self.cosine.setText(f"cosine ≥ {cosine(at.threshold):.3f}")
        self.rates.put(0, share(at.false_accepts, at.false_accepts + at.true_rejects))
        self.rates.put(1, share(at.false_rejects, at.false_rejects + at.true_accepts))
        right, all_ = at.true_accepts + at.true_rejects, at.false_accepts + at.false_rejects
        self.judged.put(0, share(right, right + all_))
        accepted = at.true_accepts + at.false_accepts
        self.judged.put(1, share(at.true_accepts, accepted) if accepted else None, "none accepted")
        used = abs(at.threshold - in_use) < 5e-4
        self.use.setEnabled(not used)
        self.in_use.setText("Verify uses this τ." if used else f"Verify uses τ = {in_use:.3f}.")
        self._show_among()

    def _show_among(self) -> None:
        if self._at is not None:
            far = share(self._at.false_accepts, self._at.false_accepts + self._at.true_rejects)
            self.among.put(0, among(far, int(self.people.value)))


def _group(table: QWidget) -> Panel:
    well = Panel("well", 12, 4)
    well.column.addWidget(table)
    return well


class _Table(QWidget):
    """Names, values and intervals in three columns."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        self._names = names
        self._cells: list[tuple[Label, Label]] = []
        for place, name in enumerate(names):
            value, interval = Label("–", "figure"), Label("", "note")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            interval.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(Label(name, "note"), place, 0)
            grid.addWidget(value, place, 1)
            grid.addWidget(interval, place, 2)
            self._cells.append((value, interval))

    def put(self, place: int, found: Interval | None, nothing: str = "–") -> None:
        value, interval = self._cells[place]
        value.setText(percent(found.value) if found is not None else nothing)
        interval.setText(f"({between(found)})" if found is not None else "")
        value.setAccessibleName(f"{self._names[place]}: {value.text()} {interval.text()}")


class PanelOrHint(QWidget):
    """The panel, or a quiet ground while there is nothing to tell."""

    def __init__(self, panel: QWidget, hint: str) -> None:
        super().__init__()
        self.panel = panel
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._hint = Label(hint, "note")
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(16, 16, 16, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._hint)
        column.addWidget(panel, 1)
        column.addStretch(0)
        self.show_panel(False)

    def show_panel(self, shown: bool) -> None:
        """The panel, or the hint."""
        self.panel.setVisible(shown)
        self._hint.setVisible(not shown)
