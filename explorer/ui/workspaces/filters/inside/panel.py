"""The right side of Look inside: the picture with what is laid over it, the classes, the layer's figures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from explorer.imaging.explanation import number
from explorer.network import numerals
from explorer.ui.widgets.bars import Bar, LayerBars
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Badge, Heading, Label
from explorer.ui.widgets.panels import Panel, ScrollPanel
from explorer.ui.workspaces.filters.inside.histogram import Histogram
from explorer.ui.workspaces.filters.inside.model import InsideModel
from explorer.ui.workspaces.filters.inside.seen_view import SeenView

VIEWS = (
    ("A unit: what it sees", "field"),
    ("A unit: what it answers to", "projection"),
    ("A class: Grad-CAM", "cam"),
    ("A class: occlusion", "occlusion"),
)
MAPS = (("by the last maps", False), ("by the layer that is chosen", True))
ASK = {
    "field": "Point at a unit in a map: the frame is its receptive field by the rules, the glow what "
    "moves it on this picture (its gradient).",
    "projection": "Point at a unit in a map: its activation is sent back to the picture as in a deconvnet.",
}
FREEZE = "Freeze the picture first: covering it patch by patch takes longer than a frame is on show."
MOST_DEAD = 12
CLOSE = 0.4
"""A region that takes less of the picture's side is shown enlarged, too."""
NO_CLASSES = "No classes: some weights are random, so the scores mean nothing."
NO_NAMES = "No class names: the network does not say what it was trained on."


