"""Train: data, settings and runs on the left, the curves in the middle, what they mean on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.learning import matching
from explorer.learning.settings import LENET5
from explorer.network.errors import UserError
from explorer.network.problems import Mend
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.panels import Splitter
from explorer.ui.workspace import Status, Surroundings, Workspace
from explorer.ui.workspaces.train.actions import primary, train_actions
from explorer.ui.workspaces.train.closing import may_close
from explorer.ui.workspaces.train.collecting import Collecting
from explorer.ui.workspaces.train.data_source import DataSource
from explorer.ui.workspaces.train.data_view import DataView
from explorer.ui.workspaces.train.diagnosis import Diagnosis
from explorer.ui.workspaces.train.empty import EmptyPage
from explorer.ui.workspaces.train.experiments import Experiments, begin
from explorer.ui.workspaces.train.greeting import greet
from explorer.ui.workspaces.train.hindrance import hindrance
from explorer.ui.workspaces.train.keeping import Keeping
from explorer.ui.workspaces.train.kept import KeptRuns
from explorer.ui.workspaces.train.looking import Looking
from explorer.ui.workspaces.train.marking import Marking
from explorer.ui.workspaces.train.overlay import Overlay
from explorer.ui.workspaces.train.rate_page import RatePage
from explorer.ui.workspaces.train.scrubbing import Scrubbing
from explorer.ui.workspaces.train.side import Side
from explorer.ui.workspaces.train.status_line import status_of
from explorer.ui.workspaces.train.training import TrainingRun
from explorer.ui.workspaces.train.transferring import Transferring
from explorer.ui.workspaces.train.transport import CURVES, DATA, EXPERIMENTS, TRANSFER, Transport

LEFT_WIDTH, MIDDLE_WIDTH, RIGHT_WIDTH = 256, 440, 328
LOOK_MS = 250
"""After an edit: how long until the network is held against the data again."""
WARM_MS = 1200
"""After the first look: torch is loaded when the window has settled, as that makes it hitch."""


class TrainWorkspace(Workspace):
    """Puts the parts together; each follows the run by itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.tab: OpenNetwork | None = None
        self.run = TrainingRun(surroundings.runner)
        self.marking = Marking(self.run, surroundings.session.marks)
        self.source = DataSource(surroundings.runner)
        self.kept = KeptRuns(surroundings)
        self.side = Side(self.source, LENET5, surroundings.settings)
        self.transport = Transport(self.run)
        self.data_view = DataView(self.source, surroundings.runner)
        self.diagnosis = Diagnosis()
        self.experiments = Experiments(self)
        self.empty = EmptyPage(self.experiments.start_first, lambda: self.show_page(EXPERIMENTS))
        self.overlay = Overlay(self.run, self.kept, self.side, self.diagnosis)
        self.keeping = Keeping(self)
        self.transferring = Transferring(self)
        self.collecting = Collecting(self)
        self.rates = RatePage(surroundings.runner)
        self.scrubbing = Scrubbing(surroundings, self.kept, self.overlay, lambda: self.tab)
        self.looking = Looking(surroundings, self.kept, self.overlay, self.side)
        self.mismatches: tuple[matching.Mismatch, ...] = ()
        self._warmed = self._shown = False
        self._warm = QTimer(self, singleShot=True, interval=WARM_MS)
        self._warm.timeout.connect(self._warm_up)
        self._forget: Callable[[], object] = lambda: None
        self._look = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look.timeout.connect(self.look)
        self._build()
        self._connect()
        self._show_network(surroundings.session.active)

    def _build(self) -> None:
        self.pages = QStackedWidget()
        for page in (
            self.empty,
            self.data_view,
            self.overlay.page,
            self.experiments.page,
            self.rates,
            self.transferring.page,
        ):
            self.pages.addWidget(page)
        self.middle = QWidget()
        self.middle.setProperty("ground", "window")
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.transport)
        column.addWidget(self.pages, 1)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.side)
        self.across.add(self.middle, 1)
        self.across.add(self.diagnosis)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.across)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self._widen)
        self._widen()

    def _connect(self) -> None:
        self.surroundings.session.activated.connect(self._show_network)
        self.source.changed.connect(self._look_at_data)
        self.side.data_chosen.connect(self._choose_data)
        self.side.form.changed.connect(self.changed)
        self.side.form.changed.connect(self._show_changed)
        self.side.resuming.connect(self.keeping.resume)
        self.side.exporting.connect(self.keeping.export_csv)
        self.side.weighing.connect(self.keeping.export_weights)
        self.side.commanding.connect(self.keeping.export_command)
        self.side.collecting.connect(self.collecting.open)
        self.side.deleting.connect(self.keeping.delete)
        self.side.find_rate.clicked.connect(self.find_rate)
        self.rates.taking.connect(self._take_rate)
        self.data_view.mending.connect(self.mend)
        self.transport.toggled.connect(self.toggle)
        self.transport.stepping.connect(self.step)
        self.transport.stopping.connect(self.run.stop)
        self.transport.turned.connect(self.show_page)
        self.run.changed.connect(self._follow)
        self.run.told.connect(self.changed)
        self.run.ended.connect(lambda: greet(self))
        self.overlay.wanted.connect(lambda: self.show_page(CURVES))

    # -- the window's questions ------------------------------------------------------------------------

    def own_actions(self) -> Sequence[Action]:
        return train_actions(self)

    def primary_action(self) -> Action | None:
        return primary(self)

    def status(self) -> Status:
        return status_of(self)

    def may_close(self) -> bool:
        return may_close(self.window(), self.run)

    def take_file(self, path: Path) -> bool:
        """A folder that is dropped on the window becomes the data."""
        if not path.is_dir() or self.run.running:
            return False
        self.side.take_folder(path)
        return True

    # -- following -------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            QTimer.singleShot(0, self, self._widen)  # only now it is as wide as it will be
        self.kept.refresh()
        self.overlay.show_rows()
        if not self.source.must_download:
            self.source.load()
        self._warm.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._warm.stop()
        if not self.window().isVisible():  # the window closes: what runs must have ended before it is gone
            self.close_down()

    def close_down(self) -> None:
        """End all that runs."""
        self.experiments.forget()
        self.rates.stop()
        self.collecting.close_down()
        self.run.stop()
        self.source.stop()

    def _warm_up(self) -> None:
        if not self._warmed and not self.run.running:
            self._warmed = True
            self.surroundings.runner.start(Work("Getting ready to train", _warm_up))

    def _show_network(self, tab: OpenNetwork | None) -> None:
        self._forget()
        self._forget = lambda: None
        self.tab = tab
        if tab is not None:
            self._forget = tab.document.changed.connect(lambda change: self._look.start())
        self.look()
        if tab is None and not self.run.running:
            self.turn(self.empty)
        elif self.pages.currentWidget() is self.empty:
            self.show_page(CURVES if self.run.running else DATA)

    def look(self) -> None:
        """Hold the open network against the data."""
        self._look.stop()
        network = self.tab.document.network if self.tab is not None else None
        if network is not None and not self.run.running:
            try:
                shape = matching.input_shape(network)
            except UserError:
                shape = ()
            self.source.fit(shape if len(shape) == 3 else None)
        data = self.source.data
        self.mismatches = () if network is None or data is None else matching.problems(network, data)
        self.data_view.show_mismatches(self.mismatches)
        self.transport.allow(self.startable, self.hindrance)
        self.experiments.refresh()
        self._show_changed()
        self.changed.emit()

    def _show_changed(self) -> None:
        """What follows the settings."""
        self.transferring.refresh()
        self.data_view.augmented.show_state(self.source.data, self.side.form.settings)

    def _look_at_data(self) -> None:
        self.look()
        self.overlay.see_data()
        self.experiments.go_on()

    def _follow(self) -> None:
        self.side.set_busy(self.run.running)
        if not self.run.running:
            self.look()
        else:
            self.transport.allow(self.startable, self.hindrance)
            self.experiments.refresh()
        self.changed.emit()

    @property
    def hindrance(self) -> str:
        """Why no training can be started, "" if one can."""
        return hindrance(self.tab, self.source, self.mismatches)

    @property
    def startable(self) -> bool:
        """Whether a training can be started now."""
        return not self.run.running and not self.hindrance

    # -- data ------------------------------------------------------------------------------------------

    def _choose_data(self, name: str) -> None:
        self.experiments.forget()
        self.source.choose(name)
        if self.tab is not None or self.pages.currentWidget() is self.collecting.page:
            self.show_page(DATA)

    def mend(self, mend: Mend) -> None:
        """One undoable edit of the open network."""
        if self.tab is not None:
            self.tab.document.apply(mend.title, mend.edits)
            self.look()

    # -- running ---------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Start; while it runs, pause or go on."""
        if self.run.paused:
            self.run.go()
        elif self.run.running:
            self.run.pause()
        elif self.startable:
            self._begin()
        else:
            self.show_page(DATA)

    def find_rate(self) -> None:
        """A range test of the open network on its own page."""
        if self.startable and not self.rates.running:
            assert self.tab is not None
            assert self.source.data is not None
            self.turn(self.rates)
            self.rates.start(self.tab.document.network, self.source.data, self.side.form.settings)
        elif not self.run.running:
            self.show_page(DATA)

    def _take_rate(self, rate: float) -> None:
        self.side.form.show_settings(msgspec.structs.replace(self.side.form.settings, lr=rate))
        self.show_page(CURVES)

    def step(self) -> None:
        """One batch; begins a run if there is none."""
        if not self.run.running:
            if not self.startable:
                return
            self._begin(paused=True)
        self.run.step()

    def _begin(self, paused: bool = False) -> None:
        assert self.tab is not None
        begin(self, [self.tab.document.network], self.side.form.settings, paused)

    # -- pages -----------------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """The curves, the data or the experiments."""
        if name == DATA:
            self.turn(self.data_view if self.tab is not None else self.empty)
        elif name == TRANSFER:
            self.turn(self.transferring.page)
            self.transferring.refresh()
        elif name == EXPERIMENTS:
            self.turn(self.experiments.page)
            self.experiments.refresh()
        else:
            self.overlay.make_board()
            self.turn(self.overlay.page)

    def turn(self, page: QWidget) -> None:
        """Show a page, also one without a button of its own."""
        self.pages.setCurrentWidget(page)
        self.transport.setVisible(page is not self.empty)
        appears = self.diagnosis.isHidden() and page is not self.empty
        self.diagnosis.setVisible(page is not self.empty)
        if appears:
            self._widen()
        names = {self.data_view: DATA, self.overlay.page: CURVES, self.experiments.page: EXPERIMENTS}
        names[self.transferring.page] = TRANSFER
        self.transport.show_page(names.get(page, ""))

    def _widen(self) -> None:
        px = theme().tokens.px
        self.side.setMinimumWidth(px(LEFT_WIDTH))
        self.diagnosis.setMinimumWidth(px(260))
        rest = self.width() - px(LEFT_WIDTH + RIGHT_WIDTH)
        right = px(RIGHT_WIDTH if rest > px(MIDDLE_WIDTH) else 260)
        self.across.setSizes([px(LEFT_WIDTH), max(px(320), self.width() - px(LEFT_WIDTH) - right), right])


def _warm_up(context: Context) -> None:
    from explorer.learning.warm_up import warm_up

    warm_up()
