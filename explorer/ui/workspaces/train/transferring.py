"""Between the page of transfer learning, the open network and the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QFileDialog

from explorer.learning import shipped
from explorer.network.edits import StaleEdit
from explorer.tasks.job import Context, Work
from explorer.ui.workspaces.train.transfer_page import TransferPage

if TYPE_CHECKING:
    from explorer.interop.weights import Report
    from explorer.network.operations import Change
    from explorer.session.session import OpenNetwork
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

FILTER = "Weights (*.safetensors *.pt *.pth *.bin *.ckpt)"


class Transferring:
    """Loads weights beside the window; each load is one step that can be undone."""

    def __init__(self, train: TrainWorkspace) -> None:
        self._train = train
        self.page = TransferPage()
        self.page.loading.connect(self._load)
        self.page.freezing.connect(self._freeze)
        self.page.mending.connect(train.mend)

    def refresh(self) -> None:
        """Show the open network as it is now, if somebody looks."""
        if self.page.isVisible():
            train = self._train
            network = train.tab.document.network if train.tab is not None else None
            ships = network is not None and shipped.fitting(network) is not None
            self.page.show_state(network, train.side.form.settings, train.mismatches, ships)

    def _freeze(self, paths: tuple[str, ...]) -> None:
        form = self._train.side.form
        form.show_settings(msgspec.structs.replace(form.settings, freeze=paths))
        self.refresh()

    def _load(self, name: str) -> None:
        if not name:
            name = QFileDialog.getOpenFileName(self._train, "Weights", str(Path.home()), FILTER)[0]
        if name:
            self.load(name)

    def load(self, name: str) -> None:
        """Give the open network the weights that `name` names."""
        train, tab = self._train, self._train.tab
        if tab is None:
            return
        network = tab.document.network

        def work(context: Context) -> tuple[Change, Report]:
            from explorer.learning.weights_source import change_from

            context.progress(None, "Reading weights")
            return change_from(name, network)

        def done(found: tuple[Change, Report]) -> None:
            self._take(tab, *found)

        train.surroundings.runner.start(Work("Reading weights", work), on_done=done)

    def _take(self, tab: OpenNetwork, change: Change, report: Report) -> None:
        messages = self._train.surroundings.messages
        try:
            tab.document.apply(change.title, change.edits)
        except StaleEdit:
            messages.say("The network was changed meanwhile; load the weights again.", "warning")
            return
        left = len(report.missing) + len(report.misshapen)
        rest = f"; {left} of the network's tensors begin at random" if left else ""
        messages.say(f"{len(report.fitted)} tensors are loaded{rest}. Undo takes them back.", "ok")
        self.refresh()
