"""Trained weights by the name that a person gives them: what ships, a kept run, a file. Loads torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.learning import checkpoint, shipped
from explorer.learning.runs import RunStore
from explorer.network.errors import UserError
from explorer.network.graph import Network

if TYPE_CHECKING:
    from explorer.interop.weights import Report
    from explorer.learning.checkpoint import Checkpoint
    from explorer.network.operations import Change
    from explorer.tasks.job import Context

RUN = "run:"
TORCHVISION = "torchvision:"
NAMES = "shipped, torchvision, run:ID, run:ID:EPOCH or a file"


def change_from(
    text: str, network: Network, store: RunStore | None = None, context: Context | None = None
) -> tuple[Change, Report]:
    """The edit that gives a network the weights that `text` names, and what of them did not fit.

    `shipped` are those in `assets/`; `run:ID` the best of a kept run, `run:ID:12` those after its
    epoch 12; `torchvision` (or `torchvision:resnet50`) those that torchvision offers, fetched if they are
    not here; anything else is a file. Raises UserError.
    """
    from explorer.interop.weights import match, read_state

    if text == "torchvision" or text.startswith(TORCHVISION):
        from explorer.interop import pretrained

        model, _, name = text.removeprefix(TORCHVISION).partition(":")
        chosen = pretrained.offer(model, name or "DEFAULT") if text != "torchvision" else None
        return pretrained.change_for(network, context, chosen)
    if text == "shipped":
        return match(network, *shipped.weights_for(network), "Load weights")
    if text.startswith(RUN):
        kept = of_run(text.removeprefix(RUN), store)
    else:
        path = Path(text)
        if not path.is_file():
            raise UserError(f"'{text}' names no weights; write {NAMES}")
        own = checkpoint.read_if_own(path)
        if own is None:
            return match(network, read_state(path), None, f"Load weights from {path.name}")
        kept = own
    return match(network, kept.weights, kept.about.trained, "Load weights")


def of_run(text: str, store: RunStore | None = None) -> Checkpoint:
    """The checkpoint that `ID` or `ID:EPOCH` names. Raises UserError."""
    run, _, epoch = text.partition(":")
    store = RunStore() if store is None else store
    store.run(run)
    if epoch:
        kept = store.epochs(run)
        if not epoch.isdigit() or int(epoch) not in kept:
            there = ", ".join(map(str, kept)) or "none"
            raise UserError(f"run '{run}' has no weights after epoch {epoch}; those kept are of: {there}")
        return store.at_epoch(run, int(epoch))
    found = store.checkpoint(run, "best") or store.checkpoint(run, "last")
    if found is None:
        raise UserError(f"run '{run}' has no weights yet: it ended before its first epoch was over")
    return found
