"""dlib's encoder: its numbers found in its file, equal to dlib itself where that is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.faces.decision import distance
from explorer.faces.dlib_encoder import (
    DEVIATION,
    MEAN,
    DlibFace,
    _header,
    installed_file,
    read_weights,
    weighted_network,
)
from explorer.faces.pipeline import Reading
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.network.layers import BatchNorm
from explorer.zoo.dlib_face import dlib_face


def made_file(path: Path) -> dict[str, np.ndarray]:
    """A file laid out as dlib's, with small numbers in place of weights; and these numbers, flat."""
    network = dlib_face()
    inference = infer(network)
    chance, written, parts = np.random.default_rng(0), {}, [b"\x01\x01loss_metric_2"]
    for node in network.nodes.values():
        shapes = {one.name: one.shape for one in inference.results[node.id].tensors}
        if not shapes:
            continue
        count = sum(int(np.prod(shape)) for shape in shapes.values())
        flat = chance.normal(0, 0.05, count).astype("<f4")
        written[network.path(node.id)] = flat
        weight = shapes["weight"]
        parts += [_header(*weight[::-1]) if "bias" not in shapes else _header(count), flat.tobytes()]
        parts.append(b"\x01\x02" * chance.integers(3, 40))  # settings and empty tensors
    path.write_bytes(b"".join(parts))
    return written


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, np.ndarray]]:
    path = tmp_path_factory.mktemp("dlib") / "made.dat"
    return path, made_file(path)


def test_every_layer_finds_its_numbers(file: tuple[Path, dict[str, np.ndarray]]) -> None:
    path, written = file
    found = read_weights(path)
    network = dlib_face()
    inference = infer(network)
    for node in network.nodes.values():
        name = network.path(node.id)
        shapes = {one.name: one.shape for one in inference.results[node.id].tensors}
        assert {f"{name}.{each}": found[f"{name}.{each}"].shape for each in shapes} == {
            f"{name}.{each}": shape for each, shape in shapes.items()
        }
        if isinstance(node.layer, BatchNorm):
            assert (found[f"{name}.running_mean"] == 0).all()
    stem = found["conv.weight"].ravel(), found["conv.bias"]
    np.testing.assert_array_equal(np.concatenate(stem), written["conv"])
    np.testing.assert_array_equal(found["fc.weight"].T.ravel(), written["fc"])  # dlib has inputs by outputs


def test_an_encoder_and_a_network_with_its_weights(
    file: tuple[Path, dict[str, np.ndarray]], readings: dict[str, list[Reading]]
) -> None:
    encoder = DlibFace(file[0])
    chip = readings["Viktor"][0].chip
    careful = encoder.encode(chip)
    assert careful.shape == (128,)
    assert np.linalg.norm(careful) == pytest.approx(1, abs=1e-5)
    mirrored = encoder.encode(np.ascontiguousarray(chip[:, ::-1]))
    assert distance(careful, mirrored) < 0.05
    network = weighted_network(file[0])
    assert network.trained is not None
    assert network.trained.mean == MEAN
    counted = infer(network)
    assert all(network.nodes[node].tensors for node in network.nodes if counted.results[node].tensors)


@pytest.mark.parametrize("spoil", ["empty", "cut", "other", "nan", "large"])
def test_other_files(file: tuple[Path, dict[str, np.ndarray]], tmp_path: Path, spoil: str) -> None:
    path, data = tmp_path / "other.dat", bytearray(file[0].read_bytes())
    if spoil == "nan":
        within = 15 + len(_header(4736)) + 40  # of the first convolution's weights
        data[within : within + 4] = b"\x00\x00\xc0\x7f"
    elif spoil == "large":
        data += bytes(65 << 20)
    else:
        data = {"empty": bytearray(), "cut": data[:-200], "other": bytearray(9999)}[spoil]
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"other\.dat"):
        read_weights(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_weights(tmp_path / "none.dat")


def test_it_equals_dlib() -> None:
    dlib: Any = pytest.importorskip("dlib", reason="dlib-bin is in the group 'bench'")
    path = installed_file()
    if path is None:
        pytest.skip("dlib's weights come with the group 'bench'")
    import torch

    chip = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    theirs = np.array(dlib.face_recognition_model_v1(str(path)).compute_face_descriptor(chip))
    pixels = (chip.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.float32(DEVIATION)
    with torch.inference_mode():
        ours = DlibFace(path).module(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))
    assert isinstance(ours, torch.Tensor)
    np.testing.assert_allclose(ours[0].numpy(), theirs, atol=1e-5)
