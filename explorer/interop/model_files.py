"""The two networks that ship: their files, checked before they are read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from explorer.assets import asset
from explorer.network.errors import UserError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of `assets/models`, its digest and what to name it in a gallery."""

    file: str
    sha256: str
    version: str


YUNET = ModelFile(
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "yunet-2023mar-int8bq",
)
SFACE = ModelFile(
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "sface-2021dec-int8bq",
)


@cache
def checked_bytes(model: ModelFile) -> bytes:
    """The file's content. Raises UserError when it is missing or not the file that was shipped."""
    path = asset("models", model.file)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise UserError(f"'{path}' is damaged (its SHA-256 is another); install ConvNet Explorer again.")
    return data