class InsidePanel(ScrollPanel):
    """Follows the model by itself. `weights_wanted` when the weights that ship are to be loaded."""

    weights_wanted = Signal()

    def __init__(self, model: InsideModel) -> None:
        super().__init__("panel", 12, 8)
        self._model = model
        self._offered = False
        self._build()
        model.seen_changed.connect(self._follow_seen)
        model.page_changed.connect(self._follow_page)
        model.unit_changed.connect(self._follow_unit)
        model.laid_changed.connect(self._follow_laid)
        self._follow_seen()
        self._follow_page()

    def _build(self) -> None:
        self.heading = Heading("As the network sees it")
        self.picture = SeenView()
        self.view = Choice(VIEWS, "What is laid over the picture")
        self.view.chosen.connect(self._choose_view)
        self.target = Choice((("the likeliest class", None),), "Which class")
        self.target.chosen.connect(self._model.set_target)
        self.maps = Choice(MAPS, "By which maps")
        self.maps.chosen.connect(self._model.set_cam_here)
        self.note = Label("", "note")
        self.note.setWordWrap(True)
        self.close_up = SeenView()
        self.close_up.setAccessibleName("The part that the unit sees, enlarged")
        choices = (self.view, self.target, self.maps)
        for widget in (self.heading, self.picture, *choices, self.close_up, self.note):
            self.column.addWidget(widget)
        top = QHBoxLayout()
        top.addWidget(Heading("Classes"))
        top.addStretch(1)
        self.badge = Badge("random weights", "warning")
        top.addWidget(self.badge)
        self.column.addLayout(top)
        self.classes = LayerBars("Classes")
        self.reason = Label("", "note")
        self.reason.setWordWrap(True)
        self.load = Button("Load the weights that ship")
        self.load.clicked.connect(self.weights_wanted)
        for item in (self.classes, self.reason, self.load):
            self.column.addWidget(item)
        self.layer_heading = Heading("This layer")
        self.column.addWidget(self.layer_heading)
        well = Panel("well", 10, 6)
        self.figures = Label("", "value")
        self.figures.setWordWrap(True)
        self.histogram = Histogram()
        self.dead = Label("", "note")
        self.dead.setWordWrap(True)
        for part in (self.histogram, self.figures, self.dead):
            well.column.addWidget(part)
        self.well = well
        self.column.addWidget(well)
        self.column.addStretch(1)

    def offer_weights(self, offered: bool) -> None:
        """Whether there are weights that ship for the open network."""
        self._offered = offered
        self.load.setVisible(self._model.random and offered)

    # -- following ---------------------------------------------------------------------------------------

    def _follow_seen(self) -> None:
        seen = self._model.seen
        self.badge.setVisible(self._model.random)
        self.load.setVisible(self._model.random and self._offered)
        if seen is None:
            self.heading.setText("As the network sees it")
            self.classes.show_bars(())
            self.reason.setText("")
        else:
            rows, columns = seen.picture.shape[:2]
            self.heading.setText(f"As the network sees it, {columns} × {rows}")
            found = seen.classes or ()
            self.classes.show_bars(
                [
                    Bar(one.name, one.probability, numerals.share(one.probability, 1), story=one.name)
                    for one in found
                ]
            )
            self.reason.setText("" if seen.classes else NO_CLASSES if seen.random else NO_NAMES)
        self.reason.setVisible(bool(self.reason.text()))
        self.classes.setVisible(bool(self.classes.bars))
        self._fill_targets()
        self._follow_unit()
        self._follow_laid()

    def _fill_targets(self) -> None:
        network = self._model.network
        named = network.trained.classes if network is not None and network.trained is not None else ()
        names = [] if self._model.random else list(named)
        wanted = [
            ("the likeliest class" if not self._model.random else "the largest score", None),
            *((name, place) for place, name in enumerate(names)),
        ]
        shown = [(self.target.itemText(row), self.target.itemData(row)) for row in range(self.target.count())]
        if wanted != shown:
            self.target.clear()
            for text, value in wanted:
                self.target.addItem(text, value)
        self.target.set_value(self._model.target)

    def _choose_view(self, view: str) -> None:
        self._model.set_view(view)  # type: ignore[arg-type]
        self._follow_laid()

    def _follow_laid(self) -> None:
        model = self._model
        self.view.set_value(model.view)
        self.target.setVisible(model.view in ("cam", "occlusion"))
        self.maps.setVisible(model.view == "cam")
        self.maps.set_value(model.cam_here)
        laid = model.laid
        self.picture.show_picture(laid.picture if laid else model.seen.picture if model.seen else None)
        self._follow_unit()

    def _follow_unit(self) -> None:
        model = self._model
        region = model.region() if model.view in ("field", "projection") else None
        self.picture.show_region(region)
        part = None
        if region is not None and model.laid is not None:
            rows, columns = model.laid.picture.shape[:2]
            seen = region.within(rows, columns)
            if min(seen.size) > 0 and max(seen.size) <= CLOSE * max(rows, columns):
                part = model.laid.picture[seen.top : seen.bottom, seen.left : seen.right]
        self.close_up.show_picture(part)
        self.close_up.setVisible(part is not None)
        self._tell()

    def _tell(self) -> None:
        """What stands below the picture."""
        model = self._model
        laid, unit, region = model.laid, model.unit, model.region()
        if model.seen is None:
            self.note.setText("")
        elif model.view in ("cam", "occlusion"):
            waiting = FREEZE if model.too_quick else model.silence or "Working it out …"
            self.note.setText(laid.note if laid is not None else waiting)
        elif unit is None or region is None or model.network is None:
            self.note.setText(ASK[model.view])
        else:
            rows, columns = model.seen.picture.shape[:2]
            within = region.within(rows, columns)
            seen = "the whole picture" if within.size == (rows, columns) else _sees(region.size, within.size)
            value = f" = {number(laid.value)}" if laid is not None and laid.value is not None else ""
            note = f" {laid.note}" if laid is not None and laid.note else ""
            note = f" {model.silence}" if model.silence else note
            where = f"row {unit.row}, column {unit.column}"
            self.note.setText(f"Map {unit.channel}, {where}{value}. It sees {seen}.{note}")

    def _follow_page(self) -> None:
        model = self._model
        page = model.page
        self.well.setVisible(page is not None)
        self.layer_heading.setVisible(page is not None)
        if page is None or model.network is None or page.node not in model.network.nodes:
            return
        found = page.statistics
        self.histogram.show_statistics(found)
        self.layer_heading.setText(model.network.path(page.node))
        self.figures.setText(
            f"mean {number(found.mean)}, deviation {number(found.deviation)}\n"
            f"from {number(found.least)} to {number(found.most)}\n"
            f"{numerals.share(found.zero_share, 1)} of the values are 0"
        )
        count = len(found.dead)
        what = "channel" if page.size != (1, 1) else "unit"
        if not count:
            self.dead.setText(f"No {what} is dead on this picture.")
        else:
            names = ", ".join(str(one) for one in found.dead[:MOST_DEAD]) + (
                " …" if count > MOST_DEAD else ""
            )
            verb = f"{what} is" if count == 1 else f"{what}s are"
            self.dead.setText(f"{count} of {found.channels} {verb} 0 everywhere on this picture: {names}.")


def _sees(whole: tuple[int, int], within: tuple[int, int]) -> str:
    clipped = "" if whole == within else f", of which {within[1]} × {within[0]} lie on the picture"
    return f"{whole[1]} × {whole[0]} pixels{clipped}"
