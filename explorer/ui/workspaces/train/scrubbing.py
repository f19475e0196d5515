"""Going back to an epoch of a kept run: what it was like then, and its weights for the open network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.learning.runs import RunStore
from explorer.network.edits import StaleEdit
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.train.kept import KeptRuns
from explorer.ui.workspaces.train.overlay import Overlay

if TYPE_CHECKING:
    from explorer.network.operations import Change


@dataclass(frozen=True)
class _Fitted:
    """Weights that were read: an edit of the open network, or another network that has them."""

    change: Change | None
    other: Network | None


class Scrubbing:
    """Between the slider, the kept runs and the open network."""

    def __init__(
        self,
        surroundings: Surroundings,
        kept: KeptRuns,
        overlay: Overlay,
        tab: Callable[[], OpenNetwork | None],
    ) -> None:
        self._surroundings, self._kept, self._overlay, self._tab = surroundings, kept, overlay, tab
        overlay.scrubber.scrubbed.connect(overlay.scrub)
        overlay.scrubber.applying.connect(self.apply)

    def apply(self) -> None:
        """Give the open network the weights at which the slider stands, or open the network that has them."""
        run, epoch = self._overlay.single, self._overlay.scrubber.epoch
        store, tab = self._kept.store, self._tab()
        if run is None or epoch is None or store is None:
            return
        network = tab.document.network if tab is not None else None

        def work(context: Context) -> _Fitted:
            return _fitted(store, run, epoch, network)

        def done(found: _Fitted) -> None:
            self._take(found, tab, epoch)

        self._surroundings.runner.start(Work("Reading weights", work), on_done=done)

    def _take(self, found: _Fitted, tab: OpenNetwork | None, epoch: int) -> None:
        messages = self._surroundings.messages
        if found.other is not None:
            self._surroundings.session.open(found.other)
            messages.say(f"{found.other.name} is open with its weights after epoch {epoch}.", "ok")
            return
        assert found.change is not None
        if tab is None or tab not in self._surroundings.session.tabs:
            return
        try:
            tab.document.apply(found.change.title, found.change.edits)
        except StaleEdit:
            messages.say("The network was changed meanwhile; apply the weights again.", "warning")
            return
        messages.say(f"{tab.title} has the weights after epoch {epoch}; undo takes them back.", "ok")


def _fitted(store: RunStore, run: str, epoch: int, network: Network | None) -> _Fitted:
    """The weights as an edit where all of them fit the open network, else with the network they are of."""
    from explorer.interop.weights import match
    from explorer.network.edits import apply

    kept = store.at_epoch(run, epoch)
    title = f"Apply weights of epoch {epoch}"
    if network is not None:
        try:
            change, report = match(network, kept.weights, kept.about.trained, title)
            if report.complete and not report.unused:
                return _Fitted(change, None)
        except UserError:
            pass  # another network is open, or one that can't be built now
    own = kept.network
    change, _ = match(own, kept.weights, kept.about.trained, title)
    return _Fitted(None, apply(own, change.edits))
