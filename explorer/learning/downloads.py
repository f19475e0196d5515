"""MNIST, Fashion-MNIST and CIFAR: fetched with progress, checksum and a way to stop, or found on this disk.

Addresses and checksums are torchvision's, and files lie where torchvision looks for them. The archives come
through here and not through torchvision, whose download can neither be stopped nor tell how far it is.
"""

from __future__ import annotations

import gzip
import http.client
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.folders import cache_folder
from explorer.learning.data_set import DataInfo, DataSet, Split, fingerprint
from explorer.learning.samples import FASHION_CLASSES
from explorer.network.errors import UserError
from explorer.tasks.fetching import stream
from explorer.tasks.job import Context

_CIFAR = "https://www.cs.toronto.edu/~kriz/"
_MNIST = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
_FASHION = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
MOST_UNPACKED = 256 << 20
"""Bytes of an IDX file: five times those of the largest."""


@dataclass(frozen=True)
class Archive:
    """A file to fetch, and the MD5 that says it is the right one."""

    file: str
    md5: str


@dataclass(frozen=True)
class Remote:
    """A data set that is fetched. `kind` is the torchvision class that reads it, and its folder's name."""

    kind: str
    title: str
    mirrors: tuple[str, ...]
    archives: tuple[Archive, ...]
    bytes: int
    pictures: int
    classes: tuple[str, ...] | int
    input: tuple[int, int, int]


_IDX = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _idx(*sums: str) -> tuple[Archive, ...]:
    return tuple(Archive(f"{name}.gz", md5) for name, md5 in zip(_IDX, sums, strict=True))


