"""The question before a window closes in which a network is being trained."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from explorer.ui.shell.question import Question
from explorer.ui.workspaces.train.training import TrainingRun

PATIENCE_MS = 30_000
"""How long a batch that is under way may take; what was kept of the run before it is whole in any case."""
STOP = "Stop and close"


def may_close(window: QWidget, run: TrainingRun) -> bool:
    """Whether the window may close: nothing runs, or a person lets it stop, which it then does."""
    if not run.running:
        return True
    text = "It is stopped at the next batch and kept: it can be resumed where it stopped."
    if (
        Question(window, "A training is running", text, [("Go on training", ""), (STOP, "primary")]).ask()
        != STOP
    ):
        return False
    loop, limit = QEventLoop(), QTimer(singleShot=True, interval=PATIENCE_MS)
    run.ended.connect(loop.quit)
    limit.timeout.connect(loop.quit)
    run.stop()
    if run.running:
        limit.start()
        loop.exec()
    return True
