"""Surgery with weights: the tensors of rebuilt layers, and the proof by running both networks. Loads torch.

`explorer.network.surgery` plans; `carry` adds to a plan's edits the tensors that follow from those that the
network has; `prove` runs it before and after on the same input and gives the largest difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from msgspec.structs import replace
from torch import Tensor

from explorer.interop.tensors import STORE, TensorStore
from explorer.interop.torch_module import NetworkModule, build, input_shapes
from explorer.interop.weights import fill
from explorer.network.edits import Edit, apply, change
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layers import BatchNorm, ConvTranspose2d
from explorer.network.operations import Change
from explorer.network.surgery import Carry, Plan, find_residuals
from explorer.network.surgery.plan import Selection

Tensors = Mapping[str, Tensor]
Read = Callable[[str], Tensors | None]
"""The tensors of a node of the network before, by name; None where it has none."""


@dataclass(frozen=True)
class Proof:
    """What running before and after said: the largest difference between two values that should be equal, and
    the largest of those values.
    """

    difference: float
    scale: float

    @property
    def relative(self) -> float:
        return self.difference / self.scale if self.scale else self.difference


def carry(network: Network, plan: Plan, store: TensorStore = STORE) -> Change:
    """The plan's change with the tensors of the layers it rebuilds, as far as the network has any.

    A layer whose sources have no tensors, or of whose tensors one is missing, gets none: it is random, and
    says so. Setting to zero needs none. Raises UserError where a tensor can no longer be read.
    """
    after = apply(network, plan.change.edits)
    inference = infer(after)

    def read(node: str) -> Tensors | None:
        named = network.nodes[node].tensors
        if not named or any(tensor not in store for tensor in named.values()):
            return None
        return {name: store.get(tensor) for name, tensor in named.items()}

    edits: list[Edit] = []
    for one in plan.carries:
        made = _tensors(one, network, inference, read)
        if made is not None:
            node = after.nodes[one.node]
            tensors = {name: store.put(value) for name, value in made.items()}
            edits.append(change(node, replace(node, tensors=tensors)))
    found = plan.change
    return Change(found.title, (*found.edits, *edits), found.nodes, found.blocks)


def _tensors(one: Carry, before: Network, after: Inference, read: Read) -> Tensors | None:
    """The tensors of a rebuilt layer, or None where its sources have none."""
    if one.how == "zero":
        return _zeros(one.node, after, read(one.node))
    sources = [read(source) for source in one.sources]
    if any(source is None for source in sources):
        return None
    found = [source for source in sources if source is not None]
    if one.how == "fold":
        return _folded(before, one, *found)
    if one.selection is not None:
        transposed = isinstance(after.network.nodes[one.node].layer, ConvTranspose2d)
        return {name: _selected(value, one.selection, transposed) for name, value in found[0].items()}
    shapes = {parameter.name: parameter.shape for parameter in after.results[one.node].tensors}
    return {name: value.reshape(shapes[name]) for name, value in found[0].items() if name in shapes}


def _folded(network: Network, one: Carry, layer: Tensors, norm: Tensors) -> Tensors:
    """W′ and b′ of a layer with the batch norm behind it, worked out in double precision."""
    settings = network.nodes[one.sources[1]].layer
    assert isinstance(settings, BatchNorm)
    weight = layer["weight"].double()
    mean, variance = norm["running_mean"].double(), norm["running_var"].double()
    gain = torch.rsqrt(variance + settings.eps)
    if "weight" in norm:
        gain = gain * norm["weight"].double()
    bias = layer["bias"].double() if "bias" in layer else torch.zeros_like(mean)
    shift = (bias - mean) * gain
    if "bias" in norm:
        shift = shift + norm["bias"].double()
    # A transposed convolution has its output channels second.
    out = 1 if isinstance(network.nodes[one.sources[0]].layer, ConvTranspose2d) else 0
    sides = [1] * weight.dim()
    sides[out] = -1
    dtype = layer["weight"].dtype
    return {"weight": (weight * gain.reshape(sides)).to(dtype), "bias": shift.to(dtype)}


def _selected(value: Tensor, selection: Selection, transposed: bool) -> Tensor:
    """The chosen channels of a tensor; copies of an input channel share its weights, so that sums stay."""
    if value.dim() == 0:
        return value
    out = torch.tensor(selection.out)
    if value.dim() == 1 or selection.into is None:
        return value[out]
    into = torch.tensor(selection.into)
    copies = torch.bincount(into)[into]
    first, second = (into, out) if transposed else (out, into)
    chosen = value[first][:, second]
    axis = 0 if transposed else 1
    sides = [1] * value.dim()
    sides[axis] = -1
    return chosen / copies.to(value.dtype).reshape(sides)


def _zeros(node: str, after: Inference, known: Tensors | None) -> Tensors:
    """All that a layer adds or multiplies by is 0; what a batch norm has seen of its input stays."""
    made: dict[str, Tensor] = {
        parameter.name: torch.zeros(parameter.shape) for parameter in after.results[node].tensors
    }
    if isinstance(after.network.nodes[node].layer, BatchNorm):
        channels = (after.results[node].outputs[0][0],)
        kept = known or {}
        made["running_mean"] = kept.get("running_mean", torch.zeros(channels))
        made["running_var"] = kept.get("running_var", torch.ones(channels))
    return made


def prove(network: Network, plan: Plan, seed: int = 0, store: TensorStore = STORE) -> Proof:
    """Run the network before and after on the same random input, in eval mode.

    Layers without weights of their own get the same random ones on both sides, and batch norms random
    statistics, so that a structure is proven as well. Raises UserError for a plan that promises nothing, and
    for networks that can't be run.
    """
    if not plan.same:
        raise UserError("Nothing has to stay the same here, so that there is nothing to compare.")
    before = build(network, seed=seed)
    fresh = fill(before, network, store)
    generator = torch.Generator().manual_seed(seed)
    stir(before, fresh, generator)
    after = build(apply(network, plan.change.edits), seed=seed + 1)
    _move(network, plan, before, after)
    inputs = [torch.randn((1, *shape), generator=generator) for shape in input_shapes(network)]
    before.eval()
    after.eval()
    with torch.inference_mode():
        if plan.same == "identity":
            return _identity(network, plan, after, inputs)
        return _compared(_outputs(before, inputs), _outputs(after, inputs))


def stir(module: NetworkModule, nodes: frozenset[str], generator: torch.Generator) -> None:
    """Give batch norms that nobody has trained some statistics: the identity would prove little."""
    for node in sorted(nodes):
        found = module.get_submodule(module.module_name(node))
        if isinstance(found, torch.nn.modules.batchnorm._BatchNorm):
            with torch.no_grad():
                for name, value in found.state_dict().items():
                    if value.is_floating_point():
                        low = 0.5 if name in ("weight", "running_var") else -0.5
                        value.copy_(low + torch.rand(value.shape, generator=generator))


def _move(network: Network, plan: Plan, before: NetworkModule, after: NetworkModule) -> None:
    """Put the weights of `before` into `after`, those of rebuilt layers as the plan says."""
    changed = apply(network, plan.change.edits)
    inference = infer(changed)

    def read(node: str) -> Tensors | None:
        return before.get_submodule(before.module_name(node)).state_dict()

    rebuilt = {one.node: one for one in plan.carries}
    for node in changed.topology.order:
        state = after.get_submodule(after.module_name(node)).state_dict()
        if not state:
            continue
        if node in rebuilt:
            source = _tensors(rebuilt[node], network, inference, read) or {}
        else:
            source = read(node) or {} if node in network.nodes else {}
        with torch.no_grad():
            for name, value in state.items():
                if name in source and source[name].shape == value.shape:
                    value.copy_(source[name])


def _outputs(module: NetworkModule, inputs: list[Tensor]) -> list[Tensor]:
    found = module(*inputs)
    return [value.flatten() for value in (found if isinstance(found, tuple) else (found,))]


def _compared(before: list[Tensor], after: list[Tensor]) -> Proof:
    if [value.shape for value in before] != [value.shape for value in after]:
        raise UserError("The outputs have other sizes than before, so that they can't be compared.")
    difference = max(float((a - b).abs().max()) for a, b in zip(before, after, strict=True))
    return Proof(difference, max(float(value.abs().max()) for value in before))


def _identity(network: Network, plan: Plan, after: NetworkModule, inputs: list[Tensor]) -> Proof:
    """How far each sum is from its shortcut."""
    changed = apply(network, plan.change.edits)
    shortcuts = {one.add: one.shortcut_link.source for one in find_residuals(changed, plan.sums)}
    wanted = {*shortcuts, *shortcuts.values()}
    values = {node: value for node, value in after.run_nodes(*inputs) if node in wanted}
    pairs = [(values[add], values[shortcut]) for add, shortcut in shortcuts.items()]
    return _compared([a.flatten() for a, _ in pairs], [b.flatten() for _, b in pairs])
