"""A project file together with the weights beside it: `NAME.convnet` and `NAME.<hash>.safetensors`."""

from __future__ import annotations

import re
from contextlib import suppress
from hashlib import blake2b
from math import prod
from pathlib import Path

from explorer.interop import tensors
from explorer.interop.tensors import STORE
from explorer.network import project
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.project import Project, Recovered


def load(path: Path) -> Network:
    """The network in a project file; its weights are known to the store. Raises UserError.

    A file of weights that is missing or damaged is no reason to lose the network: its layers are then random
    again, and say so.
    """
    return _adopted(project.load_project(path), Path(path).parent)


def save(path: Path, network: Network) -> None:
    """Write the weights, then the project file that names them, then drop weights that nobody names now.

    Whatever happens meanwhile, the project file is the old or the new one with its weights. Raises UserError.
    """
    before = _named_before(path)
    name = _write_weights(Path(path), network)
    project.save(path, network, name)
    if before is not None and before != name and re.fullmatch(_pattern(Path(path).stem), before):
        old = Path(path).with_name(before)
        with suppress(OSError, UserError):
            STORE.bring_home(old)
            old.unlink(missing_ok=True)


def bytes_to_write(path: Path, network: Network) -> int:
    """About how much `save` would write beside the project file, at four bytes a value."""
    ids = tensor_ids(network)
    if not ids or _complete(_weights_path(Path(path), ids), ids):
        return 0
    return sum(4 * prod(STORE.shape(one) or ()) for one in ids)


def autosave(folder: Path, key: str, network: Network, path: Path | None) -> None:
    """As `project.autosave`, with the weights. Raises UserError."""
    name = _write_weights(folder / f"{key}.x", network)
    project.autosave(folder, key, network, path, name)
    for left in folder.glob(f"{key}.*.safetensors"):
        if left.name != name:
            with suppress(OSError, UserError):
                STORE.bring_home(left)
                left.unlink(missing_ok=True)


def discard(folder: Path, key: str) -> None:
    """Forget the copy under `key` and its weights."""
    project.discard(folder, key)
    for left in folder.glob(f"{key}.*.safetensors"):
        left.unlink(missing_ok=True)


def read_recovered(recovered: Recovered) -> Network:
    """The network that was kept. Its weights are read now: the copy goes soon. Raises UserError."""
    found = project.read_recovered(recovered)
    network = _adopted(found, recovered.file.parent)
    if found.weights is not None:
        with suppress(UserError):
            STORE.bring_home(recovered.file.with_name(found.weights))
    return network


def tensor_ids(network: Network) -> list[str]:
    """The ids of all tensors that a network names and that are here, each once, in order."""
    named = {one for node in network.nodes.values() for one in node.tensors.values()}
    return sorted(one for one in named if one in STORE)


def _write_weights(path: Path, network: Network) -> str | None:
    """The name of the file that holds the network's tensors, written if it is not there yet."""
    ids = tensor_ids(network)
    if not ids:
        return None
    target = _weights_path(path, ids)
    if not _complete(target, ids):
        tensors.write(target, ids)
    return target.name


def _weights_path(path: Path, ids: list[str]) -> Path:
    digest = blake2b("".join(ids).encode(), digest_size=6).hexdigest()
    return path.with_name(f"{path.stem}.{digest}.safetensors")


def _complete(path: Path, ids: list[str]) -> bool:
    try:
        return path.exists() and set(tensors.read_header(path)) == set(ids)
    except UserError:
        return False


def _pattern(stem: str) -> str:
    return rf"{re.escape(stem)}\.[0-9a-f]{{12}}\.safetensors"


def _named_before(path: Path) -> str | None:
    try:
        return project.load_project(path).weights
    except UserError:
        return None


def _adopted(found: Project, folder: Path) -> Network:
    if found.weights is not None:
        with suppress(UserError):
            STORE.adopt(folder / found.weights)
    return found.network
