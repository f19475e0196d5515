"""The values that networks name: immutable tensors by an id made of what they hold. Loads torch when asked.

A file of tensors is adopted by its header alone; its values are read when somebody wants them.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from explorer.folders import cache_folder
from explorer.network.errors import UserError
from explorer.network.layer import Shape

if TYPE_CHECKING:
    from torch import Tensor

MOST_HELD = 2 << 30
"""Bytes in memory above which the tensors that were not wanted for longest go to the cache folder."""
MOST_HEADER = 100 << 20
_SPILL = "tensors-"
_ABANDONED_AFTER = 7 * 24 * 3600.0


class MissingTensor(KeyError):
    """No tensor has this id here."""


@dataclass(frozen=True)
class _Filed:
    """A tensor in a safetensors file."""

    path: Path
    key: str


class TensorStore:
    """Tensors by id, for all threads. What was put in never changes and never goes."""

    def __init__(self, most_held: int = MOST_HELD) -> None:
        self._lock = threading.RLock()
        self._most_held = most_held
        self._held: OrderedDict[str, Tensor] = OrderedDict()
        self._bytes = 0
        self._filed: dict[str, _Filed] = {}
        self._shapes: dict[str, Shape] = {}
        self._spill: Path | None = None

    def __contains__(self, tensor: str) -> bool:
        return tensor in self._shapes

    def shape(self, tensor: str) -> Shape | None:
        """The shape of a tensor, None if it is not here. Reads nothing and loads no torch."""
        return self._shapes.get(tensor)

    def put(self, value: Tensor) -> str:
        """Keep a copy of a tensor; its id, the same for the same values."""
        value = value.detach().cpu().contiguous()
        tensor = identify(value)
        with self._lock:
            if tensor not in self._shapes:
                self._shapes[tensor] = tuple(value.shape)
                self._hold(tensor, value.clone())
        return tensor

    def get(self, tensor: str) -> Tensor:
        """The tensor with this id: not to be changed in place. Raises MissingTensor, UserError."""
        with self._lock:
            found = self._held.get(tensor)
            if found is not None:
                self._held.move_to_end(tensor)
                return found
            filed = self._filed.get(tensor)
            if filed is None:
                raise MissingTensor(tensor)
            value = _read(filed)
            self._hold(tensor, value)
            return value

    def adopt(self, path: Path) -> None:
        """Know the tensors of a file that `write` made. Raises UserError for any other."""
        shapes = read_header(path)
        with self._lock:
            for tensor, shape in shapes.items():
                if tensor not in self._shapes:
                    self._shapes[tensor] = shape
                    self._filed[tensor] = _Filed(path, tensor)

    def bring_home(self, path: Path) -> None:
        """Make this store independent of a file that is about to go."""
        with self._lock:
            for tensor, filed in list(self._filed.items()):
                if filed.path == path:
                    value = self.get(tensor)
                    del self._filed[tensor]
                    self._held[tensor] = value
                    self._make_room()

    def _hold(self, tensor: str, value: Tensor) -> None:
        self._held[tensor] = value
        self._bytes += value.nbytes
        self._make_room()

    def _make_room(self) -> None:
        while self._bytes > self._most_held and len(self._held) > 1:
            tensor, value = self._held.popitem(last=False)
            self._bytes -= value.nbytes
            if tensor not in self._filed:
                path = self._spill_folder() / f"{tensor}.safetensors"
                _save({tensor: value}, path)
                self._filed[tensor] = _Filed(path, tensor)

    def _spill_folder(self) -> Path:
        if self._spill is None:
            _sweep(cache_folder())
            self._spill = Path(tempfile.mkdtemp(prefix=_SPILL, dir=cache_folder()))
            weakref.finalize(self, rmtree, self._spill, ignore_errors=True)
        return self._spill


STORE = TensorStore()
"""The tensors of this process."""


def identify(value: Tensor) -> str:
    """The id of a tensor: a hash of its type, shape and bytes."""
    import torch

    digest = blake2b(f"{value.dtype} {tuple(value.shape)} ".encode(), digest_size=16)
    flat = value.contiguous().reshape(-1)
    digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def write(path: Path, tensors: Iterable[str], store: TensorStore = STORE) -> None:
    """A safetensors file of these tensors under their ids; written whole, then named. Raises UserError."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # as for any new file; safetensors lets the owner alone read its own
        _save({tensor: store.get(tensor) for tensor in tensors}, temporary)
        temporary.chmod(mode)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"the weights could not be written to '{path}': {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def read_header(path: Path) -> dict[str, Shape]:
    """The names and shapes in a safetensors file. Raises UserError."""
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= MOST_HEADER:
                raise ValueError("no header")
            header = json.loads(file.read(length))
        return {
            str(name): tuple(int(side) for side in entry["shape"])
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except FileNotFoundError:
        raise UserError(f"'{path}' is not there; put the file of weights back beside its network") from None
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"'{path}' is damaged, or no safetensors file; choose another") from None


def _read(filed: _Filed) -> Tensor:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(filed.path, "pt") as file:
            value: Tensor = file.get_tensor(filed.key)
    except (OSError, SafetensorError) as error:
        raise UserError(f"the weights in '{filed.path}' can no longer be read: {error}") from None
    if identify(value) != filed.key:
        raise UserError(f"the weights in '{filed.path}' are not what the network was saved with")
    return value


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    from safetensors.torch import save_file

    save_file(tensors, path)


def _sweep(folder: Path) -> None:
    """Remove what programs that were killed left behind."""
    long_ago = time.time() - _ABANDONED_AFTER
    for left in folder.glob(f"{_SPILL}*"):
        try:
            if left.stat().st_mtime < long_ago:
                rmtree(left, ignore_errors=True)
        except OSError:
            continue
