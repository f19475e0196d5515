"""Pictures from files, read with limits, and made ready for a network.

A picture is a `uint8` array of shape (H, W, 3): RGB as stored, upright, opaque (alpha over white).
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from explorer.network.errors import UserError

Picture = NDArray[np.uint8]
Input = NDArray[np.float32]

FILE_LIMIT = 64 << 20
"""Bytes of a file."""
PIXEL_LIMIT = 100_000_000
"""Pixels that are decoded; a larger JPEG is decoded at half, a quarter or an eighth of its sides."""
JPEG_LIMIT = 1_600_000_000
"""Pixels of a JPEG that can be reduced while decoding: not of a progressive one, which is held whole."""
RESIZE_LIMIT = 25_000_000
"""Pixels of the resized picture before the crop; a longer strip is cropped first."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
"""What a file dialog offers. The content decides, not the name."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "GIF", "TIFF", "PPM")
"""What is decoded: nothing that runs another program (EPS). Phones' MPO files come as JPEG."""
_PLUGINS = (TiffImagePlugin, WebPImagePlugin)  # importing them registers the formats that Pillow loads late

logging.getLogger("PIL").setLevel(logging.CRITICAL)  # our one sentence says it
Image.MAX_IMAGE_PIXELS = JPEG_LIMIT  # Pillow's own check runs before ours and knows nothing of reducing

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


class Normalization(NamedTuple):
    """Subtracted from and divided by, channel by channel, on values in [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


IMAGENET = Normalization((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""What torchvision's ImageNet weights were trained with."""


def read_picture(path: Path | str) -> Picture:
    """The picture in a file, (H, W, 3) uint8 RGB. Raises `UserError` saying what is wrong with the file."""
    path = Path(path)
    try:
        if path.is_dir():
            raise UserError(f"'{path}' is a folder; name a picture in it")
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; check the name") from None
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    return decode_picture(data, str(path))


def decode_picture(data: bytes, name: str = "the picture") -> Picture:
    """As `read_picture`, from bytes; `name` is what the messages call it."""
    if not data:
        raise UserError(f"'{name}' is empty; choose another file")
    if len(data) > FILE_LIMIT:
        raise UserError(f"'{name}' is larger than {FILE_LIMIT >> 20} MiB; make it smaller first")
    with _refusing(name), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _limit(image, name)
        image.load()
        orientation = _orientation(image)  # now: of a TIFF, loading has turned it and taken the tag away
        upright = image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
        return np.ascontiguousarray(_rgb(upright))


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turns what Pillow raises over wrong or hostile files into one clear sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of size: our own limit follows; of odd metadata: not needed
            yield
    except UserError:
        raise
    except UnidentifiedImageError:
        kinds = "JPEG, PNG, WebP, BMP, GIF, TIFF or PPM"
        raise UserError(f"'{name}' is not a picture that can be read ({kinds}); convert it first") from None
    except (Image.DecompressionBombError, MemoryError):
        raise UserError(_too_large(name)) from None
    except Exception:
        # Decoders raise almost anything over a damaged file: OSError, SyntaxError, struct.error…
        what = "is damaged, incomplete or of an unusual kind"
        raise UserError(f"'{name}' {what}; save it again as PNG or choose another") from None


def _too_large(name: str) -> str:
    return f"'{name}' has more than {PIXEL_LIMIT // 1_000_000} million pixels; make it smaller first"


