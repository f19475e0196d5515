"""Verify: is the person before the camera who they claim to be?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QStackedWidget

from explorer.faces.calibration import STRANGERS, WORDS
from explorer.faces.decision import Verdict as Found
from explorer.faces.decision import verdict_at
from explorer.faces.pipeline import Reading
from explorer.faces.quality import Hint
from explorer.ui.actions import Action
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.faces.chips import ChipPair
from explorer.ui.workspaces.faces.decisions import Outcome, State, Verifier, among, tries
from explorer.ui.workspaces.faces.encoder_choice import EncoderPicker
from explorer.ui.workspaces.faces.head_turn import FRONTAL, Check, HeadTurn
from explorer.ui.workspaces.faces.live_page import LivePage
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.pictures_page import PicturesPage
from explorer.ui.workspaces.faces.scale import SimilarityScale
from explorer.ui.workspaces.faces.side_parts import (
    Facts,
    SignedWords,
    column_of,
    likelihood,
    percent,
    quality_words,
    row_of,
)
from explorer.ui.workspaces.faces.sources import Sources
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.verdict import Verdict
from explorer.ui.workspaces.faces.watch import Sight


class VerifyTab(Tab):
    """Live, or with two pictures."""

    title = "Verify"
    live = True

    def __init__(self, model: FacesModel, sources: Sources) -> None:
        super().__init__(model)
        self.verifier = Verifier()
        self.outcome = Outcome()
        self.page = LivePage(model, sources)
        self.scale = SimilarityScale()
        self.pause = Button("Pause")
        self.use_pictures = Button("Use pictures instead…")
        self.page.below.addWidget(self.scale)
        self.page.below.addLayout(row_of(self.pause, self.use_pictures))
        self.pictures = PicturesPage(model)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.pictures)
        self.widget = self.stack
        self.panel = VerifySide(model)
        self.side = self.panel
        self._showing = False
        self.pause.clicked.connect(lambda: model.set_paused(not model.paused))
        self.use_pictures.clicked.connect(self.show_pictures)
        self.pictures.left.connect(self.show_camera)
        self.pictures.compared.connect(self._show_pictures)
        self.panel.turn.changed.connect(self._tell)
        model.seen.connect(self._take)
        model.claim_changed.connect(self.reset)
        model.source_changed.connect(self._follow_source)
        model.gallery_changed.connect(self.reset)
        model.chips_arrived.connect(self._tell)
        model.threshold_changed.connect(self.reset)
        model.status_changed.connect(self._follow_status)
        model.frame_changed.connect(self._follow_frame)
        self.reset()

    # -- going about -----------------------------------------------------------------------------------

    @property
    def live_now(self) -> bool:
        """Whether the camera is looked at, and not two pictures."""
        return self.stack.currentWidget() is self.page

    def shown(self) -> None:
        self._showing = True
        if not self.live_now:
            self.model.set_paused(True)
        self.reset()

    def hidden(self) -> None:
        self._showing = False
        if not self.live_now:
            self.model.set_paused(False)

    def show_pictures(self) -> None:
        """Two pictures in place of the camera, which is given back."""
        self.stack.setCurrentWidget(self.pictures)
        self.model.set_paused(True)
        self.reset()
        self.pictures.focus_first()

    def show_camera(self) -> None:
        """Back to the camera."""
        self.stack.setCurrentWidget(self.page)
        self.model.set_paused(False)
        self.reset()

    def actions(self) -> Sequence[Action]:
        pause = Action(
            "faces.pause", "Pause", lambda: self.model.set_paused(not self.model.paused), menu="View",
            section=20, shortcut="Ctrl+Space", enabled=lambda: self.model.source is not None,
            live_text=lambda: "Go on" if self.model.paused else "Pause",
        )  # fmt: skip
        return (pause,)

    # -- deciding ----------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Another claim, source, gallery or threshold: nobody inherits another's answer."""
        self.verifier.reset()
        self.outcome = self.verifier.outcome
        self.panel.turn.reset()
        if self.live_now:
            self._tell()
        else:
            self.pictures.compare()

    def _take(self, sight: Sight) -> None:
        if not self._showing or not self.live_now:
            return
        model = self.model
        if model.claim is None:
            self._watch_only(sight)
        else:
            rows = model.row_of(model.claim)
            running = self.panel.turn.check is Check.RUNNING
            shown = sight if frontal(sight) or not running else replace(sight, reading=None)
            self.outcome = self.verifier.take(shown, model.claim, rows, model.threshold)
        last = self.verifier.last
        matches = last <= model.threshold if last is not None and frontal(sight) else None
        self.panel.turn.frame(sight, self.outcome.state is State.YES, matches)
        self._tell(sight)

    def _watch_only(self, sight: Sight) -> None:
        """Nobody is claimed: the face is shown, and nothing is said of it."""
        if sight.reading is not None:
            self.outcome = Outcome(reading=sight.reading, hints=sight.reading.hints)
        elif sight.face is None:
            self.outcome = Outcome()

    def _follow_source(self) -> None:
        if self.live_now:
            self.reset()
        else:
            self.show_camera()

    def _follow_status(self) -> None:
        self.pause.setText("Go on" if self.model.paused else "Pause")
        if not self.model.status.state.running:
            self.verifier.reset()
            self.outcome = self.verifier.outcome
            self._tell()

    def _follow_frame(self) -> None:
        if self.model.frame is None and self.live_now:
            self.reset()

    # -- telling -----------------------------------------------------------------------------------------

    def _tell(self, sight: Sight | None = None) -> None:
        if not self.live_now:
            return
        words, tone, why = self._answer(sight)
        view = self.page.view
        self.panel.show_outcome(self.outcome, self.model, words, tone, why)
        self.scale.show_distance(self.outcome.distance, self.model.threshold, self.outcome.recent)
        no = "check failed" if self.panel.turn.check is Check.FAILED else f"not {self.model.claim}"
        label = {"yes": self.model.claim or "", "no": no}.get(tone, "")
        view.show_answer(label, tone)
        self.pause.setEnabled(self.model.source is not None)
        if sight is None:
            view.show_note("")
        elif sight.reading is not None:
            view.show_note(quality_words(sight.reading))
        elif sight.face is None:
            view.show_note(str(Hint.NONE))
        elif sight.refused is not None:
            view.show_note(str(sight.refused))

    def _answer(self, sight: Sight | None) -> tuple[str, str, str]:
        """The words, their tone, and why."""
        model, outcome, check = self.model, self.outcome, self.panel.turn.check
        if not model.names():
            words, why = model.nobody
            return words, "looking", why
        if model.claim is None:
            return "Who is it?", "looking", "Pick the claimed person on the left."
        if not model.status.state.running:
            return "Not looking", "looking", "" if model.paused else "Choose where the pictures come from."
        if check is Check.RUNNING:
            return self.panel.turn.short, "looking", f"It looks like {model.claim}. {self.panel.turn.words}"
        if check is Check.FAILED:
            return "No", "no", f"The check failed. {self.panel.turn.words}"
        if outcome.state is State.LOOKING:
            return (
                "Looking…",
                "looking",
                str(outcome.hints[0]) if outcome.hints else "Hold still for a moment.",
            )
        if outcome.state is State.NO:
            better = str(outcome.hints[0]) if outcome.hints else "It is somebody else, as far as one can see."
            return f"No, not {model.claim}", "no", better
        return f"Yes, {model.claim}", "yes", why_yes(outcome, model)

    def _show_pictures(self, found: Found | None, first: Reading | None, second: Reading | None) -> None:
        """The answer about two pictures, which may come when they are not shown any more."""
        if self.live_now:
            return
        self.panel.show_pictures(found, first, second, self.model)
        self.pictures.scale.show_distance(found.distance if found else None, self.model.threshold)


