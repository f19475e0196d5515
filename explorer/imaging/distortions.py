"""Seven ways in which a picture of the same thing can be another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture


@dataclass(frozen=True)
class Kind:
    """One way: its field of `Distortion`, and from where to where it goes; `neutral` leaves pictures alone.

    `unit` is "%" for shares, "°", "×" or "px".
    """

    name: str
    title: str
    low: float
    high: float
    neutral: float
    unit: str

    def told(self, amount: float) -> str:
        """As people read it: `+12 %`, `−30°`, `× 0.8`, `1.5 px`."""
        if self.unit == "%":
            sign = "+" if self.low < 0 < amount else ""
            return f"{sign}{100 * amount:.0f} %".replace("-", "−")
        if self.unit == "°":
            return f"{amount:+.0f}°".replace("-", "−").replace("+0°", "0°")
        return f"× {amount:.2f}" if self.unit == "×" else f"{amount:.1f} px"

    def amounts(self, count: int) -> tuple[float, ...]:
        """Evenly from low to high, `neutral` among them."""
        step = (self.high - self.low) / (count - 1)
        before = max(0, round((self.neutral - self.low) / step))
        after = count - 1 - before
        left = np.linspace(self.low, self.neutral, before + 1)[:-1]
        right = np.linspace(self.neutral, self.high, after + 1)
        return tuple(float(one) for one in (*left, *right))


KINDS = (
    Kind("shift", "Shift", -0.3, 0.3, 0.0, "%"),
    Kind("turn", "Rotate", -90.0, 90.0, 0.0, "°"),
    Kind("scale", "Scale", 0.5, 1.6, 1.0, "×"),
    Kind("blur", "Blur", 0.0, 4.0, 0.0, "px"),
    Kind("noise", "Noise", 0.0, 0.6, 0.0, "%"),
    Kind("brightness", "Brightness", 0.2, 2.0, 1.0, "×"),
    Kind("cover", "Occlusion", 0.0, 0.8, 0.0, "%"),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class Distortion:
    """How much of each.

    `shift` to the right, in shares of the width; `turn` in degrees, counterclockwise; `scale` and
    `brightness` are factors; `blur` is the σ of a Gaussian in pixels of a picture 32 wide, so that it means
    the same at any size; `noise` is the σ of Gaussian noise in shares of white, the same noise each time;
    `cover` is the side of a grey square in the middle, in shares of the shorter side.
    """

    shift: float = 0.0
    turn: float = 0.0
    scale: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    brightness: float = 1.0
    cover: float = 0.0

    def with_amount(self, name: str, amount: float) -> Distortion:
        """The same with another amount of one kind."""
        return replace(self, **{name: amount})

    @property
    def neutral(self) -> bool:
        """Whether it leaves every picture as it is."""
        return all(getattr(self, one.name) == BY_NAME[one.name].neutral for one in fields(self))


def distort(picture: Picture, distortion: Distortion) -> Picture:
    """The picture, (H, W) or (H, W, 3) uint8, distorted: moved first, then blurred, lit, covered, noisy.

    What comes in from outside has the colour of the border: the median of its pixels.
    """
    height, width = picture.shape[:2]
    d = distortion
    made = picture
    if d.shift or d.turn or d.scale != 1:
        middle = ((width - 1) / 2, (height - 1) / 2)
        matrix = cv2.getRotationMatrix2D(middle, d.turn, d.scale)
        matrix[0, 2] += d.shift * width
        made = as_picture(
            cv2.warpAffine(
                made, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
                borderValue=ground(picture),
            )
        )  # fmt: skip
    if d.blur:
        sigma = d.blur * width / 32
        made = as_picture(cv2.GaussianBlur(made, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
    if d.brightness != 1:
        made = _bytes(made.astype(np.float32) * d.brightness)
    if d.cover:
        side = round(d.cover * min(height, width))
        top, left = (height - side) // 2, (width - side) // 2
        made = made.copy()
        made[top : top + side, left : left + side] = 128
    if d.noise:
        pattern = np.random.default_rng(0).standard_normal(made.shape).astype(np.float32)
        made = _bytes(made + 255 * d.noise * pattern)
    return made


def ground(picture: Picture) -> tuple[float, ...]:
    """The median colour of the outermost pixels."""
    edges: Sequence[Picture] = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    border = np.concatenate([one.reshape(len(one), -1) for one in edges])
    return tuple(float(one) for one in np.median(border, axis=0))


def _bytes(values: np.ndarray) -> Picture:
    made: Picture = np.rint(values).clip(0, 255).astype(np.uint8)
    return made
