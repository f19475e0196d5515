"""What a training tells of the layers of its networks, for whoever draws them. No Qt, no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.network.graph import Network
from explorer.network.observe import Signal

DECADES = 4
"""How many powers of ten below the greatest gradient a full bar spans."""


@dataclass(frozen=True)
class Mark:
    """One figure of one layer: the L2 norm of its gradient or, of a ReLU, the share of its dead units.

    `share` is how full a bar is, from 0 to 1: of gradients on a logarithmic scale.
    """

    value: float
    share: float
    dead: bool = False

    @property
    def text(self) -> str:
        """As a card writes it."""
        if self.dead:
            return f"{100 * self.value:.0f} % dead"
        return f"∇ {self.value:.2g}"


@dataclass(frozen=True)
class _Told:
    network: Network
    title: str
    marks: Mapping[str, Mark]


class TrainingMarks:
    """By node, for each network of the training that was told of last."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self._told: dict[int, _Told] = {}

    def begin(self) -> None:
        """Another training: what was told of the one before is forgotten."""
        self._told = {}
        self.changed.emit()

    def tell(
        self,
        contender: int,
        network: Network,
        title: str,
        norms: Mapping[str, float],
        dead: Mapping[str, float],
    ) -> None:
        """The newest figures of one of the networks being trained."""
        heights = {node: math.log10(norm) for node, norm in norms.items() if norm > 0 and math.isfinite(norm)}
        top = max(heights.values(), default=0.0)
        marks = {
            node: Mark(norm, max(0.0, 1 + (heights[node] - top) / DECADES) if node in heights else 0.0)
            for node, norm in norms.items()
        }
        marks.update({node: Mark(share, share, dead=True) for node, share in dead.items()})
        self._told[contender] = _Told(network, title, marks)
        self.changed.emit()

    def at(self, network: Network) -> tuple[str, Mapping[str, Mark]]:
        """(what they are, the marks of nodes that are as they were when the training began).

        A node is another when its layer or what feeds it is. Nothing where no such network was trained.
        """
        found: tuple[str, Mapping[str, Mark]] = ("", {})
        for told in self._told.values():
            same = {
                node: mark for node, mark in told.marks.items() if _unchanged(node, told.network, network)
            }
            if len(same) > len(found[1]):
                found = told.title, same
        return found


def _unchanged(node: str, before: Network, now: Network) -> bool:
    old, new = before.nodes[node], now.nodes.get(node)
    if new is None or new.layer != old.layer or new.name != old.name or new.block != old.block:
        return False
    if before is now:
        return True
    sources = [
        [(link.source, link.source_port) for link in network.topology.incoming[node]]
        for network in (before, now)
    ]
    return sources[0] == sources[1]
