"""What is to be said of an import: how much became layers, what stayed opaque and why. Needs no torch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from explorer.network.layer import Shape, spell


class OpaquePart(NamedTuple):
    """One part of which only shapes and counts are known, and why no layer describes it."""

    path: str
    kind: str
    why: str
    parameters: int
    macs: int


@dataclass(frozen=True)
class ImportReport:
    """Counts of one import.

    `exact` says that parameters and MACs are those that torch counted in the run itself. `checked_at` is a
    second input size at which all sizes and counts followed, None where there is none. `frozen` counts the
    parameters that the module's author has set not to be trained (`requires_grad` is False). `worked_out`
    layers have weights that were made once of the parameters `sources`.
    """

    layers: int
    parameters: int
    macs: int
    exact: bool
    opaque: tuple[OpaquePart, ...]
    training_only: int
    unreached: tuple[str, ...]
    shared: int
    checked_at: tuple[Shape, ...] | None
    frozen: int = 0
    worked_out: int = 0
    sources: tuple[str, ...] = ()

    @property
    def described_macs(self) -> float:
        """The share of the MACs that is in layers, not in opaque parts."""
        hidden = sum(part.macs for part in self.opaque)
        return 1 - hidden / self.macs if self.macs else 1.0

    def lines(self) -> list[str]:
        """For a person: what is what, a sentence each."""
        said = [self._read()]
        if self.opaque:
            kinds = Counter(f"{part.kind} ({part.why})" for part in self.opaque)
            shown = ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common(6))
            rest = len(kinds) - 6
            more = f" and {rest} more kinds" if rest > 0 else ""
            said.append(
                f"Opaque, counted but not taken apart: {shown}{more}; "
                f"{1 - self.described_macs:.1%} of the MACs."
            )
        if self.shared:
            said.append(f"Layers that share their weights with another: {self.shared}.")
        if self.worked_out:
            said.append(
                f"Layers whose weights were worked out once, as every pass does: {self.worked_out}. "
                "Weights from a file would be taken as they are."
            )
        if self.sources:
            said.append(f"Parameters behind these, kept beside the network: {_first(self.sources)}.")
        trained = self.training_only - len(self.unreached) - len(self.sources)
        if trained > 0:
            said.append(f"Layers that only training runs: {trained}.")
        if self.unreached:
            said.append(f"Parameters that no run reached, kept beside the network: {_first(self.unreached)}.")
        if self.frozen:
            said.append(f"Parameters that are set not to be trained: {self.frozen:,}.")
        if self.checked_at is not None:
            sizes = " and ".join(spell(shape) for shape in self.checked_at)
            said.append(f"At {sizes} all sizes and counts follow as in torch.")
        return said

    def _read(self) -> str:
        if self.exact:
            return f"Imported {self.layers:,} layers; parameters and MACs are exactly torch's."
        return f"Imported {self.layers:,} layers; not all counts are torch's."


def _first(names: tuple[str, ...]) -> str:
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
