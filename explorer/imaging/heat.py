"""Maps of heat laid over a picture, so that both can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.media.pictures import Picture

_WARM = np.array([(0, 0, 0), (120, 28, 109), (237, 105, 37), (252, 255, 164)], np.float32)
"""From nothing to most, dark to light, so that it can be read without colours."""
_AGAINST = np.array([47, 98, 224], np.float32)
_FOR = np.array([214, 69, 33], np.float32)


def rgb(picture: Picture) -> Picture:
    """(H, W, 3) of (H, W) or (H, W, 3)."""
    return np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture


def lay_over(picture: Picture, heat: NDArray[np.float32], strength: float = 0.7) -> Picture:
    """Heat from 0 to 1, (H, W), over a picture of that size; where there is none, the picture in dim grey."""
    share = np.clip(heat, 0, 1)[:, :, None]
    at = share[:, :, 0] * (len(_WARM) - 1)
    colour = np.stack([np.interp(at, range(len(_WARM)), _WARM[:, one]) for one in range(3)], axis=2)
    alpha = strength * np.sqrt(share)
    return _blended(_grey(picture), colour, alpha)


def lay_signed(picture: Picture, heat: NDArray[np.float32], strength: float = 0.8) -> Picture:
    """Heat from −1 to 1, (H, W), over a picture: red speaks for something, blue against it.

    The largest absolute value gets the whole strength.
    """
    scaled = heat / max(float(np.abs(heat).max()), 1e-30)
    colour = np.where(scaled[:, :, None] >= 0, _FOR, _AGAINST)
    return _blended(_grey(picture), colour, strength * np.abs(scaled)[:, :, None])


def _grey(picture: Picture) -> NDArray[np.float32]:
    values = rgb(picture).astype(np.float32)
    return np.repeat((values @ np.array([0.299, 0.587, 0.114], np.float32))[:, :, None], 3, axis=2)


def _blended(
    ground: NDArray[np.float32], colour: NDArray[np.floating], alpha: NDArray[np.floating]
) -> Picture:
    mixed = ground * 0.85 * (1 - alpha) + colour * alpha
    blended: Picture = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return blended
