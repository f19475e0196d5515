"""Recognise: who of the people enrolled is before the camera, or nobody?"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.faces.decision import FAR_LIMIT, OPEN_SET, Candidate
from explorer.faces.quality import Hint
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Heading
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.faces.chips import ChipPair, paint_round
from explorer.ui.workspaces.faces.decisions import Outcome, Recogniser, State, tries
from explorer.ui.workspaces.faces.images import image_of
from explorer.ui.workspaces.faces.live_page import LivePage
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.scale import SimilarityScale, cosine, signed
from explorer.ui.workspaces.faces.side_parts import (
    Facts,
    SignedWords,
    column_of,
    percent,
    quality_words,
    row_of,
)
from explorer.ui.workspaces.faces.sources import Sources
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.verdict import Verdict
from explorer.ui.workspaces.faces.watch import Sight

CHANCES = (0.0001, 0.0005, FAR_LIMIT, 0.002, 0.005, 0.01)
"""What can be chosen as the chance that a stranger gets in."""


class RecogniseTab(Tab):
    """The nearest of all, if near enough for as many people."""

    title = "Recognise"
    live = True

    def __init__(self, model: FacesModel, sources: Sources) -> None:
        super().__init__(model)
        self.recogniser = Recogniser()
        self.outcome = Outcome()
        self.page = LivePage(model, sources)
        self.scale = SimilarityScale()
        self.pause = Button("Pause")
        self.page.below.addWidget(self.scale)
        self.page.below.addLayout(row_of(self.pause))
        self.widget = self.page
        self.panel = RecogniseSide(model)
        self.side = self.panel
        self._showing = False
        self.pause.clicked.connect(lambda: model.set_paused(not model.paused))
        model.seen.connect(self._take)
        model.source_changed.connect(self.reset)
        model.gallery_changed.connect(self.reset)
        model.threshold_changed.connect(self.reset)
        model.status_changed.connect(self._follow_status)
        self.reset()

    def shown(self) -> None:
        self._showing = True
        self.reset()

    def hidden(self) -> None:
        self._showing = False

    def reset(self) -> None:
        """Another source, gallery or threshold."""
        self.recogniser.reset()
        self.outcome = self.recogniser.outcome
        self._tell()

    def _take(self, sight: Sight) -> None:
        if self._showing:
            matrix, names = self.model.people()
            threshold = self.model.recognise_threshold
            self.outcome = self.recogniser.take(sight, matrix, names, threshold)
            self._tell(sight)

    def _follow_status(self) -> None:
        self.pause.setText("Go on" if self.model.paused else "Pause")
        if not self.model.status.state.running:
            self.reset()

    def _tell(self, sight: Sight | None = None) -> None:
        outcome, view = self.outcome, self.page.view
        words, why = self._answer()
        self.panel.show_outcome(outcome, words, outcome.state.value, why)
        self.scale.show_distance(outcome.distance, self.model.recognise_threshold, outcome.recent)
        label = {State.YES: outcome.name or "", State.NO: "nobody I know"}.get(outcome.state, "")
        view.show_answer(label, outcome.state.value)
        self.pause.setEnabled(self.model.source is not None)
        if sight is None:
            view.show_note("")
        elif sight.reading is not None:
            view.show_note(quality_words(sight.reading))
        elif sight.face is None:
            view.show_note(str(Hint.NONE))
        elif sight.refused is not None:
            view.show_note(str(sight.refused))

    def _answer(self) -> tuple[str, str]:
        """The words, and why."""
        model, outcome = self.model, self.outcome
        if not model.names():
            return model.nobody
        if not model.status.state.running:
            return "Not looking", "" if model.paused else "Choose where the pictures come from."
        if outcome.state is State.LOOKING:
            return "Looking…", str(outcome.hints[0]) if outcome.hints else "Hold still for a moment."
        if outcome.state is State.NO:
            better = (
                outcome.hints[0] if outcome.hints else f"The nearest is {outcome.name}, but not near enough."
            )
            return "Nobody I know", str(better)
        return outcome.name or "", self._why_yes(outcome)

    def _why_yes(self, outcome: Outcome) -> str:
        if len(outcome.candidates) < 2:
            return "The only person enrolled."
        nearest, second = outcome.candidates[:2]
        margin = cosine(nearest.distance) - cosine(second.distance)
        return f"{margin:.2f} nearer than the runner-up, {second.name}."


class RecogniseSide(ScrollPanel):
    """Who it is, the nearest few, and how strict this is."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__("panel", margins=16, spacing=12)
        self.model = model
        self.setAccessibleName("Answer")
        self.verdict = Verdict()
        self.chips = ChipPair()
        self.nearest = Nearest(model)
        self.hints = SignedWords()
        self.chance = Choice([(f"{percent(far)}", far) for far in CHANCES], "A stranger gets in with chance")
        self.chance.set_value(model.far_limit)
        self.facts = Facts()
        self.chance.chosen.connect(model.set_far_limit)
        near = column_of(Heading("The nearest"), self.nearest)
        strict = column_of(Heading("A stranger may get in with chance"), self.chance, self.facts)
        for widget in (self.verdict, self.chips, near, self.hints, strict):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_outcome(self, outcome: Outcome, words: str, tone: str, why: str) -> None:
        """Who is before the camera now."""
        model = self.model
        self.verdict.say(words, tone, why)
        chips = model.chips_of(outcome.name) if outcome.name else ()
        self.chips.name("nearest, enrolled", "camera, aligned")
        self.chips.first.show_chip(chips[0] if chips else None)
        self.chips.second.show_chip(outcome.reading.chip if outcome.reading is not None else None)
        self.nearest.show_candidates(outcome.candidates, model.recognise_threshold)
        self.hints.show_words(outcome.hints if outcome.reading is not None else ())
        self._strictness()

    def _strictness(self) -> None:
        model = self.model
        count = len(model.names())
        threshold = model.recognise_threshold
        facts = [
            (f"τ for {max(1, count):,} {'people' if count > 1 else 'person'}", f"{cosine(threshold):.3f}",
             f"Cosine; as squared L2 {threshold:.3f}. With K people a stranger has K tries: 1 − (1 − FAR)^K.")
        ]  # fmt: skip
        if model.encoder.ships:
            people, found, entered = OPEN_SET
            facts.append(
                (f"measured with {people} enrolled", f"{percent(found)} found, {percent(entered)} in",
                 f"LFW development pictures at {percent(FAR_LIMIT)}: of the other pictures of the enrolled "
                 f"{percent(found)} were found, of all strangers {percent(entered)} got in.")
            )  # fmt: skip
        if model.calibration is not None:
            each = model.calibration.false_accept_rate(threshold)
            facts.append(("each lets a stranger in", tries(each), f"FAR {each:.2e}"))
        self.facts.show_facts(facts)


