"""Running both networks on the same input, beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.network import numerals
from explorer.network.diff import Diff
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner

CLOSE = 1e-5
"""A difference relative to the largest output that float32 explains."""


class Outcome(NamedTuple):
    """What the run said, without torch: as `interop.side_by_side.Apart` has it."""

    outputs: float | None
    scale: float
    layers: Mapping[tuple[str, str], float]
    first: str
    """The path, in A, of the first layer that came out otherwise; "" if none did."""
    lent: int


class Running(QObject):
    """`ended(diff, outcome)` when both have been run."""

    ended = Signal(object, object)

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._job: Handle | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None and not self._job.state.final

    def start(self, diff: Diff) -> None:
        """Run A and B of a comparison; one that runs already is stopped."""
        if self._job is not None:
            self._job.stop()
        title = f"Running {diff.a.network.name} and {diff.b.network.name}"
        self._job = self._runner.start(
            Work(title, partial(_run, diff)), on_done=lambda outcome: self.ended.emit(diff, outcome)
        )


def _run(diff: Diff, context: Context) -> Outcome:
    from explorer.interop.side_by_side import run_both

    context.progress(None, "The same input through both")
    apart = run_both(diff)
    context.check()
    pair = apart.first_apart(CLOSE)
    first = diff.a.network.path(pair[0]) if pair is not None else ""
    return Outcome(apart.outputs, apart.scale, apart.layers, first, apart.lent)


def verdict(names: tuple[str, str], outcome: Outcome) -> str:
    """What the run says in words."""
    both = " and ".join(names)
    weights = " with the same random weights" if outcome.lent else ""
    start = f"{both} on the same input{weights}: "
    if outcome.outputs is None:
        text = "their outputs have other sizes"
    elif outcome.outputs == 0:
        text = "the outputs are the same to the last bit"
    else:
        apart, scale = numerals.difference(outcome.outputs), numerals.difference(outcome.scale)
        text = f"the outputs differ by up to {apart}, of values up to {scale}"
    if outcome.first:
        text += f"; the first layer that comes out otherwise is {outcome.first}"
    return f"{start}{text}."
