"""What is done with the selected run: go on with it, write its figures or its command, delete it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from explorer.learning.command import write_command
from explorer.network.errors import UserError
from explorer.tasks.job import Context, Work
from explorer.ui.workspaces.train.transport import CURVES

if TYPE_CHECKING:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace


class Keeping:
    """Acts on the run chosen last."""

    def __init__(self, train: TrainWorkspace) -> None:
        self._train = train

    def resume(self) -> None:
        """Go on with it where it stopped."""
        train = self._train
        chosen = train.overlay.resumable
        if chosen is None or train.run.running:
            return
        try:
            plan = train.kept.resume(chosen, train.source, train.overlay.color_of(chosen))
        except UserError as error:
            train.surroundings.messages.error(error)
            return
        train.side.form.show_settings(plan.settings)
        train.run.start([plan])
        train.show_page(CURVES)

    def export_csv(self) -> None:
        """Write its curves to a file."""
        chosen = self._train.overlay.single
        if chosen is not None:
            self._train.kept.export(chosen, self._train)

    def export_weights(self) -> None:
        """Ask for a file, and write its best weights there by their names in torch."""
        run = self._train.kept.run(self._train.overlay.single or "")
        if run is not None:
            start = str(Path.home() / f"{run.name} {run.created:%Y-%m-%d %H%M}.safetensors".replace("/", "-"))
            kinds = "Weights (*.safetensors)"
            path = QFileDialog.getSaveFileName(self._train, "Export the weights", start, kinds)[0]
            if path:
                self.write_weights(Path(path))

    def write_weights(self, path: Path) -> None:
        """The best weights of the run, as a file that torch loads."""
        train = self._train
        key, store = train.overlay.single, train.kept.store
        if key is None or store is None:
            return
        messages = train.surroundings.messages

        def work(context: Context) -> None:
            from explorer.interop.weights import match
            from explorer.interop.weights_out import write_weights
            from explorer.network.edits import apply

            kept = store.checkpoint(key, "best")
            if kept is None:
                raise UserError("no weights of this run are kept yet; resume it for an epoch")
            change, _ = match(kept.network, kept.weights, kept.about.trained, "Load weights")
            write_weights(apply(kept.network, change.edits), path)

        train.surroundings.runner.start(
            Work("Writing the weights", work), on_done=lambda _: messages.say(f"Written to {path}.", "ok")
        )

    def export_command(self) -> None:
        """Ask for a folder, and write the network and the command that trains it there."""
        if self._train.overlay.single is not None:
            title = "A folder for the network and the command"
            folder = QFileDialog.getExistingDirectory(self._train, title, str(Path.home()))
            if folder:
                self.write_command(Path(folder))

    def write_command(self, folder: Path) -> None:
        """The network with its weights, and a shell script that trains it under torchrun."""
        train = self._train
        run = train.kept.run(train.overlay.single or "")
        if run is None:
            return
        messages = train.surroundings.messages
        train.surroundings.runner.start(
            Work("Writing the command", lambda context: write_command(run, folder)),
            on_done=lambda path: messages.say(f"Written to {path}.", "ok"),
        )

    def delete(self) -> None:
        """Delete it with its weights, after asking once."""
        train = self._train
        chosen = train.overlay.deletable
        if chosen is None:
            return
        train.surroundings.messages.ask(
            f"Delete the run “{train.kept.name(chosen)}” with curves and weights? This cannot be undone.",
            ("Delete", lambda: self._delete(chosen)),
            ("Keep", lambda: None),
            kind="warning",
        )

    def _delete(self, chosen: str) -> None:
        self._train.kept.delete(chosen)
        self._train.overlay.forget(chosen)
