"""Invariance: sliders at the left; the picture, two networks and their curves in the middle."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.curves import Curve as Line
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import Panel, ScrollPanel, Splitter
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspace import Figure, Status, Surroundings
from explorer.ui.workspaces.filters.inside.jobs import Subjects
from explorer.ui.workspaces.filters.inside.seen_view import SeenView
from explorer.ui.workspaces.filters.invariance.column import NetworkColumn
from explorer.ui.workspaces.filters.invariance.model import MANY, InvarianceModel
from explorer.ui.workspaces.filters.invariance.sliders import Sliders
from explorer.ui.workspaces.filters.model import Lab

LEFT_WIDTH = 236
NARROW = 780
"""Room in the middle below which everything stands below each other."""
COLORS = ("accent", "pooling")
"""Of the first network and the second, in bars and curves."""
WHAT = (
    "A convolution is equivariant: its maps move with the picture, the solid line stays at 0. Pooling and "
    "averaging make it invariant: the values stay, the dashed line falls. Other layers have no places."
)


class InvariancePage(QWidget):
    """Puts the parts together; each follows the model by itself."""

    def __init__(self, lab: Lab, surroundings: Surroundings, subjects: Subjects) -> None:
        super().__init__()
        self.model = InvarianceModel(lab, surroundings.session, surroundings.runner, subjects, self)
        self.sliders = Sliders(self.model)
        self._build()
        self._connect()
        self._follow_contenders()

    def _build(self) -> None:
        self.plain, self.distorted = SeenView(), SeenView()
        self.plain.setAccessibleName("The picture as it is")
        self.distorted.setAccessibleName("The picture, distorted")
        self.columns = [NetworkColumn("First network", COLORS[0]), NetworkColumn("Second network", COLORS[1])]
        pictures = QGridLayout()
        pictures.setSpacing(4)
        for place, (view, words) in enumerate(((self.plain, "as it is"), (self.distorted, "distorted"))):
            view.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            pictures.addWidget(Label(words, "label"), 0, place)
            pictures.addWidget(view, 1, place)
        pictures.setRowStretch(2, 1)
        pictures.setColumnStretch(2, 1)
        pictures.setHorizontalSpacing(8)
        self.pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.pair.setSpacing(12)
        for column in self.columns:
            self.pair.addWidget(column, 1)
        self.top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.top.setSpacing(12)
        self.top.addLayout(pictures)
        self.top.addLayout(self.pair, 1)
        self.probability = Plot("Probability of the right class")
        self.distance = Plot("How far the features have moved")
        self.plots = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.plots.setSpacing(12)
        self.plots.addWidget(self._card(self.probability), 1)
        self.plots.addWidget(self._card(self.distance), 1)
        self.below = self._below()
        self.middle = ScrollPanel("window", 16, 12)
        self.middle.column.addLayout(self.top)
        self.middle.column.addLayout(self.plots, 1)
        self.middle.column.addLayout(self.below, 1)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.sliders)
        self.across.add(self.middle, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.across)
        self.setFocusProxy(self.sliders.sliders["shift"])
        theme().changed.connect(self._widen)
        self._widen()

    def _below(self) -> QBoxLayout:
        """The layers under a shift, and what is to be learned from them."""
        self.layer_choice = Choice((("first network", 0), ("second network", 1)), "Whose layers")
        self.layer_choice.setMinimumContentsLength(8)
        self.layers_title = Label("", "label")
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.layers_title)
        row.addWidget(self.layer_choice)
        self.layers = Plot("A shift, layer by layer", head=head)
        below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        below.setSpacing(12)
        below.addWidget(self._card(self.layers), 3)
        told = Panel("card", 12, 6)
        told.column.addWidget(Heading("Moves with it, or forgives it"))
        what = Label(WHAT, "note")
        what.setWordWrap(True)
        told.column.addWidget(what)
        told.column.addWidget(Heading("Fewer parameters"))
        self.saved = Label("", "note")
        self.saved.setWordWrap(True)
        told.column.addWidget(self.saved)
        told.column.addStretch(1)
        below.addWidget(told, 2)
        return below

    def _card(self, plot: Plot) -> Panel:
        card = Panel("card", 6, 0)
        card.column.addWidget(plot)
        return card

    def _connect(self) -> None:
        model = self.model
        for place, column in enumerate(self.columns):
            column.chosen.connect(lambda key, place=place: model.choose(place, key))
        self.layer_choice.chosen.connect(lambda _: self._follow_layers())
        self.probability.moved.connect(lambda amount: model.set_amount(model.kind.name, amount))
        model.contenders_changed.connect(self._follow_contenders)
        model.compared_changed.connect(self._follow_compared)
        model.curves_changed.connect(self._follow_curves)
        model.distortion_changed.connect(self._follow_amount)
        model.layers_changed.connect(self._follow_layers)

    def _widen(self) -> None:
        px = theme().tokens.px
        self.sliders.setMinimumWidth(px(196))
        side = px(128)
        for view in (self.plain, self.distorted):
            view.setFixedSize(side, side)
        for plot in (self.probability, self.distance, self.layers):
            plot.setMinimumHeight(px(170))
        self.across.setSizes([px(LEFT_WIDTH), max(px(320), self.width() - px(LEFT_WIDTH))])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() - theme().tokens.px(LEFT_WIDTH) >= theme().tokens.px(NARROW)
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        for layout in (self.top, self.plots, self.below):
            layout.setDirection(way)

    def set_active(self, active: bool) -> None:
        """On show, or not."""
        if active:
            self._widen()
        self.model.set_active(active)

    def status(self) -> Status:
        """What is compared."""
        first, second = self.model.contenders
        return Status((Figure(first.title, f"beside {second.title}"),))

    # -- following ---------------------------------------------------------------------------------------

    def _follow_contenders(self) -> None:
        model = self.model
        for column, contender in zip(self.columns, model.contenders, strict=True):
            column.show_choices(model.choices, contender)
        self.saved.setText(
            next((one.saved for one in self.columns if one.saved), "Neither has a convolution.")
        )
        for place in range(2):
            self.layer_choice.setItemText(place, model.contenders[place].short)
        self._follow_compared()
        self._follow_curves()
        self._follow_layers()

    def _follow_compared(self) -> None:
        found = self.model.compared
        self.plain.show_picture(found.plain if found else None)
        self.distorted.show_picture(found.distorted if found else None)
        for place, column in enumerate(self.columns):
            column.show_answer(found.answers[place] if found else None, self.model.fault)

    def _follow_amount(self) -> None:
        model = self.model
        amount = getattr(model.distortion, model.kind.name)
        for plot in (self.probability, self.distance):
            plot.set_line("amount", amount)

    def _follow_curves(self) -> None:
        model = self.model
        kind, found = model.kind, model.curves
        over = f", {MANY} pictures" if model.many and model.label is not None else ""
        self.probability.set_title(f"Probability of the right class{over}")
        self.distance.set_title(f"How far the features have moved{over}")
        ticks = [(amount, kind.told(amount)) for amount in kind.amounts(7)[:-1]]
        lines: list[Line] = []
        far: list[Line] = []
        most = 0.1
        for place, contender in enumerate(model.contenders):
            curve = found.found.get(contender.key) if found is not None else None
            if curve is None:
                continue
            label = contender.short
            color = COLORS[place]
            lines.append(Line(f"p{place}", curve.amounts, curve.probability, color, label, dash=bool(place)))
            far.append(Line(f"d{place}", curve.amounts, curve.distance, color, label, dash=bool(place)))
            most = max(most, float(np.max(curve.distance)))
        for plot, shown, top in ((self.probability, lines, 1.0), (self.distance, far, most * 1.05)):
            plot.show_curves(shown)
            plot.set_range((kind.low, kind.high), (0.0, top))
            plot.set_ticks(bottom=ticks)
        self._follow_amount()

    def _follow_layers(self) -> None:
        model, found = self.model, self.model.layers
        contender = model.contenders[self.layer_choice.currentIndex()]
        shifts = found.found.get(contender.key, ()) if found is not None else ()
        places = np.arange(len(shifts), dtype=float)
        kept = [(at, one.unmoved) for at, one in enumerate(shifts) if one.unmoved is not None]
        lines = [
            Line(
                "changed",
                places,
                [one.changed for one in shifts],
                "muted",
                "not invariant",
                dash=True,
                dots=True,
            )
        ]
        if kept:
            at, values = zip(*kept, strict=True)
            lines.append(Line("unmoved", at, values, "accent", "not equivariant", dots=True))
        self.layers.show_curves(lines if shifts else [])
        most = max([0.2, *(one.changed for one in shifts), *(value for _, value in kept)])
        self.layers.set_range((-0.3, max(1, len(shifts)) - 0.7), (0.0, most * 1.08))
        self.layers.set_ticks(bottom=[(float(at), one.path.split(".")[-1]) for at, one in enumerate(shifts)])
        pixels = f" of {found.pixels} px" if found is not None else ""
        self.layers_title.setText(f"A shift{pixels}, layer by layer")
