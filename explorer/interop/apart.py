"""Reading somebody's code in a process of its own, and bringing what came of it over. Needs no torch."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from explorer.folders import cache_folder
from explorer.interop import projects, sources, tensors
from explorer.interop.import_report import ImportReport
from explorer.network.graph import Network
from explorer.network.layer import Shape
from explorer.tasks.job import Context
from explorer.tasks.process import ProcessJob, Reporter


@dataclass(frozen=True)
class Brought:
    """A network from outside and what is to be said of it."""

    network: Network
    report: ImportReport


@dataclass(frozen=True)
class ReadApart:
    """A Job: read a source that runs code in a process that can be killed."""

    source: sources.Foreign
    shape: Shape | None = None

    @property
    def title(self) -> str:
        return f"Importing {self.source.name}"

    def run(self, context: Context) -> Brought:
        """Raises `Stopped`, UserError, or ProcessFailed."""
        context.progress(None, "Loading torch in a process of its own")
        with tempfile.TemporaryDirectory(prefix="import-", dir=cache_folder()) as folder:
            weights = Path(folder) / "weights.safetensors"
            job = ProcessJob(self.title, _read, (self.source, self.shape, str(weights)))
            network, report = job.run(context)
            if weights.exists():
                tensors.STORE.adopt(weights)
                tensors.STORE.bring_home(weights)
        return Brought(network, report)


@dataclass(frozen=True)
class ReadHere:
    """A Job: read a source that runs no code of its own."""

    source: sources.Foreign
    shape: Shape | None = None

    @property
    def title(self) -> str:
        return f"Importing {self.source.name}"

    def run(self, context: Context) -> Brought:
        """Raises UserError."""
        context.progress(None, "Loading torch")
        found = sources.read(self.source, self.shape)
        return Brought(found.network, found.report)


def reading(source: sources.Foreign, shape: Shape | None = None) -> ReadApart | ReadHere:
    """The Job that reads a source, apart where it runs code that came with it."""
    return ReadApart(source, shape) if source.executes else ReadHere(source, shape)


def _read(
    reporter: Reporter, source: sources.Foreign, shape: Shape | None, weights: str
) -> tuple[Network, ImportReport]:
    """In the process: the network without what it has worked out, its tensors in a file."""
    reporter.progress(None, f"Reading {source.name}")
    found = sources.read(source, shape)
    ids = projects.tensor_ids(found.network)
    if ids:
        tensors.write(Path(weights), ids)
    return replace(found.network), found.report
