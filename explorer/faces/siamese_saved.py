"""Trained encoders as files: safetensors whose header says, in JSON, what they are and what they can do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.faces.encoder import Embedding, unit
from explorer.faces.encoders import EncoderChoice
from explorer.media.pictures import Picture
from explorer.network.atomic import write
from explorer.network.errors import UserError
from explorer.network.project import dumps, loads

if TYPE_CHECKING:
    from explorer.faces.siamese import Training
    from explorer.faces.siamese_encoder import Trainable
    from explorer.network.graph import Network
    from explorer.network.operations import Change

FORMAT = "convnet-explorer-siamese/1"
ENDING = ".safetensors"
_LARGEST = 2 << 30
_HEADER = "convnet_explorer"


class TrainedEncoder:
    """An encoder that was trained here, as `encoder.Encoder` wants it. Each thread makes its own."""

    def __init__(
        self, trainable: Trainable, version: str, threshold: float | None, faces: bool, data: str
    ) -> None:
        """`faces`: whether it was trained on faces; `data` says on which pictures."""
        self.version, self.size, self.title = version, trainable.features, trainable.title
        self.threshold, self.faces, self.data = threshold, faces, data
        self.trainable = trainable
        trainable.module.eval()

    def encode(self, chip: Picture, careful: bool = True) -> Embedding:
        """As `encoder.SFace.encode`."""
        import torch

        chips = [chip, np.ascontiguousarray(chip[:, ::-1])] if careful else [chip]
        values = torch.from_numpy(np.stack([self.trainable.ready(one) for one in chips]))
        with torch.inference_mode():
            rows = self.trainable.module(values).numpy()
        return unit(rows.sum(axis=0).astype(np.float32))

    def weighted_network(self) -> Network:
        """The network with these weights, for the canvas. Raises UserError where there is none."""
        from explorer.faces.siamese_encoder import weighted

        return weighted(self.trainable, self.data)


@dataclass(frozen=True, eq=False)
class Trained:
    """The weights of a training at one moment, as the bytes of a file, and what to call them."""

    data: bytes
    version: str
    title: str
    threshold: float | None
    eer: float | None
    faces: bool

    def choice(self, threshold: float) -> EncoderChoice:
        """As Faces takes it, to verify at `threshold`."""
        title = f"{self.title} (trained here)"
        return EncoderChoice(title, self.version, threshold, self.encoder, self.weighted_network)

    def weighted_network(self) -> Network:
        """As `TrainedEncoder.weighted_network`."""
        return self.encoder().weighted_network()

    def change_for(self, network: Network) -> Change:
        """The edit that gives a network these weights, where they fit. Raises UserError."""
        from explorer.faces.siamese_encoder import change_for

        encoder = self.encoder()
        return change_for(encoder.trainable, network, encoder.data)

    def encoder(self) -> TrainedEncoder:
        """A fresh encoder with these weights."""
        return read(self.data, self.title)

    def save(self, path: Path) -> None:
        """Write the file. Raises UserError."""
        write(path, self.data)


def capture(training: Training) -> Trained:
    """What a training has reached. Ask between batches, or after the end."""
    from safetensors.numpy import save

    state = training.module.state_dict()
    tensors = {name: np.ascontiguousarray(value.detach().numpy().copy()) for name, value in state.items()}
    digest = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        digest.update(name.encode() + value.tobytes())
    version = f"siamese-{digest.hexdigest()[:12]}"
    encoder, settings = training.encoder, training.settings
    about: dict[str, Any] = {
        "format": FORMAT,
        "title": encoder.title,
        "version": version,
        "network": None if encoder.network is None else dumps(encoder.network),
        "data": training.pictures.title,
        "faces": training.pictures.faces,
        "threshold": training.threshold,
        "eer": training.eer,
        "epochs": training.epoch,
        "loss": settings.loss.value,
        "mining": settings.mining.value,
        "seed": settings.seed,
    }
    data = save(tensors, {_HEADER: json.dumps(about)})
    return Trained(data, version, encoder.title, training.threshold, training.eer, training.pictures.faces)


def load(path: Path) -> TrainedEncoder:
    """The encoder in a file. Raises UserError where it is none, or its weights don't fit its network."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"'{path}' is larger than {_LARGEST >> 30} GiB; choose another file")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    return read(data, str(path))


def read(data: bytes, name: str = "The file") -> TrainedEncoder:
    """As `load`, from bytes; `name` is what the messages call them."""
    from safetensors import SafetensorError
    from safetensors.torch import load as tensors_of

    about = _about(data, name)
    trainable = _trainable(about, name)
    try:
        trainable.module.load_state_dict(tensors_of(data))
    except (SafetensorError, RuntimeError):
        raise UserError(f"the weights in '{name}' are damaged or of another network; train again") from None
    threshold = about.get("threshold")
    return TrainedEncoder(
        trainable,
        str(about["version"]),
        float(threshold) if isinstance(threshold, int | float) else None,
        about.get("faces") is True,
        str(about.get("data", "")),
    )


def _about(data: bytes, name: str) -> dict[str, Any]:
    """The header: eight bytes of length, then JSON with our own JSON under `__metadata__`."""
    try:
        length = int.from_bytes(data[:8], "little")
        about = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_HEADER])
        if about["format"] == FORMAT and isinstance(about["version"], str):
            return dict(about)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise UserError(f"'{name}' is not an encoder that was trained here; choose a file of the Siamese lab")


def _trainable(about: dict[str, Any], name: str) -> Trainable:
    from explorer.faces.siamese_encoder import of_network, sface_head

    if about.get("network") is None:
        return sface_head()
    return of_network(loads(str(about["network"]), name))
