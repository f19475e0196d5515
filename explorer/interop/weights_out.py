"""The weights of a network as a safetensors file, under the names that its layers have."""

from __future__ import annotations

from pathlib import Path

from explorer.interop.random_weights import unweighted
from explorer.interop.tensors import STORE
from explorer.interop.torch_module import build
from explorer.interop.weights import torch_name
from explorer.network import atomic
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer


def write_weights(network: Network, path: Path) -> None:
    """Write every tensor that the network names: what `torch` loads by these names.

    Raises UserError where some layers have none that were learned, or the file cannot be written.
    """
    from safetensors.torch import save

    inference = infer(network)
    random = unweighted(network, inference)
    if random:
        some = ", ".join(network.path(node) for node in network.topology.order if node in random)
        shown = some if len(random) <= 3 else f"{some.split(', ')[0]} and {len(random) - 1} more"
        raise UserError(
            f"{network.name} has layers without trained weights ({shown}); load or train some first"
        )
    module = build(network, inference, device="meta")
    state = {
        torch_name(module, module.module_name(node), name): STORE.get(tensor).contiguous().clone()
        for node in network.topology.order
        if node not in network.borrowers and node in module.nodes
        for name, tensor in network.nodes[node].tensors.items()
    }
    if not state:
        raise UserError(f"{network.name} has no layers with weights")
    trained = network.trained
    about = {"network": network.name} | ({"trained_on": trained.source} if trained is not None else {})
    atomic.write(path, save(state, about))
