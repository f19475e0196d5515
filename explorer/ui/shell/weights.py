"""Trained weights for the open network: from a file, from torchvision by download, or those that ship.

Reading and matching run beside the window; giving them to the network is one undoable edit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.shell.messages import Messages
from explorer.ui.shell.settings import Settings
from explorer.ui.shell.weights_report import WeightsReport

if TYPE_CHECKING:
    from explorer.interop.pretrained import Offer
    from explorer.interop.weights import Report
    from explorer.network.operations import Change

FOLDER = "weights/folder"
ENDINGS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")
"""As interop.weights, which loads torch, reads them."""
FILTER = f"Weights ({' '.join(f'*{ending}' for ending in ENDINGS)});;All files (*)"

Source = Callable[[Network, Context], "tuple[Change, Report]"]


class Weights(QObject):
    """What File → Load weights does."""

    def __init__(
        self, window: QWidget, session: Session, runner: Runner, messages: Messages, settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._runner = runner
        self._messages = messages
        self._settings = settings
        self.sheet = WeightsReport(window)

    def choose_file(self) -> None:
        """Ask for a file of weights, and load it."""
        before = self._settings.words(FOLDER)
        folder = before[0] if before else str(Path.home())
        name, _ = QFileDialog.getOpenFileName(self._window, "Load weights", folder, FILTER)
        if name:
            self._settings.set_words(FOLDER, [str(Path(name).parent)])
            self.load_file(Path(name))

    def takes(self, path: Path) -> bool:
        """Whether a file that was dropped is one of weights for the open network."""
        return path.suffix.lower() in ENDINGS and self._session.active is not None

    def load_file(self, path: Path) -> Handle | None:
        """Load the weights in a file into the open network."""

        def read(network: Network, context: Context) -> tuple[Change, Report]:
            from explorer.learning.weights_source import change_from

            return change_from(str(path), network, context=context)

        return self._load(path.name, read)

    def load_shipped(self) -> Handle | None:
        """Load the weights that ship for the open network."""

        def read(network: Network, context: Context) -> tuple[Change, Report]:
            from explorer.learning.weights_source import change_from

            return change_from("shipped", network, context=context)

        return self._load("the weights that ship", read)

    def load_torchvision(self) -> Handle | None:
        """Look for torchvision's weights of the open network, and fetch them if a person agrees."""
        tab = self._session.active
        if tab is None:
            return None
        network = tab.document.network

        def look(context: Context) -> tuple[Offer, bool]:
            from explorer.interop import pretrained

            context.progress(None, "asking torchvision")
            found = pretrained.offer_for(network)
            if found is None:
                raise UserError(
                    f"torchvision has no weights for {network.name} as it is; load a file of weights"
                )
            return found, pretrained.is_here(found)

        def offer(answer: tuple[Offer, bool]) -> None:
            found, here = answer
            if here:
                self._fetch(found)
                return
            self._messages.ask(
                f"torchvision has weights for {network.name}: {found.model}, {found.name}, trained on "
                f"{found.trained.source.partition(' (')[0]}; {found.megabytes:,.0f} MB to download.",
                ("Download", lambda: self._fetch(found)),
            )

        return self._runner.start(Work("Looking for weights", look), on_done=offer)

    def _fetch(self, found: Offer) -> Handle | None:
        def read(network: Network, context: Context) -> tuple[Change, Report]:
            from explorer.interop import pretrained

            return pretrained.change_for(network, context, found)

        return self._load(f"torchvision's {found.model}", read)

    def _load(self, name: str, read: Source) -> Handle | None:
        tab = self._session.active
        if tab is None:
            return None
        network = tab.document.network

        def work(context: Context) -> tuple[Change, Report]:
            context.progress(None, name)
            return read(network, context)

        def take(found: tuple[Change, Report]) -> None:
            if tab not in self._session.tabs:
                return
            if tab.document.network is not network:
                # Somebody went on editing: what fits is found once more, in what there is now.
                self._session.activate(tab)
                self._load(name, read)
                return
            self._take(tab, name, *found)

        return self._runner.start(Work("Loading weights", work), on_done=take)

    def _take(self, tab: OpenNetwork, name: str, change: Any, report: Report) -> None:
        tab.document.apply(change.title, change.edits)
        if report.complete and not report.unused:
            count = len(report.fitted)
            self._messages.say(f"All {count} tensors of {name} are in {tab.title} now.", "ok")
        else:
            self.sheet.show_report(tab.title, name, report)
