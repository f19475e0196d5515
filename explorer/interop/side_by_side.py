"""Two networks run on the same input, with the same weights where they have none: how far apart they come.

Loads torch. What `network.diff` has paired is compared layer by layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.interop.surgery import stir
from explorer.interop.tensors import STORE, TensorStore
from explorer.interop.torch_module import NetworkModule, build, input_shapes
from explorer.interop.weights import fill
from explorer.network.diff import Diff
from explorer.network.errors import UserError
from explorer.network.layer import spell

Pair = tuple[str, str]
MOST_BYTES = 4 << 30
"""Of outputs that are kept for the comparison."""


@dataclass(frozen=True)
class Apart:
    """The largest differences: of the outputs (None where these have other sizes) and of each pair of layers
    whose outputs have one size; `scale` is the largest output of A. `lent` counts layers without weights that
    got those of their counterpart or the same random ones.
    """

    outputs: float | None
    scale: float
    layers: Mapping[Pair, float]
    scales: Mapping[Pair, float]
    lent: int

    def first_apart(self, close: float = 1e-5) -> Pair | None:
        """The first pair of layers, in A's order, that float32's rounding does not explain."""
        for pair, difference in self.layers.items():
            if difference > close * max(1.0, self.scales[pair]):
                return pair
        return None


def run_both(diff: Diff, seed: int = 0, store: TensorStore = STORE) -> Apart:
    """Run A and B in eval mode on one random input.

    Raises UserError where they take other inputs, can't be run, or are too large to be compared.
    """
    a, b = diff.a.network, diff.b.network
    shapes, others = input_shapes(a), input_shapes(b)
    if shapes != others:
        raise UserError(
            f"They can't be given the same input: {a.name} takes {_spell(shapes)}, {b.name} {_spell(others)}."
        )
    if diff.totals[0].activation_bytes > MOST_BYTES:
        raise UserError(f"The outputs of all layers of {a.name} are too large to be kept and compared.")
    modules = build(a, seed=seed), build(b, seed=seed + 1)
    generator = torch.Generator().manual_seed(seed)
    lent = _lend(diff, modules, store, generator)
    inputs = [torch.randn((1, *shape), generator=generator) for shape in shapes]
    pairs = {row.b.id: row.a.id for row in diff.layers if row.a is not None and row.b is not None}
    return _measure(modules, inputs, pairs, lent)


def _spell(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " and ".join(spell(shape) for shape in shapes) or "nothing"


def _lend(
    diff: Diff, modules: tuple[NetworkModule, NetworkModule], store: TensorStore, generator: torch.Generator
) -> int:
    """Give layers without weights those of their counterpart: only what differs is to make a difference."""
    one, other = modules
    left = fill(one, diff.a.network, store), fill(other, diff.b.network, store)
    stir(one, left[0], generator)
    lent = 0
    for row in diff.layers:
        if row.a is None or row.b is None:
            continue
        mine = one.get_submodule(one.module_name(row.a.id)).state_dict()
        theirs = other.get_submodule(other.module_name(row.b.id)).state_dict()
        fits = {name: value.shape for name, value in mine.items()} == {
            name: value.shape for name, value in theirs.items()
        }
        if not mine or not fits or (row.a.id not in left[0] and row.b.id not in left[1]):
            continue
        source, target = (mine, theirs) if row.b.id in left[1] else (theirs, mine)
        lent += 1
        with torch.no_grad():
            for name, value in target.items():
                value.copy_(source[name])
    return lent


def _measure(
    modules: tuple[NetworkModule, NetworkModule], inputs: list[Tensor], pairs: Mapping[str, str], lent: int
) -> Apart:
    one, other = modules
    one.eval()
    other.eval()
    wanted = {*pairs.values(), *one.result_nodes}
    layers: dict[Pair, float] = {}
    scales: dict[Pair, float] = {}
    results: list[Tensor] = []
    with torch.inference_mode():
        kept = {node: value for node, value in one.run_nodes(*inputs) if node in wanted}
        for node, value in other.run_nodes(*inputs):
            if node in other.result_nodes:
                results.append(value)
            mine = kept.get(pairs.get(node, ""))
            if mine is not None and mine.shape == value.shape:
                layers[pairs[node], node] = float((mine - value).abs().max())
                scales[pairs[node], node] = float(mine.abs().max())
    order = {node: place for place, node in enumerate(kept)}
    layers = dict(sorted(layers.items(), key=lambda item: order[item[0][0]]))
    firsts = [kept[node] for node in one.result_nodes]
    outputs: float | None = None
    if firsts and [value.numel() for value in firsts] == [value.numel() for value in results]:
        outputs = max(
            float((a.flatten() - b.flatten()).abs().max()) for a, b in zip(firsts, results, strict=True)
        )
    return Apart(
        outputs,
        max((float(value.abs().max()) for value in firsts), default=0.0),
        layers,
        scales,
        lent,
    )
