"""A network of the document as an nn.Module that can be run, counted, trained and exported."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import torch
from torch import Tensor, nn

from explorer.interop import modules
from explorer.network.errors import UserError
from explorer.network.graph import Network, Node
from explorer.network.inference import Inference, infer
from explorer.network.layer import Shape
from explorer.network.layers import Input, Opaque
from explorer.network.results import result_nodes
from explorer.network.torch_call import Call

# People choose 'same' with even kernels on purpose; that torch copies the input then is not theirs to read.
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")


class _Step(NamedTuple):
    """One node: its module, where its inputs come from, and whether only training evaluates it."""

    node: str
    module: nn.Module
    sources: tuple[str, ...]
    training_only: bool


class NetworkModule(nn.Module):
    """The network as torch runs it; submodules are named by the nodes' paths.

    `forward` takes one batch for each Input, in the network's order, and returns what the Outputs get (or,
    without any Output, what every end gives): a tensor, or a tuple of several. Nodes marked training-only are
    left out in eval mode and come last in training mode.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._steps: list[_Step] = []
        self._inputs = [node.id for node in network.nodes.values() if isinstance(node.layer, Input)]
        self._results = result_nodes(network, False)
        self._extra_results = result_nodes(network, True)
        self._module_names: dict[str, str] = {}

    @property
    def nodes(self) -> Mapping[str, str]:
        """The name of the module of each node, by the node's id."""
        return self._module_names

    @property
    def inputs(self) -> Sequence[str]:
        """The ids of the Inputs, in the order in which `forward` takes their batches."""
        return self._inputs

    def module_name(self, node: str) -> str:
        """The name under which `get_submodule` and the state's keys know a node's module."""
        return self._module_names[node]

    @property
    def result_nodes(self) -> tuple[str, ...]:
        """The ids of the nodes whose values `forward` returns in the present mode."""
        return self._results + self._extra_results if self.training else self._results

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        wanted = self.result_nodes
        found = {node: value for node, value in self.run_nodes(*inputs) if node in wanted}
        results = tuple(found[node] for node in wanted)
        return results[0] if len(results) == 1 else results

    def run_nodes(self, *inputs: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Evaluate node by node and yield (id, value); a value is let go when nobody needs it any more."""
        if len(inputs) != len(self._inputs):
            raise UserError(f"The network has {len(self._inputs)} inputs, but got {len(inputs)}.")
        given = dict(zip(self._inputs, inputs, strict=True))
        steps = [step for step in self._steps if self.training or not step.training_only]
        yield from self._run(steps, given, {}, inputs[0].size(0) if inputs else 1)

    def run_part(
        self, nodes: Set[str], given: Mapping[str, Tensor], known: Mapping[str, Tensor], batch: int
    ) -> Iterator[tuple[str, Tensor]]:
        """Evaluate only these nodes: `given` has the inputs among them, `known` what others hand to them."""
        steps = [step for step in self._steps if step.node in nodes]
        yield from self._run(
            [step for step in steps if self.training or not step.training_only],
            dict(given),
            dict(known),
            batch,
        )

    def _run(
        self, steps: Sequence[_Step], given: dict[str, Tensor], values: dict[str, Tensor], batch: int
    ) -> Iterator[tuple[str, Tensor]]:
        last = {source: index for index, step in enumerate(steps) for source in step.sources}
        for index, (node, module, sources, _) in enumerate(steps):
            if node in given:
                value = module(given.pop(node))
            elif isinstance(module, modules.Constant | modules.ParameterTensor):
                value = module(batch)
            else:
                value = module(*[values[source] for source in sources])
            for source in set(sources):
                if last[source] == index:
                    del values[source]
            if node in last:
                values[node] = value
            yield node, value
            del value


def build(
    network: Network, inference: Inference | None = None, *, seed: int | None = None, device: str = "cpu"
) -> NetworkModule:
    """The network as an nn.Module with torch's own initialization, drawn from `seed` if it is given.

    On `device="meta"` nothing is allocated. Raises UserError for a network that cannot run, naming the first
    problem, and for one whose weights do not fit into the memory.
    """
    inference = inference if inference is not None else infer(network)
    _check(network, inference, device)
    with torch.random.fork_rng(devices=[], enabled=seed is not None), torch.device(device):
        if seed is not None:
            torch.manual_seed(seed)
        return _assemble(network, inference)


def _check(network: Network, inference: Inference, device: str) -> None:
    if not network.nodes:
        raise UserError("The network is empty: add an input and layers first.")
    for node in (*network.topology.order, *sorted(network.topology.cyclic)):
        refusal = inference.results[node].refusal
        if refusal is not None:
            raise UserError(f"{network.path(node)}: {refusal.message}")
    for node in network.topology.order:
        if isinstance(network.nodes[node].layer, Opaque):
            raise UserError(f"{network.path(node)} is known only by its shapes, so the network can't be run.")
    needed = inference.totals.parameter_bytes
    needed += max(result.activation_bytes for result in inference.results.values())
    if device == "cpu" and needed > _memory():
        raise UserError(f"The network needs {needed / 2**30:,.1f} GiB, which is more than the memory here.")


def _memory() -> int:
    """Bytes of memory of this machine; what cannot be asked counts as plenty."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 2**62


def _assemble(network: Network, inference: Inference) -> NetworkModule:
    """Make every node's module; one set of weights is made once, under the path of the node that owns it."""
    whole = NetworkModule(network)
    made: dict[str, tuple[Call, nn.Module]] = {}
    containers: dict[str | None, nn.Module] = {None: whole}
    for step in network.topology.steps:
        node = network.nodes[step.node]
        call = node.layer.torch_call(
            *[inference.results[source].outputs[port] for source, port in step.sources]
        )
        owner = network.nodes[network.sharers(node.id)[0]]
        known = made.get(owner.id)
        if known is not None and known[0] == call:
            module = known[1]
        else:
            if known is not None:
                _check_sharing(network, node, owner, inference)
                owner = node
            module = instantiate(call)
            made.setdefault(owner.id, (call, module))
            _add(_container(network, owner.block, containers), owner.name, module)
        sources = tuple(source for source, _ in step.sources)
        whole._steps.append(_Step(node.id, module, sources, node.training_only))
    names = {id(module): name for name, module in whole.named_modules()}
    whole._module_names = {step.node: names[id(step.module)] for step in whole._steps}
    return whole


def _check_sharing(network: Network, node: Node, owner: Node, inference: Inference) -> None:
    """Layers without weights may differ between the copies; the others can't be one."""
    if inference.results[node.id].tensors:
        raise UserError(
            f"{network.path(node.id)} shares its weights with {network.path(owner.id)}, but their inputs "
            "or settings differ: give both the same, or end the sharing."
        )


def _container(network: Network, block: str | None, containers: dict[str | None, nn.Module]) -> nn.Module:
    """The module that stands for a block, made with those around it when it is first needed."""
    if block not in containers:
        assert block is not None
        found = network.blocks[block]
        containers[block] = nn.Module()
        _add(_container(network, found.parent, containers), found.name, containers[block])
    return containers[block]


def _add(container: nn.Module, name: str, module: nn.Module) -> None:
    """Name a submodule; a name that nn.Module keeps for itself gets a line behind it."""
    name = name.replace(".", "_") or "_"
    while hasattr(container, name):
        name += "_"
    container.add_module(name, module)


def instantiate(call: Call) -> nn.Module:
    """Carry out the constructor call of a layer."""
    place = modules if call.own else nn
    arguments = [instantiate(value) if isinstance(value, Call) else value for value in call.args]
    module: nn.Module = getattr(place, call.name)(*arguments, **call.settings)
    return module


def input_shapes(network: Network) -> tuple[Shape, ...]:
    """The shapes that `forward` takes, without the batch."""
    return tuple(node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input))
