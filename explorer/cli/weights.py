"""`--weights` on the command line: what it names goes into the network, and what did not fit is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from explorer.cli.parsing import say
from explorer.network.edits import apply
from explorer.network.graph import Network, Trained

HELP = "trained weights: a .safetensors or .pt file, shipped, torchvision, or run:ID"


def with_weights(network: Network, text: str) -> Network:
    """The network with the weights that `text` names. Raises UserError."""
    from explorer.learning.weights_source import change_from
    from explorer.tasks.inline import run_inline
    from explorer.tasks.job import Work

    job = Work("Loading weights", lambda context: change_from(text, network, context=context))
    found, report = run_inline(job)
    if not report.complete:
        say(f"{len(report.missing)} tensors are not in '{text}', {len(report.misshapen)} have another shape")
    network = apply(network, found.edits)
    if network.trained is None:
        network = replace(network, trained=Trained(Path(text).name))
    return network
