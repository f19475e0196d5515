"""The plan of a trace becomes a network of the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.interop.torch_trace.lowering import Plan
from explorer.interop.torch_trace.owning import Stored, settle
from explorer.interop.torch_trace.placing import Placing
from explorer.interop.torch_trace.plan import Planned, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.repeats import folded, grouped
from explorer.network.graph import Group, Link, Network, Node
from explorer.network.layer import Layer
from explorer.network.layers import Output, ParameterTensor

#: What a tensor is called in the store, one of the module or one worked out; None keeps no weights.
Keep = Callable[[str | Ref], str | None]


class Assembled:
    """The network, and for each planned layer the id of its node."""

    def __init__(self, plan: Plan, stored: Mapping[str, Stored], name: str, keep: Keep) -> None:
        owners = settle(plan.layers, stored)
        self.unreached, self.sources = owners.unreached, owners.sources
        self.ids: list[str] = []
        self.nodes: dict[str, Node] = {}
        self.links: dict[str, Link] = {}
        self.groups: dict[str, Group] = {}
        self._layers: dict[Layer, Layer] = {}
        self._keep = keep
        self._placing = Placing(plan.layers)
        for planned in plan.layers:
            self._add(planned)
        for same in owners.groups:
            self._share([self.ids[index] for index in same])
        self._outputs(plan)
        for tensor in (*owners.unreached, *owners.sources):
            self._set_aside(tensor)
        network = Network(name, "", self.nodes, self.links, self._placing.blocks, self.groups)
        self.network = folded(grouped(network))

    def _add(self, planned: Planned) -> None:
        block, name = self._placing.place(planned)
        path = name if block is None else f"{block}.{name}"
        layer = self._layers.setdefault(planned.layer, planned.layer)
        sources: dict[str, str | Ref] = {**planned.tensors, **planned.worked}
        tensors = {own: kept for own, source in sources.items() if (kept := self._keep(source))}
        self.ids.append(path)
        self.nodes[path] = Node(
            path, name, layer, block, training_only=planned.training_only, tensors=tensors
        )
        for port, value in enumerate(planned.inputs):
            self._link(value, path, port)

    def _link(self, value: Value, target: str, port: int) -> None:
        source = self.ids[value.layer]
        key = f"{source}>{target}:{port}" if port or value.port else f"{source}>{target}"
        self.links[key] = Link(key, source, target, value.port, port)

    def _share(self, ids: list[str]) -> None:
        group = f"{ids[0]}…shared"
        self.groups[group] = Group(group, shares_weights=True)
        for node in ids:
            found = self.nodes[node]
            self.nodes[node] = Node(
                found.id,
                found.name,
                found.layer,
                found.block,
                group,
                None,
                found.training_only,
                found.tensors,
            )

    def _outputs(self, plan: Plan) -> None:
        """Outputs only where the ends alone would not say what the network gives."""
        fed = {link.source for link in self.links.values()}
        ends = [node for node in self.ids if node not in fed and not self.nodes[node].training_only]
        results = [self.ids[value.layer] for _, value in plan.results]
        if len(results) == 1 and ends == results and not plan.results[0][1].port:
            return
        for path, value in plan.results:
            name = self._placing.name(None, path.replace(".", "_") or "output")
            self.ids.append(name)
            self.nodes[name] = Node(name, name, Output())
            self._link(value, name, 0)

    def _set_aside(self, tensor: Stored) -> None:
        """A parameter that no layer holds is still there: it is kept, and counted, beside the network."""
        *path, name = tensor.name.split(".")
        if ".".join(path) in self.nodes:  # what it belongs to became one layer
            name = f"{path.pop()}_{name}"
        block = self._placing.nested(path)
        name = self._placing.name(block, name)
        place = name if block is None else f"{block}.{name}"
        shape = tensor.shape or (1,)
        kept = self._keep(tensor.name)
        self.nodes[place] = Node(
            place,
            name,
            ParameterTensor(shape, shape),
            block,
            training_only=True,
            tensors={"weight": kept} if kept else {},
        )
