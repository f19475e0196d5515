"""dlib's ResNet as a second encoder, where its file is on this computer. It does not ship.

The file is `dlib_face_recognition_resnet_model_v1.dat` (King 2017, CC0), as the package
`face-recognition-models` brings it. Nothing of it is executed: the numbers of each layer are looked for in
the order of the zoo's `dlib-face`, and must all be there. Loads torch only when an encoder is made.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.faces.alignment import TEMPLATE, similarity
from explorer.faces.calibration import DLIB_VERSION
from explorer.faces.encoder import Embedding, unit
from explorer.faces.torch_encoder import loaded, weighted
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.inference import infer
from explorer.network.layers import BatchNorm
from explorer.zoo.dlib_face import dlib_face

FILE = "dlib_face_recognition_resnet_model_v1.dat"
VERSION = DLIB_VERSION
SIDE = 150
MEAN, DEVIATION = (122.782 / 255, 117.001 / 255, 104.298 / 255), 256 / 255
"""Of pixels from 0 to 1: dlib takes the mean of each channel away and divides by 256."""
EPS = 1e-5
DLIB_TEMPLATE = np.array(
    [(47.5, 45.9), (101.5, 45.9), (74.5, 78.3), (52.0, 102.7), (98.0, 102.7)], np.float32
)
"""Where YuNet's five points stand, in the mean, in the chips that dlib cuts with a padding of 0.25."""

_LARGEST = 64 << 20
_GAP = 1 << 16  # bytes between two layers, at most: settings and empty tensors


def installed_file() -> Path | None:
    """Dlib's file, where `face-recognition-models` is installed. Imports nothing of it."""
    spec = find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "models" / FILE
    return path if path.is_file() else None


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """The weights of the zoo's `dlib-face` by the path of a node and torch's name: `conv.weight`, ….

    What dlib calls affine is a batch normalisation that changes nothing else. Raises UserError for another
    file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"'{path}' is too large to be dlib's encoder; choose '{FILE}'")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    network = dlib_face()
    inference = infer(network)
    found: dict[str, NDArray[np.float32]] = {}
    place = 0
    for node in network.nodes.values():
        shapes = {one.name: one.shape for one in inference.results[node.id].tensors}
        if not shapes:
            continue
        name = network.path(node.id)
        weight = shapes["weight"]
        header = _header(*weight[::-1]) if "bias" not in shapes else _header(prod(weight) + weight[0])
        start = data.find(header, place, place + _GAP)
        count = prod(weight) + (weight[0] if "bias" in shapes else 0)
        place = start + len(header) + 4 * count
        if start < 0 or place > len(data):
            raise UserError(f"'{path}' is not dlib's encoder of faces, or damaged: {name} is missing")
        flat = np.frombuffer(data, "<f4", count, start + len(header))
        if not np.isfinite(flat).all():
            raise UserError(f"'{path}' is damaged: {name} has numbers that are none; get it again")
        if "bias" in shapes:
            found[f"{name}.weight"] = flat[: -weight[0]].reshape(weight)
            found[f"{name}.bias"] = flat[-weight[0] :]
        else:
            found[f"{name}.weight"] = np.ascontiguousarray(flat.reshape(weight[::-1]).T)
        if isinstance(node.layer, BatchNorm):
            found[f"{name}.running_mean"] = np.zeros(weight, np.float32)
            found[f"{name}.running_var"] = np.full(weight, 1 - EPS, np.float32)
    return found


def _header(samples: int, k: int = 1) -> bytes:
    """How dlib begins a tensor of (samples, k, 1, 1): version 2, then four sizes, each behind its length."""
    parts = []
    for number in (2, samples, k, 1, 1):
        raw = number.to_bytes((number.bit_length() + 7) // 8, "little")
        parts.append(bytes([len(raw)]) + raw)
    return b"".join(parts)


def weighted_network(path: Path) -> Network:
    """`dlib-face` with the weights of the file, for the canvas. Raises UserError for another file."""
    trained = Trained("faces, as dlib publishes its encoder", mean=MEAN, deviation=(DEVIATION,) * 3)
    return weighted(dlib_face(), read_weights(path), trained)


class DlibFace:
    """dlib's encoder on torch. Not to be used by two threads at once: each makes its own."""

    version = VERSION
    size = 128

    def __init__(self, path: Path) -> None:
        """Raises UserError for another file."""
        self.module = loaded(dlib_face(), read_weights(path))
        self._onto = similarity(TEMPLATE, DLIB_TEMPLATE)

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        """As `encoder.SFace.encode`."""
        import torch

        larger = as_picture(cv2.warpAffine(chip, self._onto, (SIDE, SIDE), flags=cv2.INTER_CUBIC))
        chips = np.stack([larger, larger[:, ::-1]]) if careful else larger[None]
        pixels = (chips.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.float32(DEVIATION)
        with torch.inference_mode():
            result = self.module(torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()))
        assert isinstance(result, torch.Tensor)
        lengths = result.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return unit((result / lengths).sum(0).numpy())