def _limit(image: Image.Image, name: str) -> None:
    """Refuses by the header, before anything is decoded; lets a JPEG be reduced while it is decoded."""
    width, height = image.size
    if width * height <= PIXEL_LIMIT:
        return
    progressive = image.info.get("progressive") or image.info.get("progression")
    if image.format not in ("JPEG", "MPO") or progressive or width * height > JPEG_LIMIT:
        raise UserError(_too_large(name))
    for factor in (2, 4, 8):
        if width * height <= PIXEL_LIMIT * factor * factor:
            image.draft(None, (width // factor, height // factor))
            break
    if image.size[0] * image.size[1] > PIXEL_LIMIT:
        raise UserError(_too_large(name))


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # broken EXIF in a picture that is otherwise fine
        return 1
    return value if isinstance(value, int) else 1


def _rgb(image: Image.Image) -> Picture:
    """(H, W, 3) uint8, whatever Pillow's mode."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return np.repeat(_eight_bits(np.asarray(image), image.mode)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return np.asarray(Image.alpha_composite(white, rgba).convert("RGB"))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _eight_bits(values: NDArray[np.generic], mode: str) -> Picture:
    """Grey values to 0–255, by the range they come in.

    Integers of 16 bits are divided by 257, floats in [0, 1] are shares of white, floats in [0, 255] stay;
    any other range is stretched from its least value to its most.
    """
    numbers = np.nan_to_num(values.astype(np.float32), nan=0.0)
    least, most = float(numbers.min()), float(numbers.max())
    whites = (1.0, 255.0) if mode == "F" else (65535.0,)
    low, high = next(((0.0, white) for white in whites if least >= 0 and most <= white), (least, most))
    scaled = (numbers - low) / (high - low) * 255 if high > low else numbers * 0
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def to_input(
    picture: Picture,
    channels: int,
    height: int,
    width: int,
    normalization: Normalization | None = None,
    crop: float | None = None,
) -> Input:
    """What a network sees of a picture: (channels, height, width) float32 in [0, 1], or normalised.

    As torchvision's eval transforms: the shorter side is resized (bilinear, antialiased) to the input's side
    over `crop`, and the centre is cut out. `crop` is 0.875 by default (256 → 224), and 1 for inputs under 128
    pixels, whose networks see whole pictures. One channel is ITU-R 601 luma. Raises `UserError` for channel
    counts that no picture has.
    """
    if channels not in (1, 3):
        raise UserError(f"the network's input has {channels} channels; a picture has 1 (grey) or 3 (RGB)")
    if normalization is not None and {len(normalization.mean), len(normalization.std)} != {channels}:
        raise ValueError(f"normalization for {len(normalization.mean)} channels on an input of {channels}")
    if crop is None:
        crop = 0.875 if min(height, width) >= 128 else 1.0
    image = Image.fromarray(np.ascontiguousarray(picture))
    if channels == 1:
        image = image.convert("L")
    values = np.asarray(_centre(image, height, width, crop), dtype=np.float32) / np.float32(255)
    values = values[None] if channels == 1 else values.transpose(2, 0, 1)
    if normalization is not None:
        mean = np.asarray(normalization.mean, dtype=np.float32)[:, None, None]
        std = np.asarray(normalization.std, dtype=np.float32)[:, None, None]
        values = (values - mean) / std
    return np.ascontiguousarray(values, dtype=np.float32)


def _centre(image: Image.Image, height: int, width: int, crop: float) -> Image.Image:
    scale = max(height / image.height, width / image.width) / crop
    if image.height * scale * image.width * scale > RESIZE_LIMIT:
        image = _shortened(image, height / scale / crop, width / scale / crop)
        scale = max(height / image.height, width / image.width) / crop
    # torchvision rounds the shorter side and cuts the other off; ours must not fall under the crop
    high, wide = image.height * scale, image.width * scale
    if high <= wide:
        high = round(high)
        wide = int(high * image.width / image.height)
    else:
        wide = round(wide)
        high = int(wide * image.height / image.width)
    high, wide = max(high, height), max(wide, width)
    resized = image.resize((wide, high), Image.Resampling.BILINEAR)
    top, left = round((high - height) / 2), round((wide - width) / 2)
    return resized.crop((left, top, left + width, top + height))


def _shortened(image: Image.Image, high: float, wide: float) -> Image.Image:
    """The centre of a long strip: what the crop can reach, so that resizing it stays small."""
    high, wide = min(image.height, max(1, round(high))), min(image.width, max(1, round(wide)))
    top, left = (image.height - high) // 2, (image.width - wide) // 2
    return image.crop((left, top, left + wide, top + high))
