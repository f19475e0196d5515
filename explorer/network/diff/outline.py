"""A network as a tree of parts, blocks and layers in the order in which data flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from explorer.network.inference import Inference
from explorer.network.layer import Layer, Shape


@dataclass(frozen=True, eq=False)
class Part:
    """A layer, or a block with what is in it (`layer` is None).

    `parameters` counts weights where they are owned, `macs` is of an eval pass, so that both add up to the
    network's totals. `output` is that of the last layer inside; None where nothing is known. `kind` is a
    block's kind; `sources` are the ids of the nodes, with their ports, that feed a layer; `tensors` names its
    weights, if it has any of its own.
    """

    id: str
    name: str
    path: str
    layer: Layer | None
    kind: str
    output: Shape | None
    parameters: int
    macs: int
    known: bool
    training_only: bool = False
    sources: tuple[tuple[str, int], ...] = ()
    tensors: Mapping[str, str] = field(default_factory=dict, repr=False)
    children: tuple[Part, ...] = field(default=(), repr=False)

    @property
    def is_block(self) -> bool:
        return self.layer is None

    @property
    def type(self) -> str:
        """A layer's type as the summary names it, or a block's kind."""
        return self.kind or "block" if self.layer is None else type(self.layer).__name__

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        """The layers inside, in order; of a layer itself."""
        if self.layer is not None:
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.leaves)

    @cached_property
    def content(self) -> Counter[str]:
        """How many layers of each type there are inside."""
        return Counter(leaf.type for leaf in self.leaves)

    @cached_property
    def digest(self) -> Any:
        """Equal for parts that are the same in all but their own name."""
        if self.layer is not None:
            return (self.layer, self.output, self.parameters, self.macs, self.training_only)
        return tuple((child.name, child.digest) for child in self.children)


def outline(inference: Inference) -> tuple[Part, ...]:
    """The parts at the top of a network, each block kept together at the place of its first layer."""
    return _parts(inference, None, "")


def _parts(inference: Inference, block: str | None, around: str) -> tuple[Part, ...]:
    network = inference.network
    nodes, blocks = network.members.get(block, ((), ()))
    rank = network.topology.rank
    found: list[tuple[int, Part]] = [(rank[node], _layer(inference, node, around)) for node in nodes]
    for inner in blocks:
        part = _block(inference, inner, around)
        first = min((rank[leaf.id] for leaf in part.leaves), default=len(rank))
        found.append((first, part))
    found.sort(key=lambda pair: pair[0])
    return tuple(part for _, part in found)


def _layer(inference: Inference, name: str, around: str) -> Part:
    node = inference.network.nodes[name]
    result = inference.results[name]
    return Part(
        name,
        node.name,
        around + node.name,
        node.layer,
        "",
        result.output,
        result.parameters if inference.owns_weights(name) else 0,
        0 if node.training_only else result.macs,
        result.known,
        node.training_only,
        tuple((link.source, link.source_port) for link in inference.network.topology.incoming[name]),
        node.tensors,
    )


def _block(inference: Inference, name: str, around: str) -> Part:
    block = inference.network.blocks[name]
    path = around + block.name
    children = _parts(inference, name, f"{path}.")
    return Part(
        name,
        block.name,
        path,
        None,
        block.kind,
        children[-1].output if children else None,
        sum(child.parameters for child in children),
        sum(child.macs for child in children),
        all(child.known for child in children),
        children=children,
    )
