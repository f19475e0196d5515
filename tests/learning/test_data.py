"""Data sets: the embedded one, folders of pictures, files on this disk, and downloads from a server here."""

from __future__ import annotations

import gzip
import hashlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from explorer.folders import cache_folder
from explorer.learning import downloads, picture_folder
from explorer.learning.data import listing, load
from explorer.learning.downloads import REMOTE, Archive, Remote
from explorer.network.errors import UserError
from explorer.tasks.job import Context, Mailbox, Progress, Stopped, StopToken


def paint(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (20, 16)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of ten and five pictures."""
    for index in range(10):
        paint(tmp_path / "set" / "red" / f"{index}.png", (200 + index, 0, 0))
    for index in range(5):
        paint(tmp_path / "set" / "blue" / f"{index}.png", (0, 0, 200 + index))
    return tmp_path / "set"


def test_the_sample() -> None:
    data = load("fashion-sample")
    assert data.input == (1, 28, 28)
    assert (len(data.train), len(data.validation), len(data.classes)) == (5000, 1000, 10)
    assert set(data.train.counts(10).tolist()) == {500}
    mean, deviation = data.scale
    values = data.train.pictures / 255
    assert mean == pytest.approx([values.mean()])
    assert deviation == pytest.approx([values.std()])


def test_a_folder_is_split_by_class(folder: Path) -> None:
    data = load(folder, shape=(3, 8, 8))
    assert data.classes == ("blue", "red")
    assert data.input == (3, 8, 8)
    assert data.train.counts(2).tolist() == [4, 8]
    assert data.validation.counts(2).tolist() == [1, 2]
    first = data.train.pictures[data.train.labels == 1][0]
    assert first[0].min() >= 200
    assert first[1:].max() == 0
    again, other = load(folder, shape=(3, 8, 8)), load(folder, shape=(3, 8, 8), seed=1)
    assert again.fingerprint == data.fingerprint != other.fingerprint


def test_a_folder_with_a_split_of_its_own(folder: Path, tmp_path: Path) -> None:
    for part in ("train", "val"):
        for name in ("a", "b"):
            paint(tmp_path / "own" / part / name / "1.png", (9, 9, 9))
    paint(tmp_path / "own" / "train" / "a" / "2.png", (9, 9, 9))
    data = load(tmp_path / "own", shape=(1, 8, 8))
    assert (len(data.train), len(data.validation)) == (3, 2)
    paint(tmp_path / "own" / "val" / "c" / "1.png", (9, 9, 9))
    with pytest.raises(UserError, match=r"classes that .* lacks: c"):
        load(tmp_path / "own")


def test_a_file_that_is_no_picture(folder: Path) -> None:
    (folder / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    with pytest.raises(UserError, match=r"broken\.png.*leave them out"):
        load(folder)
    data = load(folder, skip_unreadable=True)
    assert len(data.train) + len(data.validation) == 15
    assert len(data.skipped) == 1
    assert "broken.png" in data.skipped[0]


def test_pictures_that_do_not_fit_into_the_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(folder, shape=(3, 8, 8))
    monkeypatch.setattr(picture_folder, "IN_MEMORY", 100)
    mapped = load(folder, shape=(3, 8, 8))
    assert isinstance(mapped.train.pictures, np.memmap)
    assert mapped.fingerprint == whole.fingerprint


def test_a_folder_of_one_class(tmp_path: Path) -> None:
    paint(tmp_path / "one" / "a" / "1.png", (9, 9, 9))
    with pytest.raises(UserError, match="at least two"):
        load(tmp_path / "one")
    with pytest.raises(UserError, match="neither a data set"):
        load("fashion")


def test_stopping_while_a_folder_is_read(folder: Path) -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Stopped):
        load(folder, context=Context(Mailbox(lambda: None), token))


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """The four files of MNIST, packed, with a few pictures."""
    place, generator = tmp_path / "served", np.random.default_rng(3)
    place.mkdir()
    for name, count in (("train", 30), ("t10k", 12)):
        pictures = generator.integers(0, 256, (count, 28, 28), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        (place / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pictures)))
        (place / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return place


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(digits: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(digits))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


def remote(mirrors: tuple[str, ...], served: Path) -> Remote:
    """MNIST with the checksums of the files that are served."""
    known = REMOTE["mnist"]
    archives = tuple(
        Archive(one.file, hashlib.md5((served / one.file).read_bytes()).hexdigest()) for one in known.archives
    )
    return replace(known, mirrors=mirrors, archives=archives)


def test_files_on_this_disk(digits: Path) -> None:
    data = load("mnist", data_dir=digits)
    assert (data.input, len(data.train), len(data.validation)) == ((1, 28, 28), 30, 12)
    assert data.classes[7] == "7"
    here = {one.name: one.here for one in listing(digits)}
    assert (here.pop("cifar10"), here.pop("cifar100")) == (False, False)
    assert all(here.values())
    (digits / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(29, np.uint8))))
    with pytest.raises(UserError, match="don't belong together"):
        load("mnist", data_dir=digits)
    (digits / "train-labels-idx1-ubyte.gz").write_bytes(b"\x1f\x8bgarbage")
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte\.gz"):
        load("mnist", data_dir=digits)


def test_a_download(server: str, digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REMOTE, "mnist", remote(("http://127.0.0.1:9/", server), digits))
    told: list[Progress] = []

    class Kept(Mailbox):
        def put_latest(self, event: object) -> None:
            assert isinstance(event, Progress)
            told.append(event)

    data = load("mnist", context=Context(Kept(lambda: None), StopToken()))
    assert len(data.train) == 30
    assert told[-1].fraction == 1.0
    assert told[-1].message.startswith("MNIST (digits) (4 of 4)")
    raw = cache_folder() / "data" / "MNIST" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted(one.file for one in REMOTE["mnist"].archives)
    monkeypatch.setitem(REMOTE, "mnist", replace(REMOTE["mnist"], mirrors=()))
    assert load("mnist").fingerprint == data.fingerprint


def test_a_download_that_is_stopped(server: str, digits: Path, tmp_path: Path) -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Stopped):
        downloads.fetch(remote((server,), digits), tmp_path / "to", Context(Mailbox(lambda: None), token))
    assert list((tmp_path / "to").iterdir()) == []


def test_a_download_of_something_else(server: str, digits: Path, tmp_path: Path) -> None:
    wrong = replace(remote((server,), digits), archives=REMOTE["mnist"].archives)
    with pytest.raises(UserError, match="sent another file than expected"):
        downloads.fetch(wrong, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REMOTE, "cifar10", replace(REMOTE["cifar10"], mirrors=("http://127.0.0.1:9/",)))
    with pytest.raises(UserError) as caught:
        load("cifar10", data_dir=tmp_path)
    assert "could not be downloaded" in str(caught.value)
    assert "--data-dir" in str(caught.value)
    assert "fashion-sample" in str(caught.value)


def test_addresses_and_checksums_are_torchvisions() -> None:
    from torchvision import datasets

    for name in ("mnist", "fashion-mnist"):
        kind = getattr(datasets, REMOTE[name].kind)
        assert list(REMOTE[name].mirrors) == kind.mirrors
        assert [(one.file, one.md5) for one in REMOTE[name].archives] == kind.resources
    for name in ("cifar10", "cifar100"):
        kind = getattr(datasets, REMOTE[name].kind)
        (archive,) = REMOTE[name].archives
        assert (REMOTE[name].mirrors[0] + archive.file, archive.md5) == (kind.url, kind.tgz_md5)
