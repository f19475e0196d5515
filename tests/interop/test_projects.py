"""Project files with weights: both or the old ones, adopted without reading, never lost to undo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer.interop import projects, tensors, weights
from explorer.interop.tensors import MissingTensor, TensorStore
from explorer.interop.torch_module import build
from explorer.network import project
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from tests.interop.test_weights import small

ROOT = Path(__file__).parents[2]


def weighted(seed: int = 7) -> Network:
    network = small()
    return apply(network, weights.of_module(network, build(network, seed=seed), Trained("a test")).edits)


def side_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def test_a_project_opens_with_its_weights_in_another_process(tmp_path: Path) -> None:
    network = weighted()
    projects.save(tmp_path / "net.convnet", network)
    (side,) = side_files(tmp_path)
    assert side.stat().st_mode == (tmp_path / "net.convnet").stat().st_mode  # who may read one may read both
    program = (
        "import sys; from pathlib import Path; from explorer.interop import projects, tensors\n"
        "network = projects.load(Path(sys.argv[1])); assert 'torch' not in sys.modules\n"
        "ids = projects.tensor_ids(network)\n"
        "print(len(ids), tensors.identify(tensors.STORE.get(ids[0])) == ids[0])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "net.convnet")],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert answer.stdout.split() == [str(len(projects.tensor_ids(network))), "True"]


def test_weights_that_nobody_names_any_more_go_and_undo_still_has_them(tmp_path: Path) -> None:
    path = tmp_path / "net.convnet"
    first, second = weighted(1), weighted(2)
    projects.save(path, first)
    (old,) = side_files(tmp_path)
    assert projects.bytes_to_write(path, first) == 0
    assert projects.bytes_to_write(path, second) > 1000
    store = TensorStore()
    store.adopt(old)
    projects.save(path, second)
    (new,) = side_files(tmp_path)
    assert new != old
    assert projects.load(path) == second
    projects.save(path, first)  # the store of this process still has them
    assert side_files(tmp_path) == [old]


def test_a_project_without_its_weights_opens_random(tmp_path: Path) -> None:
    path = tmp_path / "net.convnet"
    network = weighted(11)
    projects.save(path, network)
    (side,) = side_files(tmp_path)
    side.write_bytes(b"nonsense")
    assert projects.load(path) == network
    with pytest.raises(UserError, match="damaged, or no safetensors file"):
        TensorStore().adopt(side)


def test_the_file_names_no_file_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "net.convnet"
    projects.save(path, weighted())
    (side,) = side_files(tmp_path)
    text = path.read_text().replace(side.name, "../" + side.name)
    path.write_text(text)
    with pytest.raises(UserError, match="weights"):
        projects.load(path)


def test_autosaved_copies_keep_the_weights(tmp_path: Path) -> None:
    network = weighted(21)
    projects.autosave(tmp_path, "1", weighted(20), None)
    projects.autosave(tmp_path, "1", network, None)
    assert len(side_files(tmp_path)) == 1
    (found,) = project.recoverable(tmp_path)
    assert projects.read_recovered(found) == network
    projects.discard(tmp_path, "1")
    assert list(tmp_path.iterdir()) == [tmp_path / "home"] or list(tmp_path.iterdir()) == []


def test_the_store_spills_and_reads_back(isolated_home: Path) -> None:
    store = TensorStore(most_held=1000)
    values = [torch.full((100,), float(number)) for number in range(6)]
    values.append(torch.arange(50, dtype=torch.bfloat16))
    ids = [store.put(value) for value in values]
    assert list((isolated_home / "cache").glob("tensors-*/*.safetensors"))
    for tensor, value in zip(ids, values, strict=True):
        assert torch.equal(store.get(tensor), value)
        assert store.shape(tensor) == tuple(value.shape)
    assert store.put(values[0].clone()) == ids[0]
    with pytest.raises(MissingTensor):
        store.get("0" * 32)


def test_a_changed_file_of_weights_is_noticed(tmp_path: Path) -> None:
    store = TensorStore()
    tensor = store.put(torch.ones(4))
    tensors.write(tmp_path / "a.safetensors", [tensor], store)
    data = bytearray((tmp_path / "a.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "a.safetensors").write_bytes(data)
    other = TensorStore()
    other.adopt(tmp_path / "a.safetensors")
    with pytest.raises(UserError, match="not what the network was saved with"):
        other.get(tensor)
