"""The experiment with light: verification under changed brightness, with the light evened out and without."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QSlider, QVBoxLayout, QWidget

from explorer.faces.encoder import SFace
from explorer.faces.face_set import FaceSet
from explorer.faces.illumination import FACTORS, Evening, Lit, Sample, brightened, evened, sample, try_lights
from explorer.media.pictures import Picture
from explorer.tasks.job import Context, Progress, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.curves import Curve
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.plots import Plot
from explorer.ui.workspaces.faces.images import image_of
from explorer.ui.workspaces.faces.threshold_text import percent

CHIP = 72
LOOKS = {
    Evening.NONE: ("text", True),
    Evening.EQUALISED: ("accent", False),
    Evening.STANDARDISED: ("ok", False),
    Evening.GAMMA: ("warning", False),
}
MEASURES: tuple[tuple[str, Callable[[Lit], float]], ...] = (
    ("Mean distance, one person", lambda lit: lit.distance),
    ("People let in at τ", lambda lit: lit.accepted),
    ("Strangers let in at τ", lambda lit: lit.strangers),
    ("Equal error rate", lambda lit: lit.eer),
)


class LightPage(QWidget):
    """A curve for each way of evening out the light; below, one pair as the encoder gets it."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._handle: Handle | None = None
        self._faces: FaceSet | None = None
        self._sample: Sample | None = None
        self._threshold = 0.0
        self.results: dict[tuple[float, Evening], Lit] = {}
        self.measure = Choice([(text, place) for place, (text, _) in enumerate(MEASURES)], "What is drawn")
        self.measure.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.measure.setMinimumWidth(120)
        self.measure.chosen.connect(lambda _: self._show())
        self.plot = Plot("Verification under changed light", "brightness of one picture", head=self.measure)
        self.run = Button("Run the experiment", "primary")
        self.run.clicked.connect(self.start)
        self.stop_button = Button("Stop", "link")
        self.stop_button.clicked.connect(self.stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.bar.setAccessibleName("How far the experiment is")
        self.said = Label("", "note")
        self.said.setWordWrap(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(FACTORS) - 1)
        self.slider.setPageStep(1)
        self.slider.setValue(FACTORS.index(0.35))
        self.slider.setAccessibleName("Brightness of the second picture")
        self.slider.valueChanged.connect(lambda _: self._show_factor())
        self.factor_words = Label("", "figure")
        self.previews = {way: _Preview(way) for way in Evening}
        self._build()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.run)
        top.addWidget(self.bar, 1)
        top.addWidget(self.stop_button)
        top.addWidget(self.said, 3)
        light = QHBoxLayout()
        light.setContentsMargins(4, 0, 4, 0)
        light.setSpacing(12)
        light.addWidget(Label("Brightness", "note"))
        light.addWidget(self.slider, 1)
        self.factor_words.setFixedWidth(theme().tokens.px(48))
        light.addWidget(self.factor_words)
        shown = QHBoxLayout()
        shown.setSpacing(12)
        for preview in self.previews.values():
            shown.addWidget(preview, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        column.addLayout(light)
        column.addLayout(shown)
        self._show_running()

    @property
    def running(self) -> bool:
        """Whether the experiment runs."""
        return self._handle is not None

    def show_faces(self, faces: FaceSet, threshold: float) -> None:
        """Another set, or another τ: what was measured before goes when the set does."""
        self._threshold = threshold
        if faces is not self._faces:
            self.stop()
            self._faces, self._sample, self.results = faces, sample(faces), {}
            self._show()
            self._show_running()

    def forget(self) -> None:
        """Let go of the set and its pictures."""
        self.stop()
        self._handle, self._faces, self._sample, self.results = None, None, None, {}
        self._show()
        self._show_running()

    def start(self) -> None:
        """Measure on a sample of the faces; results come factor by factor."""
        if self._faces is None or self._sample is None or not _both(self._sample):
            return
        self.stop()
        self.results = {}
        work = Work("Faces in changed light", partial(_try, self._faces, self._sample, self._threshold))
        handle = self._runner.start(work, partial(self._event, self._faces))
        self._handle = handle
        handle.ended.connect(partial(self._ended, handle))
        self._show_running()

    def stop(self) -> None:
        """End; what is measured stays."""
        if self._handle is not None:
            self._handle.stop()

    def _event(self, faces: FaceSet, event: object) -> None:
        if faces is not self._faces:
            return
        if isinstance(event, Lit):
            self.results[event.factor, event.way] = event
            self._show()
        elif isinstance(event, Progress) and event.fraction is not None:
            self.bar.setValue(round(1000 * event.fraction))

    def _ended(self, handle: Handle) -> None:
        if handle is self._handle:
            self._handle = None
            self._show_running()

    def _show_running(self) -> None:
        tried = self._sample
        fit = tried is not None and _both(tried)
        self.run.setVisible(not self.running)
        self.run.setEnabled(fit)
        self.bar.setVisible(self.running)
        self.stop_button.setVisible(self.running)
        if tried is None:
            self.said.setText("")
        elif not fit:
            self.said.setText("Needs pairs of one person and pairs of two with a face in both pictures.")
        else:
            near = int(tried.same.sum()) // 2
            few = "; too few to tell small differences" if near < 100 else ""
            self.said.setText(
                f"{len(tried.rows)} faces, {near} pairs of one person, each way round{few}. "
                "The light is changed on the aligned face."
            )

    # -- what it shows ---------------------------------------------------------------------------------

    def _show(self) -> None:
        place = int(self.measure.currentData())
        value = MEASURES[place][1]
        curves, highest = [], 0.0
        for way, (color, dash) in LOOKS.items():
            found = [self.results[f, way] for f in FACTORS if (f, way) in self.results]
            if found:
                x = np.log2([lit.factor for lit in found])
                y = [value(lit) for lit in found]
                highest = max(highest, *y)
                curves.append(Curve(way.value, x, y, color, way.value, dash=dash, dots=True))
        self.plot.show_curves(curves)
        self._set_axes(place, highest)
        self._show_factor()

    def _set_axes(self, place: int, highest: float) -> None:
        bottom = [(float(np.log2(factor)), f"×{factor:g}") for factor in FACTORS]
        ends = float(np.log2(FACTORS[0])) - 0.1, float(np.log2(FACTORS[-1])) + 0.1
        if place == 0:
            top = 1.0 if highest <= 1 else 2.0
            ticks = [(part * top, f"{part * top:g}") for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
        else:
            top = 1.0 if place == 1 else next((one for one in (0.02, 0.1, 0.25) if highest <= one), 1.0)
            ticks = [(share * top, f"{share * top * 100:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        self.plot.set_range(ends, (0.0, top * 1.04))
        self.plot.set_ticks(ticks, bottom)

    def _show_factor(self) -> None:
        factor = FACTORS[self.slider.value()]
        self.factor_words.setText(f"×{factor:g}")
        self.plot.set_line("factor", float(np.log2(factor)))
        pair = self._pair()
        for way, preview in self.previews.items():
            lit = self.results.get((factor, way))
            words = "" if lit is None else f"{percent(lit.accepted)} let in, d = {lit.distance:.2f}"
            chips = None
            if pair is not None:
                chips = evened(pair[0], way), evened(brightened(pair[1], factor), way)
            preview.show_chips(chips, words)

    def _pair(self) -> tuple[Picture, Picture] | None:
        """The first pair of one person in the sample."""
        tried, faces = self._sample, self._faces
        if tried is None or faces is None or not tried.same.any():
            return None
        first = int(np.flatnonzero(tried.same)[0])
        a, b = faces.chips[tried.rows[tried.a[first]]], faces.chips[tried.rows[tried.b[first]]]
        return None if a is None or b is None else (a, b)


def _both(tried: Sample) -> bool:
    return bool(tried.same.any() and not tried.same.all())


def _try(faces: FaceSet, tried: Sample, threshold: float, context: Context) -> None:
    """The Job."""

    def told(done: int, all_: int) -> None:
        context.progress(done / all_, f"{done:,} of {all_:,} chips")

    for lit in try_lights(faces, tried, SFace(), threshold, told):
        context.record(lit)


class _Preview(QWidget):
    """Two chips as the encoder gets them, and below how pairs fare."""

    def __init__(self, way: Evening) -> None:
        super().__init__()
        self._way = way
        self._words = ""
        self._pixmaps: tuple[QPixmap, QPixmap] | None = None
        self.setAccessibleName(f"A pair, {way.value}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_chips(self, chips: tuple[Picture, Picture] | None, words: str) -> None:
        """Other chips."""
        self._words = words
        self._pixmaps = None
        if chips is not None:
            self._pixmaps = QPixmap.fromImage(image_of(chips[0])), QPixmap.fromImage(image_of(chips[1]))
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(2 * CHIP + 2), px(CHIP + 36))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(120), px(CHIP + 36))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = min(px(CHIP), (self.width() - px(2)) // 2)
        frame = QRectF(0, 0, 2 * side + px(2), side)
        path = QPainterPath()
        path.addRoundedRect(frame, px(6), px(6))
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(frame, tokens.line)
        for place, pixmap in enumerate(self._pixmaps or ()):
            painter.drawPixmap(QRect(place * (side + px(2)), 0, side, side), pixmap)
        painter.restore()
        painter.setFont(theme().font("label", strong=True))
        height = painter.fontMetrics().height()
        elide = painter.fontMetrics().elidedText
        dots = Qt.TextElideMode.ElideRight
        painter.setPen(tokens.text)
        at = px(CHIP + 4)
        painter.drawText(QRect(0, at, self.width(), height), 0, elide(self._way.value, dots, self.width()))
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        box = QRect(0, at + height, self.width(), height)
        painter.drawText(box, 0, painter.fontMetrics().elidedText(self._words, dots, self.width()))
