"""The project file `NAME.convnet`, and the copies of open networks that outlive a crash."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from explorer.network import atomic, schema
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.json_text import MOST_BYTES

ENDING = ".convnet"

_KIND = "convnet"
_COPY_ENDING = ".autosave"
_MOST_HEAD = 100_000


class Project(NamedTuple):
    """What a project file holds: the network, and the name of the file beside it that has its weights."""

    network: Network
    weights: str | None = None


def load(path: Path) -> Network:
    """The network in a project file. Raises UserError: what is wrong with it and on which line."""
    return load_project(path).network


def load_project(path: Path) -> Project:
    """What a project file holds. Raises UserError as `load` does."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"{path} could not be opened: {reason}.") from error
    return read_project(data, Path(path).name)


def save(path: Path, network: Network, weights: str | None = None) -> None:
    """Write the project file, all or nothing. Raises UserError, also where it could not be read back.

    `weights` is the name of the file beside it that holds the network's tensors, written before.
    """
    text = dumps(network, weights)
    loads(text, f"{network.name}, not saved")
    atomic.write(path, text.encode())


def dumps(network: Network, weights: str | None = None) -> str:
    """The text of the project file."""
    return schema.spell(network, _KIND, {} if weights is None else {"weights": weights})


def loads(text: str, name: str = "The file") -> Network:
    """The network in the text of a project file; `name` is how errors call it."""
    return read(text.encode("utf-8", "surrogatepass"), name)


def read(data: bytes, name: str) -> Network:
    """The network in the bytes of a project file."""
    return read_project(data, name).network


def read_project(data: bytes, name: str) -> Project:
    """What the bytes of a project file hold."""
    content = schema.decode(data, name, _KIND, schema.FileContent)
    return Project(schema.network_of(content, data, name), content.weights)


@dataclass(frozen=True)
class Recovered:
    """A network that was open when its window ended without closing it. `path` is its file, if it had one."""

    key: str
    network_name: str
    path: Path | None
    saved_at: datetime
    file: Path


class _Head(msgspec.Struct, frozen=True):
    """The first line of a copy; the text of the project file follows."""

    key: str
    name: str
    saved_at: datetime
    path: str | None = None


def autosave(folder: Path, key: str, network: Network, path: Path | None, weights: str | None = None) -> None:
    """Keep a copy of `network` under `key` in `folder`, in the place of the last one. Raises UserError.

    The folder is the caller's own, so that two windows do not meet; a person's file is never touched.
    """
    head = _Head(key, network.name, datetime.now(UTC), None if path is None else str(path))
    atomic.write(_copy(folder, key), msgspec.json.encode(head) + b"\n" + dumps(network, weights).encode())


def discard(folder: Path, key: str) -> None:
    """Forget the copy under `key`, if there is one."""
    with contextlib.suppress(OSError):
        _copy(folder, key).unlink()


def recoverable(folder: Path) -> list[Recovered]:
    """The copies in a folder, the newest first. What cannot be read is left out."""
    found = []
    for file in folder.glob(f"*{_COPY_ENDING}"):
        with contextlib.suppress(OSError, msgspec.MsgspecError, ValueError, UserError):
            head, body = _parts(file)
            read(body, head.name)
            path = None if head.path is None else Path(head.path)
            found.append(Recovered(head.key, head.name, path, head.saved_at.astimezone(UTC), file))
    return sorted(found, key=lambda one: one.saved_at, reverse=True)


def read_recovered(recovered: Recovered) -> Project:
    """What was kept. Raises UserError."""
    try:
        _, body = _parts(recovered.file)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise UserError(f"The copy of {recovered.network_name} can no longer be read.") from error
    return read_project(body, recovered.network_name)


def _copy(folder: Path, key: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", key):
        raise ValueError(f"{key!r} cannot name a copy")
    return folder / f"{key}{_COPY_ENDING}"


def _parts(file: Path) -> tuple[_Head, bytes]:
    with open(file, "rb") as stream:
        head = stream.readline(_MOST_HEAD)
        body = stream.read(MOST_BYTES + 1)
    return msgspec.json.decode(head, type=_Head), body
