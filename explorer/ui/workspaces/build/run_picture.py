"""Running a picture through the open network, beside the window; torch is imported in the Job alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.tasks.job import Context
from explorer.ui.workspaces.build.run_results import NodeStatistics, RunResults

SHOWN_CLASSES = 3


@dataclass(frozen=True)
class RunPicture:
    """The Job. It reads a snapshot, so the canvas stays editable; it returns what it measured."""

    network: Network
    inference: Inference
    path: Path

    @property
    def title(self) -> str:
        return f"Running {self.network.name} on {self.path.name}"

    def run(self, context: Context) -> RunResults:
        """Raises UserError for a bad picture or a network that cannot run, Stopped when it was stopped."""
        # The picture first: a bad one is told at once, and not after torch's seconds of import.
        context.progress(None, f"Reading {self.path.name}")
        picture = read(self.path)
        context.progress(None, "Starting PyTorch")
        from explorer.interop.classes import top_classes
        from explorer.interop.execute import run_picture
        from explorer.interop.weights import ready

        context.progress(0.0, self.title)
        module, random = ready(self.network)
        total = len(self.network.nodes)
        found: dict[str, NodeStatistics] = {}
        vectors = {}
        for count, node_run in enumerate(run_picture(self.network, picture, module=module), 1):
            found[node_run.node] = node_run
            if node_run.vector is not None:
                vectors[node_run.node] = node_run.vector
            context.progress(count / total, self.title)
        classes = top_classes(self.network, vectors, random, SHOWN_CLASSES)
        weighted = len(random) + sum(bool(node.tensors) for node in self.network.nodes.values())
        return RunResults(
            self.path.name, self.network, self.inference, found, classes or (), len(random), weighted
        )


def read(path: Path) -> Any:
    """The picture as an array. Raises UserError saying what is wrong with the file."""
    from explorer.media.pictures import read_picture

    return read_picture(path)
