"""Starts an experiment of the lecture, or a race of the open networks, as soon as its pictures are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.learning import matching
from explorer.learning.experiments.presets import Preset, find
from explorer.learning.settings import TrainSettings
from explorer.network.graph import Network
from explorer.network.problems import Severity
from explorer.ui.workspaces.train.experiments_page import ExperimentsPage
from explorer.ui.workspaces.train.transport import CURVES, DATA

if TYPE_CHECKING:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace


class Experiments:
    """What waits for its pictures is forgotten when a person chooses other data, or starts something else."""

    def __init__(self, train: TrainWorkspace) -> None:
        self._train = train
        self._waiting: tuple[Network, ...] = ()
        self.page = ExperimentsPage()
        self.page.chosen.connect(self.start)
        self.page.racing.connect(self.race)

    def start_first(self) -> None:
        """LeNet-5 on the pictures that ship, from nothing to its first batches in one click."""
        self.start(find("lenet5"))

    def start(self, preset: Preset) -> None:
        """Open the contenders and train them on the experiment's data with its settings."""
        train = self._train
        if train.run.running:
            return
        networks = tuple(build() for build in preset.contenders)
        tabs = train.surroundings.session.tabs
        for network in networks:
            if all(tab.document.network != network for tab in tabs):
                train.surroundings.session.open(network)
        train.side.form.show_settings(preset.settings)
        if train.source.name != preset.data:
            train.source.choose(preset.data)
        self._waiting = networks
        if train.source.must_download:
            train.show_page(DATA)
        else:
            train.source.load()
        self.go_on()

    def race(self) -> None:
        """Train all open networks that fit the data, side by side."""
        networks = self._racers()
        if len(networks) > 1 and not self._train.run.running:
            self._waiting = networks
            self.go_on()

    def forget(self) -> None:
        """Nothing waits any more."""
        self._waiting = ()

    def go_on(self) -> None:
        """Begin with what waits if its pictures are there."""
        train = self._train
        if self._waiting and train.source.data is not None and not train.run.running:
            waiting, self._waiting = self._waiting, ()
            begin(train, waiting, train.side.form.settings)

    def refresh(self) -> None:
        """Say what can be started now."""
        if self.page.isVisible():
            self.page.allow(not self._train.run.running, self._why_no_race())

    def _racers(self) -> tuple[Network, ...]:
        data = self._train.source.data
        if data is None:
            return ()
        networks = [tab.document.network for tab in self._train.surroundings.session.tabs]
        return tuple(
            network
            for network in networks
            if all(one.severity is not Severity.ERROR for one in matching.problems(network, data))
        )

    def _why_no_race(self) -> str:
        if len(self._train.surroundings.session.tabs) < 2:
            return "Open two networks or more."
        if self._train.source.data is None:
            return "Choose the data first."
        return "" if len(self._racers()) > 1 else "Fewer than two of the open networks fit the data."


def begin(
    train: TrainWorkspace, networks: Sequence[Network], settings: TrainSettings, paused: bool = False
) -> None:
    """Train these from now on, each in a colour of its own."""
    assert train.source.data is not None
    colors = train.overlay.free_colors(len(networks))
    plans = [
        train.kept.plan(network, train.source.data, settings, color)
        for network, color in zip(networks, colors, strict=True)
    ]
    train.run.start(plans, paused)
    train.show_page(CURVES)
