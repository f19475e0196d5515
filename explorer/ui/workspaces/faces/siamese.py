"""The Siamese lab: an encoder learns before one's eyes which pictures belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout

from explorer.faces.encoders import shipped
from explorer.faces.siamese_settings import Loss, Mining, Settings
from explorer.learning.events import Done
from explorer.network.errors import UserError
from explorer.network.operations import Change
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Work
from explorer.ui.actions import Action
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import ElidedLabel
from explorer.ui.workspaces.faces.live_page import StatePage
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.siamese_form import SiameseForm
from explorer.ui.workspaces.faces.siamese_run import Data, EncoderKind, Plan, SiameseRun
from explorer.ui.workspaces.faces.siamese_state import Lane
from explorer.ui.workspaces.faces.tab import Tab

FOLDER_KEY = "faces/siamese-folder"
HELLO = "Teach an encoder who belongs together"
TEXT = (
    "One network reads every picture; pictures of one class are pulled together, others pushed apart. "
    "Then it is judged on classes that it never saw. Nothing is downloaded."
)


class SiameseTab(Tab):
    """The plots are made with the first run: they cost most of a second."""

    title = "Siamese lab"

    def __init__(self, model: FacesModel) -> None:
        super().__init__(model)
        self.run = SiameseRun(model.surroundings.runner)
        self.form = SiameseForm()
        self.side = self.form
        self.page = StatePage()
        self.start_button, self.pause_button = Button("Start", "primary"), Button("Pause")
        self.step_button, self.stop_button = Button("Step"), Button("Stop")
        self.compare_button = Button("Compare mining")
        self.bar = QProgressBar()
        self.said = ElidedLabel("", "note")
        self._pages = QStackedWidget()
        self._build()
        self.run.changed.connect(self._show)
        self.run.told.connect(self._tell)
        self.form.changed.connect(self._show_result)
        self.form.folder_wanted.connect(self.ask_for_folder)
        self.form.using.connect(self.use)
        self.form.saving.connect(self.save)
        self.form.applying.connect(self.apply)
        self._tab: OpenNetwork | None = None
        self._show()

    def _build(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.bar.setAccessibleName("How far the training is")
        self.bar.setMaximumWidth(160)
        self.step_button.setToolTip("One batch, then pause")
        self.stop_button.setToolTip("End before the next batch; what was reached is kept")
        self.compare_button.setToolTip("Random and batch-hard triplets from the same start, side by side")
        self.start_button.clicked.connect(self.start)
        self.pause_button.clicked.connect(self.pause)
        self.step_button.clicked.connect(self.step)
        self.stop_button.clicked.connect(self.run.stop)
        self.compare_button.clicked.connect(self.compare)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.start_button, self.pause_button, self.step_button, self.stop_button):
            row.addWidget(button)
        row.addWidget(self.bar)
        row.addWidget(self.said, 1)
        row.addWidget(self.compare_button)
        self.page.say(
            "network",
            HELLO,
            TEXT,
            (
                ("Train on the fashion sample", "primary", partial(self.try_fashion, False)),
                ("Compare mining", "", partial(self.try_fashion, True)),
                ("Folder of faces…", "", self.try_folder),
            ),
        )
        self._pages.addWidget(self.page)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._pages, 1)

    def close_down(self) -> None:
        self.run.stop()

    def actions(self) -> Sequence[Action]:
        """The palette's way to what the buttons do."""
        group, free = "Siamese lab", lambda: not self.run.running
        return (
            Action("faces.siamese.fashion", "Train an encoder on the fashion sample",
                   partial(self.try_fashion, False), group=group, enabled=free, keywords="triplet"),
            Action("faces.siamese.compare", "Compare mining of triplets", partial(self.try_fashion, True),
                   group=group, enabled=free, keywords="random batch-hard"),
            Action("faces.siamese.folder", "Train an encoder on a folder of faces…", self.try_folder,
                   group=group, enabled=free),
            Action("faces.siamese.stop", "Stop the Siamese training", self.run.stop, group=group,
                   enabled=lambda: self.run.running),
            Action("faces.siamese.shipped", "Use the encoder that ships in Verify (SFace)",
                   partial(self.model.use_encoder, shipped()), group=group),
        )  # fmt: skip

    # -- running ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train as the fields say; while it runs, go on after a pause."""
        if self.run.running:
            self.run.go()
        else:
            self._begin(compare=False)

    def pause(self) -> None:
        """Wait before the next batch, or go on."""
        if self.run.paused:
            self.run.go()
        else:
            self.run.pause()

    def step(self) -> None:
        """One batch; begins a run if there is none."""
        if not self.run.running:
            self._begin(compare=False, paused=True)
        self.run.step()

    def compare(self) -> None:
        """Random and batch-hard triplets, the rest alike."""
        if not self.run.running:
            self._begin(compare=True)

    def try_fashion(self, compare: bool) -> None:
        """The sample that ships, in one click."""
        if not self.run.running:
            self.form.choose(Data.FASHION)
            self._begin(compare)

    def try_folder(self) -> None:
        """Ask for a folder of faces and take it as data."""
        self.form.choose(Data.FACES)
        self.ask_for_folder()

    def ask_for_folder(self) -> None:
        """Ask for a folder that has one folder a person."""
        settings = self.model.surroundings.settings
        words = settings.words(FOLDER_KEY)
        start = words[0] if words and Path(words[0]).is_dir() else str(Path.home())
        path = QFileDialog.getExistingDirectory(self.widget, "A folder with one folder a person", start)
        if path:
            settings.set_words(FOLDER_KEY, [path])
            self.form.set_folder(Path(path))

    def _begin(self, compare: bool, paused: bool = False) -> None:
        data = self.form.chosen_data
        if data is not Data.FASHION and self.form.path is None:
            self.ask_for_folder()
            if self.form.path is None:
                return
        settings = self.form.settings()
        lanes: tuple[Settings, ...] = (settings,)
        if compare:
            settings = replace(settings, loss=Loss.TRIPLET)
            lanes = tuple(replace(settings, mining=one) for one in (Mining.RANDOM, Mining.BATCH_HARD))
        tab = self._tab = self.model.surroundings.session.active
        network = tab.document.network if tab is not None else None
        self.run.start(Plan(data, self.form.path, self.form.chosen_encoder, network, lanes), paused)
        self._make_board()
        if self.run.state is not None:
            self.board.show_run(self.run.state)
        self._pages.setCurrentIndex(1)

    def _make_board(self) -> None:
        if self._pages.count() > 1:
            return
        from explorer.ui.workspaces.faces.siamese_board import Board

        self.board = Board()
        self._pages.addWidget(self.board)

    # -- the result ------------------------------------------------------------------------------------

    def use(self) -> None:
        """Verify with what was learned; its threshold comes from people that it was not taught."""
        trained = self.run.trained
        if trained is None or not trained.faces or trained.threshold is None:
            return
        self.model.use_encoder(trained.choice(trained.threshold))
        self.model.surroundings.messages.say(
            f"Verify uses the trained encoder now, at τ = {trained.threshold:.3f}. The gallery is read again."
        )
        self._show_result()

    def apply(self) -> None:
        """Give the network that learned its weights: one step of its history."""
        tab, trained = self._tab, self.run.trained
        if tab is None or trained is None:
            return
        network = tab.document.network

        def take(change: Change) -> None:
            messages = self.model.surroundings.messages
            if tab.document.network is not network:
                messages.say(f"{tab.title} was changed meanwhile; apply the weights again.")
                return
            tab.document.apply(change.title, change.edits)
            messages.say(f"{tab.title} has the weights now.", "ok")

        work = Work("Applying weights", lambda _: trained.change_for(network))
        self.model.surroundings.runner.start(work, on_done=take)

    def save(self) -> None:
        """Ask for a file and write the weights to it."""
        trained = self.run.trained
        if trained is None:
            return
        start = str(Path.home() / "encoder.safetensors")
        path = QFileDialog.getSaveFileName(self.widget, "Save weights", start, "Weights (*.safetensors)")[0]
        if path:
            try:
                trained.save(Path(path))
            except UserError as error:
                self.model.surroundings.messages.error(error)

    # -- showing ---------------------------------------------------------------------------------------

    def _show(self) -> None:
        run = self.run
        running, paused = run.running, run.paused
        self.start_button.setText("Go on" if paused else "Start")
        self.start_button.setEnabled(not running or paused)
        self.pause_button.setEnabled(running and not paused and not run.stopping)
        self.step_button.setEnabled(not running or paused)
        self.stop_button.setEnabled(running and not run.stopping)
        self.compare_button.setVisible(not running and self._pages.currentIndex() > 0)
        for button in (self.pause_button, self.stop_button):
            button.setVisible(running)
        self.bar.setVisible(running)
        self.form.set_busy(running)
        self._tell()

    def _tell(self) -> None:
        state = self.run.state
        if state is not None and self._pages.count() > 1:
            self.board.refresh()
            self.bar.setValue(round(1000 * state.share))
        self.said.setText(self._words())
        self._show_result()

    def _words(self) -> str:
        run = self.run
        if run.trouble:
            return run.trouble
        if run.state is None:
            return ""
        lane = run.state.lanes[0]
        left_out = f" · {len(run.state.skipped)} pictures left out" if run.state.skipped else ""
        if run.stopping:
            return "Stopping before the next batch…"
        if isinstance(lane.ended, Done) and not run.running:
            how = "stopped" if lane.ended.stopped else "done"
            return f"{how} after {lane.ended.epochs} epochs, {lane.ended.seconds:.0f} s{left_out}"
        if not lane.epochs:
            return "Judging the untrained encoder…"
        if lane.batch is None:
            return f"ready for the first batch{left_out}"
        batch = lane.batch
        place = f"epoch {batch.epoch} of {lane.settings.epochs}, batch {batch.batch} of {batch.batches}"
        return f"{'paused · ' if run.paused else ''}{place} · {batch.ms:.0f} ms a batch{left_out}"

    def _show_result(self) -> None:
        state = self.run.state
        lanes = state.lanes if state is not None else []
        facts = [fact for lane in lanes for fact in _facts(lane, len(lanes) > 1)]
        self.form.facts.show_facts(facts)
        self.form.facts.setVisible(bool(facts))
        trained = self.run.trained
        usable = trained is not None and trained.faces and trained.threshold is not None
        in_use = trained is not None and self.model.encoder.version == trained.version
        begins = lanes[0].begins if lanes else None
        self.form.say_material("" if begins is None else begins.words)
        self.form.use.setEnabled(usable and not in_use)
        self.form.use.setText("Used in Verify" if in_use else "Use this encoder in Verify")
        self.form.save.setEnabled(trained is not None)
        own = trained is not None and self.run.plan is not None and self.run.plan.encoder is EncoderKind.OPEN
        there = self._tab in self.model.surroundings.session.tabs
        self.form.apply.setVisible(own and there)
        if self._tab is not None:
            self.form.apply.setText(f"Apply weights to {self._tab.title}")
        self.form.why.setText(self._why(usable, in_use))

    def _why(self, usable: bool, in_use: bool) -> str:
        state, trained = self.run.state, self.run.trained
        if state is not None and state.skipped:
            first = state.skipped[0]
            more = f" and {len(state.skipped) - 1} more" if len(state.skipped) > 1 else ""
            return f"Left out{more}: {first.reason}"
        if in_use or usable:
            return (
                "Its threshold lets in at most 1 % of the unseen strangers; the one that ships is stricter."
            )
        if trained is not None and not trained.faces:
            return "Trained on other pictures than faces: it has no place in Verify."
        return ""


def _facts(lane: Lane, several: bool) -> list[tuple[str, str, str]]:
    before = f"{lane.name}: " if several else ""
    if not lane.epochs or lane.epochs[0].eer is None:
        return []
    first, last = lane.epochs[0], lane.epochs[-1]
    pairs = f"{last.genuine_pairs:,} pairs of one class, {last.impostor_pairs:,} of two"
    found = []
    if not several:
        found.append(("EER on unseen, untrained", _percent(first.eer), pairs))
    if last.epoch:
        found.append((f"{before}EER after epoch {last.epoch}", _percent(last.eer), pairs))
    if last.measure_eer is not None and last.epoch:
        found.append((f"{before}EER by Σ w|a − b| + b", _percent(last.measure_eer), pairs))
    if not several and last.threshold is not None:
        story = "squared L2; lets in at most 1 % of the strangers that it was judged on"
        found.append(("its threshold τ", f"{last.threshold:.3f}", story))
    return found


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
