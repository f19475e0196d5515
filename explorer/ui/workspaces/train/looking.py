"""Looking into a kept run's network: as a tab of its own, with a picture that it was judged on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QMenu

from explorer.learning.runs import Kind, RunStore
from explorer.network.graph import Network
from explorer.tasks.job import Context, Work
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.train.curves import percent
from explorer.ui.workspaces.train.kept import KeptRuns
from explorer.ui.workspaces.train.overlay import Overlay
from explorer.ui.workspaces.train.side import Side

if TYPE_CHECKING:
    from explorer.learning.checkpoint import Checkpoint
    from explorer.learning.data import DataSet
    from explorer.media.pictures import Picture

KINDS: tuple[Kind, ...] = ("best", "last")


@dataclass(frozen=True)
class _Seen:
    """What is looked at, with the picture that is shown to it; None keeps the one that is there."""

    network: Network
    picture: Picture | None
    title: str


class Looking:
    """Between the slider, the list of runs, and Look inside. The open networks stay as they are."""

    def __init__(self, surroundings: Surroundings, kept: KeptRuns, overlay: Overlay, side: Side) -> None:
        self._surroundings, self._kept, self._overlay, self._side = surroundings, kept, overlay, side
        overlay.scrubber.looking.connect(self.at_epoch)
        side.look.clicked.connect(self._offer)

    def at_epoch(self) -> None:
        """The network as it was after the epoch at which the slider stands."""
        store, run, epoch = self._kept.store, self._overlay.single, self._overlay.scrubber.epoch
        if store is not None and run is not None and epoch is not None:
            self._open(run, lambda: store.at_epoch(run, epoch))

    def at(self, kind: Kind) -> None:
        """The network of the run chosen last with its best or its last weights, also while it is trained."""
        store, run = self._kept.store, self._overlay.single
        if store is not None and run is not None:
            self._open(run, lambda: store.checkpoint(run, kind))

    def _offer(self) -> None:
        menu = QMenu(self._side)
        run = self._kept.run(self._overlay.single or "")
        store = self._kept.store
        there = [] if run is None or store is None else [k for k in KINDS if store.path(run.id, k).is_file()]
        for kind in there:
            assert run is not None
            figure = run.best_accuracy if kind == "best" else run.val_accuracy
            words = f"Look inside, {kind} weights"
            words += f": {percent(figure)} right" if figure is not None else ""
            menu.addAction(words).triggered.connect(lambda _=False, kind=kind: self.at(kind))
        if not there:
            menu.addAction("No weights are kept yet").setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._side.look.mapToGlobal(self._side.look.rect().bottomLeft()))

    def _open(self, run: str, read: Callable[[], Checkpoint | None]) -> None:
        store, here = self._kept.store, self._side.data_here
        kept = self._kept.run(run)
        if store is None or kept is None:
            return
        data = here if here is not None and here.fingerprint == kept.fingerprint else None

        def work(context: Context) -> _Seen | None:
            found = read()
            return None if found is None else _seen(store, run, found, data)

        self._surroundings.runner.start(Work("Reading weights", work), on_done=self._show)

    def _show(self, seen: _Seen | None) -> None:
        if seen is None:
            self._surroundings.messages.say("This run has no weights any more; choose another.", "warning")
            return
        session = self._surroundings.session
        there = next((tab for tab in session.tabs if tab.document.network == seen.network), None)
        if there is not None:
            session.activate(there)
        else:
            session.open(seen.network)
        self._surroundings.hand("filters", seen.picture, seen.title)


def _seen(store: RunStore, run: str, kept: Checkpoint, data: DataSet | None) -> _Seen:
    """The network with these weights under a name of its own, and what it was most wrong about then."""
    from explorer.interop.weights import match
    from explorer.network.edits import apply

    own, at = kept.network, kept.about.position
    epoch = at.epoch - (at.batch == 0)
    change, _ = match(own, kept.weights, kept.about.trained, "Load weights")
    name = f"{own.name}, epoch {epoch}" if epoch else f"{own.name}, before training"
    network = replace(apply(own, change.edits), name=name)
    if data is None:
        return _Seen(network, None, "")
    worst = next((point.worst for point in store.points(run) if point.epoch == epoch), ())
    index = worst[0].index if worst else 0
    picture, label = data.validation.pictures[index], data.classes[data.validation.labels[index]]
    told = f"{label}, taken for {data.classes[worst[0].predicted]}" if worst else label
    return _Seen(network, _as_read(picture), told)


def _as_read(picture: Picture) -> Picture:
    """(C, H, W) as a picture that was read: (H, W) grey, or (H, W, 3)."""
    return np.ascontiguousarray(picture[0] if len(picture) < 3 else picture[:3].transpose(1, 2, 0))
