"""Doing it: weights carried over and the proof run in a Job, then one undoable step and a word about it."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.operations import Change
from explorer.network.surgery import Plan
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.workspace import Surroundings

CLOSE = 1e-5
"""A difference relative to the largest output that float32 explains."""


class Outcome(NamedTuple):
    """What a Job found: the change with its weights, and the largest difference with the largest value."""

    change: Change
    difference: float | None
    scale: float


class Carrying(QObject):
    """`done(tab)` after a plan was applied to an open network."""

    done = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings

    def start(self, tab: OpenNetwork, plan: Plan) -> None:
        """Apply a plan. What has weights waits for them to be carried over; the rest is applied at once."""
        network = tab.document.network
        waits = plan.same == "identity" or (bool(plan.carries) and _has_weights(network))
        if not waits:
            self._apply(tab, plan.change)
        if waits or plan.same:
            work = Work(plan.change.title, partial(_work, network, plan))
            self._surroundings.runner.start(work, on_done=partial(self._finish, tab, network, plan, waits))

    def _finish(self, tab: OpenNetwork, network: Network, plan: Plan, waits: bool, outcome: Outcome) -> None:
        if waits:
            if tab not in self._surroundings.session.tabs:
                return
            if tab.document.network is not network:
                self._surroundings.messages.say(
                    f"{plan.change.title}: not done, as the network was edited meanwhile. Do it again.",
                    "warning",
                )
                return
            self._apply(tab, outcome.change)
        self._tell(tab, plan, outcome)

    def _apply(self, tab: OpenNetwork, change: Change) -> None:
        try:
            tab.document.apply(change.title, change.edits)
        except UserError as error:
            self._surroundings.messages.error(error)
            return
        tab.selection.set(
            (node for node in change.nodes if node in tab.document.network.nodes),
            (block for block in change.blocks if block in tab.document.network.blocks),
        )
        self.done.emit(tab)

    def _tell(self, tab: OpenNetwork, plan: Plan, outcome: Outcome) -> None:
        if outcome.difference is None:
            return
        text, fine = verdict(plan, outcome.difference, outcome.scale)
        if fine:
            self._surroundings.messages.say(text, "ok")
        else:
            self._surroundings.messages.ask(text, ("Undo", tab.document.undo), kind="warning")


def verdict(plan: Plan, difference: float, scale: float) -> tuple[str, bool]:
    """What the proof says in words, and whether float32's rounding explains it."""
    title = plan.change.title
    if plan.same == "identity":
        if difference == 0:
            return f"{title}: each sum is its shortcut, to the last bit.", True
        return f"{title}: a sum differs from its shortcut by {numerals.difference(difference)}.", False
    fine = difference <= CLOSE * max(1.0, scale)
    if difference == 0:
        return f"{title}: the outputs are the same to the last bit.", True
    apart = numerals.difference(difference)
    told = f"the largest difference of the outputs is {apart}, of values up to {scale:.3g}"
    return f"{title}: {told}.", fine


def _has_weights(network: Network) -> bool:
    return any(node.tensors for node in network.nodes.values())


def _work(network: Network, plan: Plan, context: Context) -> Outcome:
    from explorer.interop.surgery import carry, prove

    context.progress(None, "Carrying weights over")
    change = carry(network, plan)
    if not plan.same:
        return Outcome(change, None, 0.0)
    context.progress(None, "Running before and after on the same input")
    try:
        proof = prove(network, plan)
    except UserError:
        # What can't be run, as a part of it is known by its shapes only, can still be rebuilt.
        return Outcome(change, None, 0.0)
    context.check()
    return Outcome(change, proof.difference, proof.scale)