class Nearest(QWidget):
    """The nearest people as bars, with τ across them."""

    ROWS = 4

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self._candidates: tuple[Candidate, ...] = ()
        self._threshold = 1.2
        self._images: dict[str, tuple[object, QImage]] = {}
        model.chips_arrived.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The nearest people")
        theme().changed.connect(self.updateGeometry)

    def show_candidates(self, candidates: Sequence[Candidate], threshold: float) -> None:
        """The nearest first; distances are squared L2."""
        if tuple(candidates) != self._candidates or threshold != self._threshold:
            self._candidates, self._threshold = tuple(candidates), threshold
            shown = self._candidates[: self.ROWS]
            words = ", ".join(f"{one.name} {cosine(one.distance):.3f}" for one in shown)
            self.setAccessibleDescription(words)
            self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(240), px(36) * self.ROWS)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(200), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._candidates:
            painter.setPen(tokens.muted)
            painter.setFont(theme().font("value"))
            painter.drawText(QRectF(0, 0, self.width(), px(24)), Qt.AlignmentFlag.AlignVCenter, "Nobody yet.")
            return
        left, right = px(38), self.width() - px(48)
        for row, candidate in enumerate(self._candidates[: self.ROWS]):
            top = row * px(36)
            self._paint_row(painter, candidate, top, left, right)
        shown = min(self.ROWS, len(self._candidates))
        at = left + min(1.0, max(0.0, cosine(self._threshold))) * (right - left)
        painter.setPen(tokens.text)
        for row in range(shown):
            painter.drawLine(round(at), row * px(36) + px(19), round(at), row * px(36) + px(31))

    def _paint_row(self, painter: QPainter, one: Candidate, top: int, left: int, right: int) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        near = one.distance <= self._threshold
        paint_round(painter, self._face(one.name), QRectF(0, top + px(3), px(28), px(28)))
        painter.setFont(theme().font("value", strong=near))
        painter.setPen(tokens.text)
        room = QRectF(left, top, right - left, px(18))
        name = painter.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        number = QRectF(right + px(8), top + px(14), self.width() - right - px(8), px(20))
        painter.drawText(
            number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, signed(cosine(one.distance))
        )
        track = QRectF(left, top + px(22), right - left, px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.line)
        painter.drawRoundedRect(track, px(3), px(3))
        share = min(1.0, max(0.0, cosine(one.distance)))
        track.setWidth(max(px(6), track.width() * share))
        color: QColor = tokens.ok if near else tokens.muted
        painter.setBrush(color)
        painter.drawRoundedRect(track, px(3), px(3))

    def _face(self, name: str) -> QImage | None:
        chips = self.model.chips_of(name)
        if not chips:
            return None
        kept = self._images.get(name)
        if kept is None or kept[0] is not chips[0]:
            kept = self._images[name] = (chips[0], image_of(chips[0]))
        return kept[1]
