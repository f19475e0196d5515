"""One line of the catalogue."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from explorer.network.graph import Network
from explorer.network.layer import Shape
from explorer.zoo import ledger


@dataclass(frozen=True)
class Entry:
    """One classic network.

    `program` is `module:function` in explorer.zoo. `macs` are for one image, in eval mode. The errors are
    fractions on ImageNet as the lecture gives them, None where it gives none; `note` says what they are of.
    `place` is the place in the ImageNet challenge, where the lecture names it; `year` is None where no source
    gives one.
    """

    name: str
    title: str
    year: int | None
    authors: str
    input: Shape
    parameters: int
    macs: int
    source: str
    program: str
    top1_error: float | None = None
    top5_error: float | None = None
    place: str = ""
    note: str = ""

    def build(self) -> Network:
        """The network, with notes on where it comes from; its module is imported only now."""
        module, function = self.program.split(":")
        program: Callable[[], Network] = getattr(importlib.import_module(f"explorer.zoo.{module}"), function)
        network = program()
        return network if network.notes else replace(network, notes=self.notes())

    def notes(self) -> str:
        """The source, and where published numbers differ from those here, and why."""
        parts = [f"{self.source}.", self.note]
        parts += [f"• {difference.sentence()}" for difference in ledger.about(self.name)]
        return "\n\n".join(part for part in parts if part)