def frontal(sight: Sight) -> bool:
    """Whether the sight brings a reading that can speak for or against a person while the head turns."""
    return sight.reading is not None and abs(sight.reading.quality.yaw) <= FRONTAL


def why_yes(outcome: Outcome, model: FacesModel) -> str:
    """What a yes rests on."""
    count = outcome.readings + 1
    steady = f"Steady for {count} readings" if count > 1 else "At the first reading"
    if model.calibration is None or outcome.distance is None:
        return f"{steady}."
    rate = model.calibration.false_accept_rate(outcome.distance)
    return f"{steady}; a stranger would get this far {tries(rate)}."


class VerifySide(ScrollPanel):
    """The answer and what it rests on."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__("panel", margins=16, spacing=12)
        self.setAccessibleName("Answer")
        self.verdict = Verdict()
        self.chips = ChipPair()
        self.words = Label("", "strong")
        self.words.setWordWrap(True)
        self.chance = Label("", "note")
        self.chance.setWordWrap(True)
        self.hints = SignedWords()
        self.facts = Facts()
        self.turn = HeadTurn()
        self.encoder = EncoderPicker(model)
        similarity = column_of(Heading("Similarity"), self.words, self.chance)
        strictness = column_of(Heading("What τ means"), self.facts)
        for widget in (self.verdict, self.chips, similarity, self.hints, strictness, self.turn, self.encoder):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_outcome(self, outcome: Outcome, model: FacesModel, words: str, tone: str, why: str) -> None:
        """Live, against the person who is claimed."""
        self.verdict.say(words, tone, why)
        self.chips.name("enrolled", "camera, aligned")
        chips = model.chips_of(model.claim) if model.claim is not None else ()
        self.chips.first.show_chip(chips[0] if chips else None)
        self.chips.second.show_chip(outcome.reading.chip if outcome.reading is not None else None)
        self.encoder.show_chip(outcome.reading.chip if outcome.reading is not None else None)
        self._similarity(outcome.distance, model)
        self.hints.show_words(outcome.hints if outcome.reading is not None else ())
        self._strictness(model, len(model.names()))
        self.turn.show()

    def show_pictures(
        self, found: Found | None, first: Reading | None, second: Reading | None, model: FacesModel
    ) -> None:
        """Of two pictures."""
        self.chips.name("first, aligned", "second, aligned")
        self.chips.first.show_chip(first.chip if first else None)
        self.chips.second.show_chip(second.chip if second else None)
        self.encoder.show_chip(first.chip if first else second.chip if second else None)
        if found is None:
            self.verdict.say("Two pictures", "looking", "Put a face into each: one person, or two?")
        elif found.same:
            self.verdict.say("Yes, one person", "yes", _rate(found.distance, model))
        else:
            self.verdict.say("No, two people", "no", "The distance is larger than τ allows.")
        self._similarity(found.distance if found else None, model)
        hints = dict.fromkeys(hint for one in (first, second) if one is not None for hint in one.hints)
        self.hints.show_words(tuple(hints))
        self._strictness(model, 1)
        self.turn.hide()

    def _similarity(self, distance: float | None, model: FacesModel) -> None:
        if distance is None:
            words, chance = "Nothing to compare yet.", ""
        elif model.calibration is None:
            words = f"Squared L2 {distance:.3f}."
            chance = f"No calibration is known for {model.encoder.title}."
        else:
            found = verdict_at(distance, model.threshold, model.calibration)
            words = found.words[0].upper() + found.words[1:] + "."
            chance = f"{likelihood(found.probability)} likely ({WORDS})"
        for label, text in ((self.words, words), (self.chance, chance)):
            if label.text() != text:
                label.setText(text)
        self.chance.setVisible(bool(chance))

    def _strictness(self, model: FacesModel, people: int) -> None:
        told = ("threshold, squared L2", f"{model.threshold:.3f}", "The same person if distance ≤ τ.")
        if model.calibration is None:
            unknown = "How many strangers this encoder lets in has not been measured."
            self.facts.show_facts([told, ("strangers let in at τ", "unknown", unknown)])
            return
        rate = model.calibration.false_accept_rate(model.threshold)
        story = f"Measured on {STRANGERS:,} pairs of strangers of the LFW development pictures."
        facts = [
            told,
            ("strangers let in at τ", percent(rate), story),
        ]
        if people > 1:
            chance = percent(among(rate, people))
            facts.append(
                (f"with {people:,} people enrolled, as any of them", chance, "1 − (1 − FAR)^K: K tries.")
            )
        self.facts.show_facts(facts)


def _rate(distance: float, model: FacesModel) -> str:
    if model.calibration is None:
        return ""
    return f"Two strangers would get this near {tries(model.calibration.false_accept_rate(distance))}."
