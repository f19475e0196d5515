"""Which encoders there are on this computer: the one that ships, dlib's, and those that were trained here.

Nothing here loads torch before an encoder is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.faces import calibration
from explorer.faces.calibration import Calibration
from explorer.faces.encoder import Encoder, SFace
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.network.graph import Network

TRAINED, DLIB = ".safetensors", ".dat"


@dataclass(frozen=True, eq=False)
class EncoderChoice:
    """One encoder. `make` and `network` are called beside the window: they may load torch.

    `threshold` is for one claimed person; `network` gives the network with its weights, for the canvas.
    """

    title: str
    version: str
    threshold: float
    make: Callable[[], Encoder]
    network: Callable[[], Network] | None = None

    @property
    def calibration(self) -> Calibration | None:
        """What its distances mean, where that was measured."""
        return calibration.BY_VERSION.get(self.version)

    @property
    def ships(self) -> bool:
        return self.version == SFace.version


def shipped() -> EncoderChoice:
    """SFace."""
    return EncoderChoice("SFace", SFace.version, calibration.SFACE.threshold, SFace, _sface_network)


def installed() -> tuple[EncoderChoice, ...]:
    """What ships, and dlib's ResNet where its package is installed."""
    from explorer.faces.dlib_encoder import installed_file

    path = installed_file()
    return (shipped(),) if path is None else (shipped(), _dlib(path))


def of_file(path: Path) -> EncoderChoice:
    """An encoder that was trained here and saved, or dlib's file. Reads it. Raises UserError."""
    if path.suffix.lower() == DLIB:
        from explorer.faces.dlib_encoder import read_weights

        read_weights(path)
        return _dlib(path)
    from explorer.faces.siamese_saved import load

    encoder = load(path)
    if not encoder.faces or encoder.threshold is None:
        raise UserError(f"'{path.name}' was not trained on faces, or not judged; choose another encoder")
    return EncoderChoice(
        path.stem, encoder.version, encoder.threshold, partial(load, path), encoder.weighted_network
    )


def _dlib(path: Path) -> EncoderChoice:
    from explorer.faces import dlib_encoder

    return EncoderChoice(
        "dlib ResNet",
        dlib_encoder.VERSION,
        calibration.DLIB.threshold,
        partial(dlib_encoder.DlibFace, path),
        partial(dlib_encoder.weighted_network, path),
    )


def _sface_network() -> Network:
    from explorer.faces.torch_encoder import weighted_sface

    return weighted_sface()
