"""What is said when a training has ended, mostly to somebody who is in another workspace by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.learning.events import Failed
from explorer.ui.workspaces.train.curves import percent
from explorer.ui.workspaces.train.data_view import calm
from explorer.ui.workspaces.train.training import WRONG

if TYPE_CHECKING:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace


def greet(train: TrainWorkspace) -> None:
    """List the run as it ended; say how it did where the bar is not to be seen."""
    train.kept.refresh()
    train.overlay.show_rows()
    state, messages = train.run.state, train.surroundings.messages
    if state is not None and state.started is not None:
        train.side.form.know_devices()
    if train.isVisible():
        return
    failed = [one.ended.message for one in train.run.states if isinstance(one.ended, Failed)]
    if not failed and train.run.trouble not in ("", WRONG):
        failed = [train.run.trouble]  # it could not begin
    for message in failed:
        messages.say(calm(message), "error")
    if state is not None and not train.run.trouble:
        found = f": {percent(state.epoch.val_accuracy)} right" if state.epoch is not None else ""
        messages.say(f"{state.lane.name} has learned{found}.", "ok")
