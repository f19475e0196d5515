"""The one place that imports OpenCV: everything else writes `from explorer.media.opencv import cv2`.

opencv-python brings a Qt of its own and points Qt's plugin path at it on import, which a PySide6 window must
not see; and its log lines would stand between a person's own.
"""

from __future__ import annotations

import os

_PLUGINS = "QT_QPA_PLATFORM_PLUGIN_PATH"
_FONTS = "QT_QPA_FONTDIR"
_before = {name: os.environ.get(name) for name in (_PLUGINS, _FONTS)}
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value


def as_picture(array: NDArray[np.integer | np.floating]) -> NDArray[np.uint8]:
    """What OpenCV gives back, as the bytes that it is: OpenCV's own types can't tell. Nothing is copied."""
    if array.dtype != np.uint8:
        raise TypeError(f"a picture is uint8, not {array.dtype}")
    return array.view(np.uint8)


__all__ = ["as_picture", "cv2"]
