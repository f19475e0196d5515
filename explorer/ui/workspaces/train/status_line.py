"""What Train says of itself in the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.ui.workspace import Figure, Status
from explorer.ui.workspaces.train.curves import percent

if TYPE_CHECKING:
    from explorer.ui.workspaces.train.workspace import TrainWorkspace


def status_of(train: TrainWorkspace) -> Status:
    """Pictures and parameters on the left; on the right how good it is by now, and where it is trained."""
    left: list[Figure] = []
    if train.source.data is not None:
        left.append(Figure(f"{len(train.source.data.train):,}", "pictures to learn from"))
    if train.tab is not None:
        left.append(Figure(f"{train.tab.document.inference.totals.parameters:,}", "parameters"))
    right: list[Figure] = []
    state = train.run.state
    if state is not None and state.epoch is not None and state.epoch.epoch:
        whose = f", {state.network.name}" if len(train.run.states) > 1 else ""
        words = f"right after epoch {state.epoch.epoch}{whose}"
        right.append(Figure(percent(state.epoch.val_accuracy), words))
    if state is not None and state.started is not None and train.run.running:
        threads = state.started.threads
        where = f"{threads} thread{'s' if threads != 1 else ''}" if state.started.device == "cpu" else ""
        right.append(Figure(state.started.device.upper(), where))
    return Status(tuple(left), tuple(right))
