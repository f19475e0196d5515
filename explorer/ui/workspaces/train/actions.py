"""What can be done in Train, for the menus, the palette and the top bar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from explorer.learning.experiments.presets import PRESETS
from explorer.ui.actions import Action
from explorer.ui.workspaces.train.looking import KINDS
from explorer.ui.workspaces.train.transport import CURVES, DATA, EXPERIMENTS, TRANSFER

if TYPE_CHECKING:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

GROUP = "Train"


def primary(train: TrainWorkspace) -> Action | None:
    """The main button: start, pause, go on; none while there is nothing to train."""
    if train.tab is None and not train.run.running:
        return None
    run = train.run
    text = "Go on" if run.paused else "Pause" if run.running else "Start"
    return Action("train.main", text, train.toggle, group=GROUP, enabled=lambda: _may_toggle(train))


def _may_toggle(train: TrainWorkspace) -> bool:
    return not train.run.stopping if train.run.running else train.startable


def train_actions(train: TrainWorkspace) -> Sequence[Action]:
    """Everything, whether there is a button for it or not."""
    run, side = train.run, train.side

    def idle() -> bool:
        return not run.running

    def words() -> str:
        return "Go on training" if run.paused else "Pause the training" if run.running else "Start training"

    return (
        Action("train.toggle", "Start training", train.toggle, group=GROUP, shortcut="Ctrl+R", icon="play",
               enabled=lambda: _may_toggle(train), live_text=words, keywords="pause go on learn fit"),
        Action("train.step", "Train one batch", train.step, group=GROUP, shortcut="Ctrl+.",
               enabled=lambda: run.paused or train.startable, keywords="step single"),
        Action("train.stop", "Stop the training", run.stop, group=GROUP, icon="stop",
               enabled=lambda: run.running and not run.stopping, keywords="end cancel"),
        *(Action(f"train.experiment.{preset.name}", f"Experiment: {preset.title}",
                 partial(train.experiments.start, preset), group=GROUP,
                 enabled=idle, keywords="example demo lecture compare race " + preset.name)
          for preset in PRESETS),
        Action("train.race", "Race the open networks", train.experiments.race, group=GROUP,
               enabled=idle, keywords="compare side by side"),
        Action("train.transfer", "Transfer learning: weights, head, frozen layers",
               lambda: train.show_page(TRANSFER), group=GROUP, keywords="fine-tune pretrained freeze"),
        Action("train.experiments", "Show the experiments", lambda: train.show_page(EXPERIMENTS), group=GROUP,
               keywords="presets lecture"),
        Action("train.folder", "Train on a folder of classes…", side.ask_for_folder, group=GROUP,
               enabled=idle, icon="folder", keywords="pictures images own data"),
        Action("train.rate", "Find the learning rate", train.find_rate, group=GROUP,
               enabled=lambda: train.startable, keywords="range test lr finder"),
        Action("train.camera", "Collect classes at the camera", train.collecting.open, group=GROUP,
               enabled=idle, keywords="webcam own data pictures"),
        Action("train.curves", "Show the curves", lambda: train.show_page(CURVES), group=GROUP,
               keywords="loss accuracy plot"),
        Action("train.data", "Show the data", lambda: train.show_page(DATA), group=GROUP,
               keywords="pictures classes balance problems"),
        Action("train.resume", "Resume the selected run", train.keeping.resume, group=GROUP,
               enabled=lambda: idle() and train.overlay.resumable is not None, keywords="continue"),
        Action("train.apply", "Apply the weights of the selected run", train.scrubbing.apply, group=GROUP,
               enabled=lambda: train.overlay.scrubber.epoch is not None, keywords="take epoch"),
        Action("train.inside", "Look inside the selected run at this epoch", train.looking.at_epoch,
               group=GROUP, icon="eye", enabled=lambda: train.overlay.scrubber.epoch is not None,
               keywords="feature maps weights epoch"),
        *(Action(f"train.inside.{kind}", f"Look inside the selected run, {kind} weights",
                 partial(train.looking.at, kind), group=GROUP, icon="eye",
                 enabled=lambda: train.overlay.single is not None, keywords="feature maps checkpoint")
          for kind in KINDS),
        Action("train.export", "Export the curves of the selected run as CSV…", train.keeping.export_csv,
               group=GROUP, icon="export", enabled=lambda: train.overlay.single is not None,
               keywords="spreadsheet table"),
        Action("train.command", "Export the selected run as a command…", train.keeping.export_command,
               group=GROUP, icon="export", enabled=lambda: train.overlay.single is not None,
               keywords="torchrun shell script machines terminal"),
        Action("train.delete", "Delete the selected run…", train.keeping.delete, group=GROUP, icon="delete",
               enabled=lambda: train.overlay.deletable is not None),
    )  # fmt: skip