REMOTE: dict[str, Remote] = {
    "mnist": Remote(
        "MNIST",
        "MNIST (digits)",
        _MNIST,
        _idx(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        11_594_722,
        70_000,
        tuple("0123456789"),
        (1, 28, 28),
    ),
    "fashion-mnist": Remote(
        "FashionMNIST",
        "Fashion-MNIST",
        _FASHION,
        _idx(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        30_878_645,
        70_000,
        FASHION_CLASSES,
        (1, 28, 28),
    ),
    "cifar10": Remote(
        "CIFAR10",
        "CIFAR-10",
        (_CIFAR,),
        (Archive("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a"),),
        170_498_071,
        60_000,
        10,
        (3, 32, 32),
    ),
    "cifar100": Remote(
        "CIFAR100",
        "CIFAR-100",
        (_CIFAR,),
        (Archive("cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85"),),
        169_001_437,
        60_000,
        100,
        (3, 32, 32),
    ),
}


def info(name: str, data_dir: Path | None = None) -> DataInfo:
    """What `explorer data` says of one."""
    remote = REMOTE[name]
    classes = remote.classes if isinstance(remote.classes, int) else len(remote.classes)
    here = any(_has(remote, folder) for folder in _places(remote, data_dir))
    return DataInfo(name, remote.title, here, remote.bytes, remote.pictures, classes, remote.input)


def load(name: str, data_dir: Path | None = None, context: Context | None = None) -> DataSet:
    """The set, from `data_dir` or our cache; fetched if it is not there. Raises UserError."""
    remote = REMOTE[name]
    folder = next((place for place in _places(remote, data_dir) if _has(remote, place)), None)
    if folder is None:
        folder = _places(remote, data_dir)[0]
        fetch(remote, folder, context)
    reader = _read_idx_folder if len(remote.archives) > 1 else _read_cifar
    classes, train, validation = reader(remote, folder)
    return DataSet(name, remote.title, classes, train, validation, fingerprint(classes, train, validation))


def _places(remote: Remote, data_dir: Path | None) -> tuple[Path, ...]:
    """Where the files may lie, the place to fetch them to first: as torchvision lays them out, or loose."""
    root = cache_folder() / "data" if data_dir is None else data_dir
    if len(remote.archives) > 1:
        return root / remote.kind / "raw", root
    return (root,)


def _has(remote: Remote, folder: Path) -> bool:
    return all(_found(folder, archive) is not None for archive in remote.archives)


def _found(folder: Path, archive: Archive) -> Path | None:
    """The file, packed or unpacked; of CIFAR the folder that torchvision unpacks."""
    unpacked = {
        "cifar-10-python.tar.gz": "cifar-10-batches-py",
        "cifar-100-python.tar.gz": "cifar-100-python",
    }
    for name in (unpacked.get(archive.file, archive.file.removesuffix(".gz")), archive.file):
        if (folder / name).exists():
            return folder / name
    return None


def fetch(remote: Remote, folder: Path, context: Context | None = None) -> None:
    """Fetch what is not there yet. A stop or a fault leaves whole files only. Raises UserError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"'{folder}' cannot be made: {error.strerror or error}; choose --data-dir") from None
    for number, archive in enumerate(remote.archives, 1):
        if _found(folder, archive) is None:
            part = f" ({number} of {len(remote.archives)})" if len(remote.archives) > 1 else ""
            _fetch_one(remote, archive, folder, context, f"{remote.title}{part}")


def _fetch_one(remote: Remote, archive: Archive, folder: Path, context: Context | None, what: str) -> None:
    faults = []
    for mirror in remote.mirrors:
        temporary = folder / f".{archive.file}.{os.getpid()}.part"
        try:
            md5 = stream(mirror + archive.file, temporary, context, what, "md5")
            if md5 == archive.md5:
                temporary.replace(folder / archive.file)
                return
            faults.append(f"{mirror} sent another file than expected")
        except (OSError, http.client.HTTPException) as error:
            faults.append(f"{mirror}: {getattr(error, 'reason', None) or error}")
        finally:
            temporary.unlink(missing_ok=True)
    raise UserError(
        f"{remote.title} could not be downloaded ({'; '.join(faults)}). Look at the network connection, name "
        "a folder that has the files (--data-dir), or take 'fashion-sample', which ships with the program"
    )


def _read_idx_folder(remote: Remote, folder: Path) -> tuple[tuple[str, ...], Split, Split]:
    arrays = [_read_idx(found) for archive in remote.archives if (found := _found(folder, archive))]
    for pictures, labels in (arrays[:2], arrays[2:]):
        if (
            pictures.ndim != 3
            or labels.ndim != 1
            or len(pictures) != len(labels)
            or labels.max(initial=0) > 9
        ):
            raise UserError(
                f"the files of {remote.title} in '{folder}' don't belong together; fetch them again"
            )
    splits = [Split(arrays[at][:, None], arrays[at + 1].astype(np.int64)) for at in (0, 2)]
    assert isinstance(remote.classes, tuple)
    return remote.classes, splits[0], splits[1]


def _read_idx(path: Path) -> NDArray[np.uint8]:
    """An array in the IDX format of the MNIST page: 0, 0, type (8: bytes), axes, lengths, values."""
    opener: Callable[..., gzip.GzipFile] = gzip.open if path.suffix == ".gz" else open  # type: ignore[assignment]
    try:
        with opener(path, "rb") as file:
            data = file.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"'{path}' cannot be read: {error}; fetch it again") from None
    if len(data) > MOST_UNPACKED:
        raise UserError(f"'{path}' unpacks to more than {MOST_UNPACKED >> 20} MiB; fetch it again")
    axes = data[3] if len(data) > 3 and data[:3] == b"\0\0\x08" else 0
    lengths = np.frombuffer(data[4 : 4 + 4 * axes], ">u4").astype(int)
    if not 1 <= axes <= 3 or len(lengths) != axes or len(data) - 4 - 4 * axes != int(np.prod(lengths)):
        raise UserError(f"'{path}' is damaged or not an IDX file; fetch it again")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(lengths)


def _read_cifar(remote: Remote, folder: Path) -> tuple[tuple[str, ...], Split, Split]:
    """Through torchvision, which checks the MD5 of every file before it unpickles it."""
    from torchvision import datasets

    kind = getattr(datasets, remote.kind)
    try:
        parts = [kind(folder, train=part, download=_only_packed(remote, folder)) for part in (True, False)]
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise UserError(
            f"{remote.title} in '{folder}' is damaged ({error}); remove it and fetch it again"
        ) from None
    splits = [
        Split(np.ascontiguousarray(part.data.transpose(0, 3, 1, 2)), np.array(part.targets, np.int64))
        for part in parts
    ]
    return tuple(map(str, parts[0].classes)), splits[0], splits[1]


def _only_packed(remote: Remote, folder: Path) -> bool:
    """Whether torchvision has to unpack the archive; it finds it there and fetches nothing."""
    found = _found(folder, remote.archives[0])
    return found is not None and found.name == remote.archives[0].file
