"""Weights between a network of the document, its torch module, and files. Loads torch.

The document names tensors (`Node.tensors`), the store has them. To change weights is to change those names:
an edit like any other, undone like any other.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from explorer.interop import modules
from explorer.interop.random_weights import unweighted as unweighted
from explorer.interop.tensors import STORE, TensorStore
from explorer.interop.torch_module import NetworkModule, build
from explorer.network.edits import Edit, change, set_trained
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.layer import Shape
from explorer.network.operations import Change

MOST_BYTES = 16 << 30
ENDINGS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")

_COUNTERS = "num_batches_tracked"
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net", "weights")
_PREFIXES = ("module.", "model.", "_orig_mod.")


def ready(
    network: Network, seed: int = 0, store: TensorStore = STORE
) -> tuple[NetworkModule, frozenset[str]]:
    """The network's module with its own weights, and the nodes whose weights are drawn from `seed` instead.

    Raises UserError for a network that cannot run.
    """
    module = build(network, seed=seed)
    return module, fill(module, network, store)


def fill(module: NetworkModule, network: Network, store: TensorStore = STORE) -> frozenset[str]:
    """Put the network's own weights into its module; the ids of the nodes that stay as torch seeded them.

    A node whose tensors are missing, or no longer fit, is left alone as a whole.
    """
    left = set()
    for node in network.topology.order:
        if node not in module.nodes:
            continue
        state = _state(module.get_submodule(module.module_name(node)))
        if not state:
            continue
        named = network.nodes[node].tensors
        if any(store.shape(named.get(name, "")) != tuple(value.shape) for name, value in state.items()):
            left.add(node)
            continue
        with torch.no_grad():
            for name, value in state.items():
                value.copy_(store.get(named[name]))
    return frozenset(left)


def of_module(
    network: Network,
    module: NetworkModule,
    trained: Trained | None,
    title: str = "Apply weights",
    store: TensorStore = STORE,
) -> Change:
    """The change that gives the network the weights that its module has now, e.g. after a training."""
    edits: list[Edit] = []
    for place, nodes in _places(module).items():
        state = _state(module.get_submodule(place))
        named = {name: store.put(value) for name, value in state.items()}
        edits += _named(network, nodes, named)
    return _change(network, title, edits, trained)


@dataclass(frozen=True)
class Report:
    """What became of a state dict: names of the network's tensors, or of the file's."""

    fitted: tuple[str, ...]
    missing: tuple[str, ...]
    """Tensors of the network that the file has nothing for: their layers stay random."""
    unused: tuple[str, ...]
    """Tensors of the file that no layer asked for."""
    misshapen: tuple[tuple[str, Shape, Shape], ...]
    """(name, the network's shape, the file's): present, but of another shape."""

    @property
    def complete(self) -> bool:
        return not self.missing and not self.misshapen


def match(
    network: Network,
    state: Mapping[str, Tensor],
    trained: Trained | None,
    title: str = "Load weights",
    store: TensorStore = STORE,
) -> tuple[Change, Report]:
    """The change that takes from `state` all that fits by name and shape, and what did not.

    A layer takes all of its tensors or none, so that no half of it is random. Raises UserError where nothing
    fits at all, or where the network can't be built.
    """
    module = build(network, device="meta")
    wanted, fitted, missing = set[str](), list[str](), list[str]()
    misshapen: list[tuple[str, Shape, Shape]] = []
    edits: list[Edit] = []
    for place, nodes in _places(module).items():
        kept = _state(module.get_submodule(place))
        own = {name: _name_in(state, module, place, name) for name in kept}
        wanted.update(own.values())
        absent = [full for full in own.values() if full not in state]
        wrong = [
            (full, tuple(kept[name].shape), tuple(state[full].shape))
            for name, full in own.items()
            if full in state and state[full].shape != kept[name].shape
        ]
        missing += absent
        misshapen += wrong
        if own and not absent and not wrong:
            fitted += own.values()
            named = {name: store.put(state[full].to(kept[name].dtype)) for name, full in own.items()}
            edits += _named(network, nodes, named)
    if not fitted:
        raise UserError(f"none of these weights fit {network.name}: names or shapes are others")
    unused = [name for name in state if name not in wanted and not name.endswith(_COUNTERS)]
    report = Report(tuple(fitted), tuple(missing), tuple(unused), tuple(misshapen))
    return _change(network, title, edits, trained), report


def forget(network: Network, title: str = "Forget weights") -> Change:
    """The change after which all weights are random again."""
    edits = [change(node, replace(node, tensors={})) for node in network.nodes.values() if node.tensors]
    return _change(network, title, edits, None)


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors in a `.safetensors` file, or in a `.pt` that holds nothing but tensors. Raises UserError.

    No code in the file is run: of pickles, torch's reader for weights alone opens what is plain data.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"'{path.name}' is no file of weights; choose one of {', '.join(ENDINGS)}")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"'{path.name}' is larger than {MOST_BYTES >> 30} GiB, too large for weights")
        if path.suffix.lower() == ".safetensors":
            return _read_safetensors(path)
        return _read_pickle(path)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, KeyError, ValueError) as error:
        raise UserError(f"'{path.name}' is damaged, or no safetensors file: {error}") from None


def _read_pickle(path: Path) -> dict[str, Tensor]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                    raise UserError(f"'{path.name}' unpacks to more than {MOST_BYTES >> 30} GiB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd pickles: what matters is whether tensors come of them
            found = torch.load(path, map_location="cpu", weights_only=True)
    except UserError:
        raise
    except Exception as error:  # both readers raise whatever the damage leads to
        said = str(error)
        reason = "it is damaged, or not written by torch.save"
        if "weights_only" in said or "Unsupported" in said or "GLOBAL" in said:
            reason = "it holds objects, which could run code; save the state_dict() alone, as safetensors"
        raise UserError(f"'{path.name}' was not opened: {reason}") from None
    return _tensors_of(found, path.name)


def _tensors_of(found: Any, name: str) -> dict[str, Tensor]:
    """The state dict in what torch.save may hold, under the names that its modules have."""
    for _ in range(3):
        inner = next(
            (found[key] for key in _WRAPPERS if isinstance(found, dict) and isinstance(found.get(key), dict)),
            None,
        )
        if inner is None:
            break
        found = inner
    if not isinstance(found, dict):
        raise UserError(f"'{name}' holds no state dict; save the module's state_dict() to a file")
    state = {str(key): value for key, value in found.items() if isinstance(value, Tensor)}
    if not state:
        raise UserError(f"'{name}' holds no tensors by name; save the module's state_dict() to a file")
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): value for key, value in state.items()}
    return state


def torch_name(module: NetworkModule, place: str, name: str) -> str:
    """What torch calls a tensor of a layer: a parameter that stands by itself has no module around it."""
    alone = isinstance(module.get_submodule(place), modules.ParameterTensor)
    return place if alone else f"{place}.{name}"


def _name_in(state: Mapping[str, Tensor], module: NetworkModule, place: str, name: str) -> str:
    """The name that a tensor has in a file; our own modules have `weight` behind every parameter."""
    usual = torch_name(module, place, name)
    return usual if usual in state or f"{place}.{name}" not in state else f"{place}.{name}"


def _places(module: NetworkModule) -> dict[str, list[str]]:
    """The nodes that use each submodule with weights: several where they share them."""
    found: dict[str, list[str]] = {}
    for node, place in module.nodes.items():
        found.setdefault(place, []).append(node)
    return {place: nodes for place, nodes in found.items() if _state(module.get_submodule(place))}


def _named(network: Network, nodes: list[str], named: dict[str, str]) -> list[Edit]:
    """Those who share weights name the same tensors, so that they stay when one of them goes."""
    return [change(network.nodes[node], replace(network.nodes[node], tensors=named)) for node in nodes]


def _state(module: nn.Module) -> dict[str, Tensor]:
    """The tensors of one node's module that its results depend on."""
    return {name: value for name, value in module.state_dict().items() if not name.endswith(_COUNTERS)}


def _change(network: Network, title: str, edits: list[Edit], trained: Trained | None) -> Change:
    return Change(title, (*edits, set_trained(network, trained)))
