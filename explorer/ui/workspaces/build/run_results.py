"""What running a picture measured, and for which layers it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from explorer.network.graph import Network
from explorer.network.inference import Inference


class NodeStatistics(Protocol):
    """What is known of one layer's activations; `interop.execute.NodeRun` is one."""

    @property
    def node(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def mean(self) -> float: ...
    @property
    def std(self) -> float: ...
    @property
    def minimum(self) -> float: ...
    @property
    def maximum(self) -> float: ...
    @property
    def zero_share(self) -> float: ...
    @property
    def maps(self) -> Any: ...


class ClassShare(Protocol):
    """A class and its share; `interop.classes.ClassScore` is one."""

    @property
    def name(self) -> str: ...
    @property
    def probability(self) -> float: ...


class RunResults:
    """One run: the picture's name, the network it ran through, and the statistics by node.

    `classes` are the likeliest first, none where they are withheld; `random` counts the layers whose weights
    nobody trained, of those `weighted` that have any.
    """

    def __init__(
        self,
        picture: str,
        network: Network,
        inference: Inference,
        nodes: Mapping[str, NodeStatistics],
        classes: Sequence[ClassShare] = (),
        random: int = 0,
        weighted: int = 0,
    ) -> None:
        self.picture = picture
        self.network = network
        self.inference = inference
        self.nodes = nodes
        self.classes = classes
        self.random = random
        self.weighted = weighted
        self.seconds = sum(found.seconds for found in nodes.values())
        self._compared: tuple[Network, bool] = (network, True)

    @property
    def badge(self) -> str:
        """What keeps classes from being named, "" if nothing does."""
        if not self.random:
            return "" if self.classes else "no class names with these weights"
        if self.random >= self.weighted:
            return "random weights: activations and times, no classes"
        layers = "1 layer has" if self.random == 1 else f"{self.random} layers have"
        return f"{layers} random weights: no classes"

    def at(self, node: str, network: Network, inference: Inference) -> NodeStatistics | None:
        """The statistics of a node, unless it or anything before it is another since the run."""
        found = self.nodes.get(node)
        if found is None or self.inference.results.get(node) is inference.results.get(node):
            return found
        return found if self._same(network) else None

    def _same(self, network: Network) -> bool:
        """Whether the network equals the one that ran: undoing brings equal values back."""
        if self._compared[0] is not network:
            same = self.network.links == network.links and self.network.nodes == network.nodes
            self._compared = (network, same)
        return self._compared[1]
